import Synchronization

/// How long calls took: cheap enough to be fed with every call, and precise to about an eighth.
///
/// Each power of two of nanoseconds, from 1 µs to 69 s, is divided into four buckets; there is one more bucket for what
/// is shorter and one for what is longer.
final class LatencyHistogram: Sendable {
    private static let firstExponent = 10
    private static let lastExponent = 36
    private static let bucketCount = 4 * (lastExponent - firstExponent) + 2

    private let counts = AtomicCounts(count: bucketCount)
    private let sum = Atomic<UInt64>(0)
    private let maximum = Atomic<UInt64>(0)

    /// Any thread; a few nanoseconds.
    func record(nanoseconds: UInt64) {
        counts.increment(LatencyHistogram.bucket(of: nanoseconds))
        sum.wrappingAdd(nanoseconds, ordering: .relaxed)
        // Written only by the rare call that is slower than all before.
        if nanoseconds > maximum.load(ordering: .relaxed) { maximum.max(nanoseconds, ordering: .relaxed) }
    }

    func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return }
        // More than an hour is only told as more than an hour.
        record(nanoseconds: UInt64(min(seconds, 3600)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000))
    }

    func snapshot() -> Snapshot {
        Snapshot(
            counts: counts.values(), sumNanoseconds: sum.load(ordering: .relaxed),
            maximumNanoseconds: maximum.load(ordering: .relaxed))
    }

    private static func bucket(of nanoseconds: UInt64) -> Int {
        let exponent = 63 - (nanoseconds | 1).leadingZeroBitCount
        if exponent < firstExponent { return 0 }
        if exponent >= lastExponent { return bucketCount - 1 }
        return 1 + 4 * (exponent - firstExponent) + Int(nanoseconds >> (exponent - 2) & 3)
    }

    /// The least number of nanoseconds that falls into this bucket.
    private static func lowerBound(of bucket: Int) -> Double {
        guard bucket > 0 else { return 0 }
        let (octave, quarter) = (bucket - 1).quotientAndRemainder(dividingBy: 4)
        return Double((4 + UInt64(quarter)) << (firstExponent + octave - 2))
    }
}

extension LatencyHistogram {
    /// What was recorded up to one moment. All times are seconds.
    struct Snapshot: Sendable {
        fileprivate let counts: [UInt64]
        fileprivate let sumNanoseconds: UInt64
        fileprivate let maximumNanoseconds: UInt64

        var count: UInt64 { counts.reduce(0, +) }
        var sum: Double { Double(sumNanoseconds) / 1e9 }
        var maximum: Double { Double(maximumNanoseconds) / 1e9 }

        /// The time that this fraction of all calls did not exceed, estimated; `nil` before the first call.
        /// - Parameter fraction: 0.5 for the median.
        func percentile(_ fraction: Double) -> Double? {
            let count = count
            guard count > 0 else { return nil }
            let rank = min(max(fraction, 0), 1) * Double(count)
            var below = 0.0
            for (bucket, calls) in counts.enumerated() where calls > 0 {
                let calls = Double(calls)
                if below + calls >= rank {
                    let lower = LatencyHistogram.lowerBound(of: bucket)
                    let upper = bucket + 1 < counts.count ? LatencyHistogram.lowerBound(of: bucket + 1) : .infinity
                    // No call took longer than the slowest.
                    let end = max(lower, min(upper, Double(maximumNanoseconds)))
                    return (lower + (end - lower) * (rank - below) / calls) / 1e9
                }
                below += calls
            }
            return maximum
        }
    }

    /// The bounds of ``reading()``: every second power of two of nanoseconds, in seconds.
    static let metricBuckets = stride(from: firstExponent, through: lastExponent, by: 2)
        .map { Double(UInt64(1) << $0) / 1e9 }

    /// For ``MetricRegistry/compute(_:_:_:labels:buckets:owner:_:)``, so that one recording serves both.
    func reading() -> MetricReading {
        let snapshot = snapshot()
        var coarse = [snapshot.counts[0]]
        for start in stride(from: 1, to: snapshot.counts.count, by: 8) {
            coarse.append(snapshot.counts[start..<min(start + 8, snapshot.counts.count)].reduce(0, +))
        }
        return .histogram(bounds: LatencyHistogram.metricBuckets, counts: coarse, sum: snapshot.sum)
    }
}
