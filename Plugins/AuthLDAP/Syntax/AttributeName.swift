/// Names of attributes: RFC 4512, section 2.5.
enum AttributeName {
    static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Whether the text is a name or an object identifier, without options.
    static func isValid(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isCharacter) }

    /// The name in lower case without its options, and where the values go on if the server has given a part of them:
    /// `member;range=0-1499` goes on at 1500 (MS-ADTS, 3.1.1.3.1.3.3).
    static func parse(_ description: String) -> (name: String, next: Int?) {
        let parts = description.lowercased().split(separator: ";", omittingEmptySubsequences: false)
        let range = parts.dropFirst().first { $0.hasPrefix("range=") }?.dropFirst("range=".count)
        let last = range?.split(separator: "-").last.flatMap { Int($0) }
        return (String(parts.first ?? ""), last.flatMap { $0 < Int.max ? $0 + 1 : nil })
    }
}
