/// What a metric is.
enum MetricKind: String, Sendable {
    /// A number that only grows.
    case counter
    /// A number that goes up and down.
    case gauge
    /// How often values fell below each of several bounds, and their sum.
    case histogram
    /// Facts that do not change, as labels.
    case info

    /// What OpenMetrics appends to the family's name for its samples.
    var sampleSuffixes: [String] {
        switch self {
        case .counter: ["_total", "_created"]
        case .gauge: [""]
        case .histogram: ["_bucket", "_count", "_sum", "_created"]
        case .info: ["_info"]
        }
    }
}
