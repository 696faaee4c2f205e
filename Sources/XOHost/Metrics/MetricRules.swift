/// What a definition must be like, by the rules of OpenMetrics and to keep memory bounded.
enum MetricRules {
    static let maximumTextLength = 1024
    static let maximumLabels = 16
    static let maximumBuckets = 64

    static func check(
        name: String, help: String, labels: MetricFamily.Labels, kind: MetricKind, buckets: [Double]
    ) throws(MetricError) {
        guard isName(name, extra: ":") else {
            throw MetricError(
                "metric name '\(name.prefix(100))': expected letters, digits and _, no digit first, at most 200 characters"
            )
        }
        for suffix in ["_total", "_created", "_bucket"] where name.hasSuffix(suffix) {
            throw MetricError("metric name '\(name)': leave out '\(suffix)', which is added where it belongs")
        }
        guard !help.isEmpty, help.utf8.count <= maximumTextLength else {
            throw MetricError("metric '\(name)': expected a help text of 1 to \(maximumTextLength) bytes")
        }
        try check(labels: labels, of: name, kind: kind)
        try check(buckets: buckets, of: name, kind: kind)
    }

    private static func check(labels: MetricFamily.Labels, of name: String, kind: MetricKind) throws(MetricError) {
        guard labels.count <= maximumLabels else {
            throw MetricError("metric '\(name)' has \(labels.count) labels, at most \(maximumLabels) are allowed")
        }
        for (label, value) in labels {
            guard isName(label), !label.hasPrefix("__"), !(kind == .histogram && label == "le") else {
                throw MetricError(
                    """
                    metric '\(name)', label '\(label.prefix(100))': expected letters, digits and _, no digit and not \
                    __ first\(kind == .histogram ? ", and not 'le'" : "")
                    """)
            }
            guard value.utf8.count <= maximumTextLength else {
                throw MetricError("metric '\(name)': the value of label '\(label)' exceeds \(maximumTextLength) bytes")
            }
        }
    }

    private static func check(buckets: [Double], of name: String, kind: MetricKind) throws(MetricError) {
        guard kind == .histogram else {
            if buckets.isEmpty { return }
            throw MetricError("metric '\(name)': a \(kind.rawValue) has no buckets")
        }
        let isAscending = zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }
        guard (1...maximumBuckets).contains(buckets.count), isAscending,
            buckets.allSatisfy({ $0 >= 0 && $0.isFinite })
        else {
            throw MetricError(
                """
                metric '\(name)': expected 1 to \(maximumBuckets) buckets, ascending finite bounds from 0 on \
                (infinity is added)
                """)
        }
    }

    private static func isName(_ text: String, extra: Unicode.Scalar? = nil) -> Bool {
        guard let first = text.unicodeScalars.first, !("0"..."9").contains(first), text.utf8.count <= 200 else {
            return false
        }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            default: scalar == extra
            }
        }
    }
}
