import Synchronization

/// All metrics of the host and its plugins.
///
/// Threads: everything may be called from all. Defining and reading take a lock; updating a series does not.
final class MetricRegistry: Sendable {
    /// Who owns the host's own metrics.
    static let host = "host"

    private struct State {
        var families: [String: MetricFamily] = [:]
        /// Which family uses a sample's name.
        var claims: [String: String] = [:]
        var seriesByOwner: [String: Int] = [:]
    }

    private let maximumSeriesPerOwner: Int
    private let state = Mutex(State())

    init(maximumSeriesPerOwner: Int = 1000) { self.maximumSeriesPerOwner = maximumSeriesPerOwner }

    /// A series to be updated. The same name and labels give the same series.
    ///
    /// - Parameters:
    ///   - name: without `_total`; its end is the unit (`xo_calls`, `pool_answer_seconds`).
    ///   - buckets: histograms only: ascending upper bounds, without infinity.
    ///   - owner: whose series this is; it lasts until ``remove(owner:)``.
    /// - Throws: if the definition breaks a rule, contradicts an earlier one, or exceeds the owner's number of series.
    func define(
        _ kind: MetricKind, name: String, help: String, labels: [String: String] = [:], buckets: [Double] = [],
        owner: String
    ) throws(MetricError) -> MetricSeries {
        let family = MetricFamily(name: name, kind: kind, help: help, buckets: buckets)
        let source = try register(
            .series(MetricSeries(kind: kind, buckets: buckets)), in: family, labels: labels, owner: owner)
        guard case .series(let series) = source else { throw MetricRegistry.taken(name, labels, by: owner) }
        return series
    }

    /// A gauge of the host that is computed when somebody looks. `read` must be quick and may be called from any thread.
    func gauge(
        _ name: String, _ help: String, labels: [String: String] = [:], _ read: @escaping @Sendable () -> Double
    ) throws(MetricError) {
        try compute(.gauge, name, help, labels: labels, owner: MetricRegistry.host) { .value(read()) }
    }

    /// A series of any kind whose numbers are computed when somebody looks. A second one with the same name and labels
    /// is an error.
    func compute(
        _ kind: MetricKind, _ name: String, _ help: String, labels: [String: String] = [:], buckets: [Double] = [],
        owner: String, _ read: @escaping @Sendable () -> MetricReading
    ) throws(MetricError) {
        let family = MetricFamily(name: name, kind: kind, help: help, buckets: buckets)
        try register(.computed(read), in: family, labels: labels, owner: owner)
    }

    /// Forgets all series of `owner`.
    func remove(owner: String) {
        state.withLock { state in
            guard state.seriesByOwner.removeValue(forKey: owner) != nil else { return }
            for (name, var family) in state.families where family.series.values.contains(where: { $0.owner == owner }) {
                family.series = family.series.filter { $0.value.owner != owner }
                if family.series.isEmpty {
                    state.families[name] = nil
                    for claim in family.claimedNames { state.claims[claim] = nil }
                } else {
                    state.families[name] = family
                }
            }
        }
    }

    /// Everything in the text format of OpenMetrics 1.0, whose media type is ``OpenMetricsWriter/contentType``.
    func openMetricsText() -> [UInt8] {
        // Computed series are read without the lock: they may take other locks.
        let families = state.withLock { Array($0.families.values) }
        return OpenMetricsWriter.text(of: families.sorted { $0.name < $1.name })
    }

    // MARK: -

    /// Adds `source`, or returns what is registered under these labels already.
    @discardableResult
    private func register(
        _ source: MetricFamily.Source, in definition: MetricFamily, labels: MetricFamily.Labels, owner: String
    ) throws(MetricError) -> MetricFamily.Source {
        try MetricRules.check(
            name: definition.name, help: definition.help, labels: labels, kind: definition.kind,
            buckets: definition.buckets)
        return try state.withLock { (state) throws(MetricError) in
            var family = state.families[definition.name] ?? definition
            try MetricRegistry.checkAgreement(of: definition, with: family)
            for claim in definition.claimedNames {
                guard let other = state.claims[claim], other != definition.name else { continue }
                throw MetricError(
                    "metric '\(definition.name)' would show samples named '\(claim)', which is taken by metric '\(other)'"
                )
            }
            if let existing = family.series[labels] {
                guard existing.owner == owner, case (.series, .series) = (existing.source, source) else {
                    throw MetricRegistry.taken(definition.name, labels, by: existing.owner)
                }
                return existing.source
            }
            let count = state.seriesByOwner[owner, default: 0]
            guard count < maximumSeriesPerOwner else {
                throw MetricError(
                    """
                    metric '\(definition.name)': '\(owner)' has \(count) series already, which is the limit; use labels \
                    with few different values
                    """)
            }
            family.series[labels] = MetricFamily.Series(owner: owner, source: source)
            state.families[definition.name] = family
            state.seriesByOwner[owner] = count + 1
            for claim in definition.claimedNames { state.claims[claim] = definition.name }
            return source
        }
    }

    private static func checkAgreement(of new: MetricFamily, with old: MetricFamily) throws(MetricError) {
        func clash(_ what: String, _ new: String, _ there: String) -> MetricError {
            MetricError("metric '\(old.name)' is there already with another \(what): '\(there)', not '\(new)'")
        }
        guard new.kind == old.kind else { throw clash("kind", new.kind.rawValue, old.kind.rawValue) }
        guard new.help == old.help else { throw clash("help text", new.help, old.help) }
        guard new.buckets == old.buckets else { throw clash("list of buckets", "\(new.buckets)", "\(old.buckets)") }
    }

    private static func taken(_ name: String, _ labels: MetricFamily.Labels, by owner: String) -> MetricError {
        MetricError("metric '\(name)': a series with the labels \(labels) is there already, owned by '\(owner)'")
    }
}
