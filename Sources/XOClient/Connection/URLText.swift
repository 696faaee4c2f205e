/// The text rules of URLs, as far as a client needs them (RFC 3986; the encode sets are those of the URL standard).
public enum URLText {
    /// A path with everything encoded that may not stand in one; what is encoded already is left alone.
    public static func encodedPath(_ path: some StringProtocol) -> String {
        encoded(path, escaping: { $0 <= 0x20 || $0 >= 0x7F || "\"#<>?`{}".utf8.contains($0) })
    }

    /// A query with everything encoded that may not stand in one; what is encoded already is left alone.
    public static func encodedQuery(_ query: some StringProtocol) -> String {
        encoded(query, escaping: { $0 <= 0x20 || $0 >= 0x7F || "\"#<>'".utf8.contains($0) })
    }

    /// One name or value of a query, in the form that HTML forms use.
    public static func formEncoded(_ text: some StringProtocol) -> String {
        encoded(
            text,
            escaping: { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"), UInt8(ascii: " "):
                    false
                default: true
                }
            }
        ).replacing(" ", with: "+")
    }

    /// The reverse of ``formEncoded(_:)``.
    public static func formDecoded(_ text: some StringProtocol) -> String {
        percentDecoded(String(text).replacing("+", with: " "))
    }

    /// Text with `%XX` resolved; what is not followed by two hexadecimal digits stays as it is.
    public static func percentDecoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A path without `.` and `..` segments (RFC 3986, 5.2.4), which count as such in encoded form, too.
    public static func removingDotSegments(_ path: some StringProtocol) -> String {
        var kept: [Substring] = []
        let segments = Substring(path).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment.lowercased().replacing("%2e", with: ".") {
            case ".":
                if isLast { kept.append("") }
            case "..":
                kept = kept.dropLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    /// A request target from a path, query and fragment: dot segments resolved, encoded, without the fragment.
    static func resolvedTarget(_ reference: Substring) -> String {
        let withoutFragment = reference.prefix { $0 != "#" }
        let path = withoutFragment.prefix { $0 != "?" }
        let query = withoutFragment[path.endIndex...]
        return encodedPath(removingDotSegments(path)) + encodedQuery(query)
    }

    private static func encoded(_ text: some StringProtocol, escaping mustEscape: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if mustEscape(byte) {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
