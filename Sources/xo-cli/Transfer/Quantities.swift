import XOJSON

/// A number of bytes for people: `0 B`, `12.34 MiB`.
struct ByteCount: CustomStringConvertible {
    let bytes: Double

    var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = bytes
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(value.rounded(decimals: 2)) \(units[unit])"
    }
}

/// A length of time for people: `1h 2m 3.4s`, `350ms`.
struct TimeSpan: CustomStringConvertible {
    let seconds: Double

    var description: String {
        guard seconds >= 1 else { return "\((seconds * 1000).rounded(decimals: 0))ms" }
        // Nobody waits for years; and the conversion to whole minutes must not overflow.
        let tenths = Int(min(seconds, 1e9) * 10)
        let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60)
        let rest = (Double(tenths % 600) / 10).rounded(decimals: 1)
        var parts: [String] = []
        if hours > 0 { parts.append("\(hours)h") }
        if minutes > 0 { parts.append("\(minutes)m") }
        if rest != "0" || parts.isEmpty { parts.append("\(rest)s") }
        return parts.joined(separator: " ")
    }
}

extension Double {
    /// At most so many decimals, without zeros at the end.
    fileprivate func rounded(decimals: Int) -> String {
        let factor = (0..<decimals).reduce(1.0) { factor, _ in factor * 10 }
        return ((self * factor).rounded() / factor).ecmaScriptDescription
    }
}
