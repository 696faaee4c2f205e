#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Dates as XAPI sends them: `20240131T12:34:56Z`, UTC, to the second.
enum Timestamp {
    /// A date that was never set.
    static let never = "19700101T00:00:00Z"

    /// Seconds since the epoch.
    static var currentSeconds: Int { time(nil) }

    static var now: String { text(currentSeconds) }

    static func text(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return never }
        func pad(_ value: Int32, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return pad(parts.tm_year + 1900, 4) + pad(parts.tm_mon + 1) + pad(parts.tm_mday) + "T"
            + pad(parts.tm_hour) + ":" + pad(parts.tm_min) + ":" + pad(parts.tm_sec) + "Z"
    }

    /// Accepts the date part with and without hyphens, and a missing zone as UTC; `nil` for anything else.
    static func normalized(_ text: String) -> String? {
        var compact = text.filter { $0 != "-" }
        if compact.last != "Z" { compact += "Z" }
        let shape = compact.map { $0.isASCII && $0.isNumber ? "0" : $0 }
        return String(shape) == "00000000T00:00:00Z" ? compact : nil
    }
}
