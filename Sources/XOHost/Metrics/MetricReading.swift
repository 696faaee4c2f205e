/// What a series shows at one moment.
enum MetricReading: Sendable, Hashable {
    case value(Double)
    /// `counts` has one element more than `bounds`: what lies above the last bound.
    case histogram(bounds: [Double], counts: [UInt64], sum: Double)
}
