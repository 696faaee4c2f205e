import XOJSON

/// Writes the text format of OpenMetrics 1.0.
enum OpenMetricsWriter {
    static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    static func text(of families: [MetricFamily]) -> [UInt8] {
        var text = ""
        for family in families { write(family, to: &text) }
        text += "# EOF\n"
        return Array(text.utf8)
    }

    private static func write(_ family: MetricFamily, to text: inout String) {
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        if let unit = family.unit { text += "# UNIT \(family.name) \(unit)\n" }
        text += "# HELP \(family.name) \(escaped(family.help))\n"
        let series = family.series.map { (labels: written($0.key), source: $0.value.source) }
        for (labels, source) in series.sorted(by: { $0.labels < $1.labels }) {
            write(source.reading(), of: family, labels, to: &text)
        }
    }

    private static func write(
        _ reading: MetricReading, of family: MetricFamily, _ labels: String, to text: inout String
    ) {
        func sample(_ suffix: String, _ labels: String, _ value: String) {
            text += "\(family.name)\(suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
        }
        switch reading {
        case .value(let value):
            sample(family.kind.sampleSuffixes[0], labels, number(value))
        case .histogram(let bounds, let counts, let sum):
            var total: UInt64 = 0
            for (bound, count) in zip(bounds + [.infinity], counts) {
                total += count
                // A bound keeps its point, so that every reader and every host writes the same label.
                let le = "le=\"\(bound == .infinity ? "+Inf" : bound.description)\""
                sample("_bucket", labels.isEmpty ? le : "\(labels),\(le)", String(total))
            }
            sample("_count", labels, String(total))
            sample("_sum", labels, number(sum))
        }
    }

    private static func written(_ labels: MetricFamily.Labels) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.ecmaScriptDescription
    }

    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": result.append(contentsOf: ["\\", scalar])
            case "\n": result.append(contentsOf: ["\\", "n"])
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
