/// Instants of SAML messages: milliseconds since 1970.
public enum SAMLTime {
    /// Reads an `xs:dateTime` with a time zone (XML Schema Part 2, §3.2.7), such as `2026-11-26T09:30:10.5Z`.
    ///
    /// - Returns: `nil` for anything else: a date that is guessed at is no protection.
    public static func parse(_ text: String) -> Int64? {
        var rest = Substring(text).utf8
        func number(_ digits: Int) -> Int64? {
            let part = rest.prefix(digits)
            guard part.count == digits, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            return part.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func take(_ character: Character) -> Bool {
            guard rest.first == character.asciiValue else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), year >= 1, take("-"), let month = number(2), take("-"), let day = number(2),
            take("T"),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            (1...12).contains(month), (1...length(month, year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var milliseconds: Int64 = 0
        if take(".") {
            let fraction = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...12).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(fraction.count)
            for index in 0..<3 {
                let digit =
                    index < fraction.count ? fraction[fraction.index(fraction.startIndex, offsetBy: index)] : 0x30
                milliseconds = milliseconds * 10 + Int64(digit - 0x30)
            }
        }
        var offset: Int64 = 0
        if !take("Z") {
            let isWest = rest.first == UInt8(ascii: "-")
            guard take("+") || take("-"), let hours = number(2), take(":"), let minutes = number(2), hours <= 14,
                minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second
        return seconds * 1000 + milliseconds
    }

    /// The text of an instant, to the second, as messages carry it.
    public static func text(_ milliseconds: Int64) -> String {
        let seconds = milliseconds.quotientAndRemainder(dividingBy: 1000).quotient
        var (day, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if rest < 0 { (day, rest) = (day - 1, rest + 86_400) }
        let (year, month, dayOfMonth) = date(day)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(dayOfMonth))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    private static func length(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 in the Gregorian calendar. Years are counted from March, so that a leap day is the last of its year.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    /// The reverse, for days since 1970 that are not before it.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
