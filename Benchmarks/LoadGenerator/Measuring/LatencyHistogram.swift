import XOJSON

/// Counts durations in buckets whose width is at most 1/64 of what they hold, so percentiles are right to 2 %.
struct LatencyHistogram {
    private static let fraction = 6
    private var counts = [Int](repeating: 0, count: (64 - fraction) << fraction)
    private(set) var count = 0
    private var longest: Int64 = 0

    mutating func record(nanoseconds: Int64) {
        counts[Self.bucket(of: UInt64(max(0, nanoseconds)))] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    /// Nanoseconds that `share` (0 to 1) of all durations do not exceed.
    func percentile(_ share: Double) -> Int64 {
        let wanted = Int((Double(count) * share).rounded(.up))
        var seen = 0
        for (bucket, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= wanted { return min(longest, Self.upperBound(of: bucket)) }
        }
        return longest
    }

    /// In microseconds.
    var summary: JSON {
        func microseconds(_ nanoseconds: Int64) -> JSON { .number(Double(nanoseconds) / 1000) }
        return [
            "p50": microseconds(percentile(0.5)), "p90": microseconds(percentile(0.9)),
            "p99": microseconds(percentile(0.99)), "p999": microseconds(percentile(0.999)),
            "longest": microseconds(longest),
        ]
    }

    private static func bucket(of value: UInt64) -> Int {
        let exponent = max(0, 64 - value.leadingZeroBitCount - fraction - 1)
        return exponent << fraction + Int(value >> UInt64(exponent))
    }

    private static func upperBound(of bucket: Int) -> Int64 {
        let exponent = max(0, bucket >> fraction - 1)
        return Int64(bucket - exponent << fraction + 1) << Int64(exponent) - 1
    }
}
