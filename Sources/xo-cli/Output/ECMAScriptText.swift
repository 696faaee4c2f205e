import XOJSON

// How ECMAScript and Node write strings and numbers.

extension String {
    /// Between single quotes, or, to need no escapes, between double quotes or backticks.
    var quoted: String {
        var quote: Unicode.Scalar = "'"
        if utf8.contains(UInt8(ascii: "'")) {
            if !utf8.contains(UInt8(ascii: "\"")) {
                quote = "\""
            } else if !utf8.contains(UInt8(ascii: "`")), !contains("${") {
                quote = "`"
            }
        }
        var text = String(quote)
        for scalar in unicodeScalars { text += scalar.escaped(between: quote) }
        return text + String(quote)
    }

    /// Whether a key needs no quotes.
    var isIdentifier: Bool {
        guard let first = utf8.first, !(0x30...0x39).contains(first) else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate func escaped(between quote: Unicode.Scalar) -> String {
        switch self {
        case "\u{08}": return "\\b"
        case "\t": return "\\t"
        case "\n": return "\\n"
        case "\u{0C}": return "\\f"
        case "\r": return "\\r"
        case "\\": return "\\\\"
        case "'": return quote == "'" ? "\\'" : "'"
        case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}":
            let digits = String(value, radix: 16, uppercase: true)
            return "\\x" + (digits.count < 2 ? "0" : "") + digits
        default: return String(self)
        }
    }
}

extension String.UnicodeScalarView {
    /// The lines, each with the newline that ends it; behind a last newline comes nothing more.
    var splitAfterNewlines: [String] {
        var lines: [String] = []
        var rest = self[...]
        while let newline = rest.firstIndex(of: "\n") {
            let end = rest.index(after: newline)
            lines.append(String(rest[..<end]))
            rest = rest[end...]
        }
        if !rest.isEmpty { lines.append(String(rest)) }
        return lines
    }
}

extension Double {
    /// As ``ecmaScriptDescription``, but negative zero keeps its sign.
    var inspected: String {
        self == 0 && sign == .minus ? "-0" : ecmaScriptDescription
    }
}
