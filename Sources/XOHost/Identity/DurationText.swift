/// Durations as people and clients write them: `2 hours`, `30 days`, `1.5d`, `90` (milliseconds).
///
/// The grammar is that of the npm package `ms`, which clients of the network API know: an optional sign, a decimal
/// number, spaces, and a unit or none; case does not matter.
enum DurationText {
    private static let second = 1000.0
    private static let minute = 60 * second
    private static let hour = 60 * minute
    private static let day = 24 * hour

    /// Milliseconds; `nil` if the text is no duration. Never infinite; may be negative.
    static func milliseconds(_ text: String) -> Double? {
        guard (1...100).contains(text.utf8.count) else { return nil }
        let digits = Set("0123456789")
        let sign = text.first == "-" ? -1.0 : 1.0
        var rest = text.first == "-" ? text.dropFirst() : text[...]
        let whole = rest.prefix(while: digits.contains)
        rest = rest.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: digits.contains)
            // "1." is no number in this grammar, ".5" is.
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
        guard let number = Double("\(whole.isEmpty ? "0" : whole).\(fraction.isEmpty ? "0" : fraction)"),
            let factor = factor(of: rest.drop { $0 == " " }.lowercased())
        else { return nil }
        return sign * number * factor
    }

    private static func factor(of unit: String) -> Double? {
        switch unit {
        case "", "ms", "msec", "msecs", "millisecond", "milliseconds": 1
        case "s", "sec", "secs", "second", "seconds": second
        case "m", "min", "mins", "minute", "minutes": minute
        case "h", "hr", "hrs", "hour", "hours": hour
        case "d", "day", "days": day
        case "w", "week", "weeks": 7 * day
        case "y", "yr", "yrs", "year", "years": 365.25 * day
        default: nil
        }
    }
}
