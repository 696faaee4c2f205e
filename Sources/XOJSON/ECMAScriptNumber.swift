extension Double {
    /// The number as ECMAScript writes it (ECMA-262, 6.1.6.1.20): the shortest digits that read back as the same
    /// value, with an exponent only from 1e21 on and below 1e-6.
    public var ecmaScriptDescription: String {
        guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-Infinity" : "Infinity" }
        guard self != 0 else { return "0" }
        let (digits, pointPosition) = magnitude.shortestDigits
        let text: String
        switch pointPosition {
        case digits.count...21 where digits.count <= 21:
            text = digits + String(repeating: "0", count: pointPosition - digits.count)
        case 1...21: text = "\(digits.prefix(pointPosition)).\(digits.dropFirst(pointPosition))"
        case -5...0: text = "0." + String(repeating: "0", count: -pointPosition) + digits
        default:
            let exponent = pointPosition - 1
            let fraction = digits.count > 1 ? ".\(digits.dropFirst())" : ""
            text = "\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
        }
        return self < 0 ? "-" + text : text
    }

    /// The significant digits of a positive number without zeros around them, and how many of them (or, if negative,
    /// of zeros before them) stand before the decimal point. Swift's own text has the right digits in another notation.
    private var shortestDigits: (digits: String, pointPosition: Int) {
        let parts = description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let all = mantissa.joined()
        let leadingZeros = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leadingZeros)
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), mantissa[0].count - leadingZeros + exponent)
    }
}
