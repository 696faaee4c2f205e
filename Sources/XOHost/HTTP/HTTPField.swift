/// Names and values of header fields (RFC 9110, 5).
enum HTTPField {
    /// Whether `text` is a token: a field's name, a method, a cookie's name.
    static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// `value` without the characters that could end the field and begin another: they become spaces.
    static func sanitized(_ value: String) -> String {
        guard value.utf8.contains(where: isForbidden) else { return value }
        return String(decoding: value.utf8.map { isForbidden($0) ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    private static func isForbidden(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }
}

extension Substring {
    /// Without the white space that may stand around parts of a field.
    var trimmingFieldWhitespace: Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}

extension Unicode.Scalar {
    /// Unicode's category Cc.
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
