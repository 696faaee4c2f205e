/// All series of one name.
struct MetricFamily: Sendable {
    typealias Labels = [String: String]

    struct Series: Sendable {
        let owner: String
        let source: Source
    }

    /// Where a series' numbers come from.
    enum Source: Sendable {
        case series(MetricSeries)
        case computed(@Sendable () -> MetricReading)

        func reading() -> MetricReading {
            switch self {
            case .series(let series): series.reading()
            case .computed(let read): read()
            }
        }
    }

    let name: String
    let kind: MetricKind
    let help: String
    let buckets: [Double]
    var series: [Labels: Series] = [:]

    /// The names under which samples of this family appear, and its own, which no other family may use.
    var claimedNames: Set<String> { Set(kind.sampleSuffixes.map { name + $0 } + [name]) }

    /// OpenMetrics wants the unit told apart, if the name ends in one: base units only.
    var unit: String? {
        let end = name.split(separator: "_").last.map(String.init) ?? ""
        return MetricFamily.units.contains(end) && name.hasSuffix("_" + end) && kind != .info ? end : nil
    }

    private static let units: Set = [
        "seconds", "bytes", "ratio", "celsius", "volts", "amperes", "joules", "watts", "hertz",
    ]
}
