import XOJSON

/// ECMAScript's conversions to a number (ECMA-262, 7.1.4), which the filter language takes over for its comparisons.
/// What is no number becomes NaN, of which no comparison holds.
enum ECMAScriptConversion {
    static func number(from value: JSON) -> Double {
        switch value {
        case .null: 0
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .number(let value): value
        case .string(let text): number(from: text)
        // An array is first written as a text: its elements, joined by commas.
        case .array(let elements):
            switch (elements.count, elements.first) {
            case (0, _): 0
            case (1, .bool): .nan
            case (1, let element?): number(from: element)
            default: .nan
            }
        case .object: .nan
        }
    }

    static func number(from text: String) -> Double {
        let trimmed = text.unicodeScalars.drop(while: \.isECMAScriptWhitespace).reversed()
            .drop(while: \.isECMAScriptWhitespace).reversed()
        let text = String(String.UnicodeScalarView(trimmed))
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.lowercased().hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            // The integer parser would take a sign here.
            guard digits.first?.isHexDigit == true else { return .nan }
            return UInt64(digits, radix: radix).map { Double($0) } ?? .nan
        }
        switch text {
        case "": return 0
        case "Infinity", "+Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: return isDecimal(text) ? Double(text) ?? .nan : .nan
        }
    }

    /// Whether `text` has no other characters than a decimal number; the rest of the grammar is checked by `Double`,
    /// which also takes `inf`, `nan` and more.
    private static func isDecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    }
}

extension Unicode.Scalar {
    /// What `\s` matches in ECMAScript.
    var isECMAScriptWhitespace: Bool {
        switch value {
        case 0x09...0x0D, 0x20, 0x2028, 0x2029, 0xFEFF: true
        default: !isASCII && properties.generalCategory == .spaceSeparator
        }
    }
}
