/// One series of a metric: what a plugin updates, from any thread, without a lock. It may outlive its registration.
///
/// An update that does not belong to the kind, or that would break the series (a counter made smaller, NaN), is ignored:
/// updates come from plugins' hot paths, where nobody would look at an error.
final class MetricSeries: Sendable {
    let kind: MetricKind
    /// Histograms: ascending upper bounds, without infinity.
    let buckets: [Double]
    /// The value of a counter or gauge, the sum of a histogram.
    private let value = AtomicDouble()
    /// Histograms: how many values fell between two bounds, the last one being infinity.
    private let counts: AtomicCounts

    init(kind: MetricKind, buckets: [Double]) {
        self.kind = kind
        self.buckets = buckets
        counts = AtomicCounts(count: kind == .histogram ? buckets.count + 1 : 0)
    }

    /// Counters and gauges. Counters only take finite amounts from 0 on.
    func add(_ amount: Double = 1) {
        switch kind {
        case .counter where amount >= 0 && amount.isFinite: value.add(amount)
        case .gauge: value.add(amount)
        default: break
        }
    }

    /// Gauges.
    func set(_ value: Double) {
        if kind == .gauge { self.value.store(value) }
    }

    /// Histograms. Values below 0 are ignored, because a histogram's sum is a counter.
    func observe(_ value: Double) {
        guard kind == .histogram, value >= 0, value.isFinite else { return }
        counts.increment(buckets.firstIndex { value <= $0 } ?? buckets.count)
        self.value.add(value)
    }

    func reading() -> MetricReading {
        guard kind == .histogram else { return .value(value.load()) }
        return .histogram(bounds: buckets, counts: counts.values(), sum: value.load())
    }
}
