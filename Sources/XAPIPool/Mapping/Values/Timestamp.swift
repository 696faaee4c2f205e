import XOJSON

/// Points in time, as XenServer and guests write them.
enum Timestamp {
    /// Seconds since the epoch; `null` for what is absent, unreadable or the epoch itself, which stands for "never".
    static func seconds(_ value: RawJSON?) -> JSON {
        guard let value else { return .null }
        guard let text = value.string else { return orNull(value.number) }
        return orNull(Double(text.trimmed) ?? calendar(text))
    }

    private static func orNull(_ seconds: Double?) -> JSON {
        guard let seconds, seconds != 0, seconds.isFinite else { return .null }
        return JSON(seconds)
    }

    /// `YYYYMMDDTHH:MM:SS` and `Z` or an offset such as `+01:00`.
    static func calendar(_ text: String) -> Double? {
        let text = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= text.count else { return nil }
            var value = 0
            for byte in text[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard text.count > 17, text[8] == UInt8(ascii: "T"), text[11] == UInt8(ascii: ":"),
            text[14] == UInt8(ascii: ":"),
            let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
            let hour = number(9..<11), let minute = number(12..<14), let second = number(15..<17),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let offset: Int
        switch (text[17], text.count) {
        case (UInt8(ascii: "Z"), 18): offset = 0
        case (UInt8(ascii: "+"), 23), (UInt8(ascii: "-"), 23):
            guard let hours = number(18..<20), text[20] == UInt8(ascii: ":"), let minutes = number(21..<23) else {
                return nil
            }
            offset = (hours * 60 + minutes) * 60 * (text[17] == UInt8(ascii: "-") ? -1 : 1)
        default: return nil
        }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        return Double(days * 86_400 + hour * 3_600 + minute * 60 + second - offset)
    }

    /// Counts in years that begin in March, so that the leap day comes last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year >= 0 ? year / 400 : (year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
