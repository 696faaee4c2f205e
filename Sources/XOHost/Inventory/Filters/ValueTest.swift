import XOJSON

/// A test of one value that is neither array nor object.
enum ValueTest: Sendable {
    /// A text that holds this one.
    case text(CaselessText)
    /// This number, or a text that holds it as it was typed.
    case number(Double, typed: CaselessText)
    /// A text with these parts in one line, in this order: what `*` stands between.
    case glob([CaselessText])
    case expression(FilterExpression)

    func accepts(_ value: JSON) -> Bool {
        if case .number(let number, _) = self, let other = value.double { return number == other }
        guard case .string(let string) = value else { return false }
        return switch self {
        case .text(let text), .number(_, let text): text.isFound(in: string)
        case .glob(let parts): ValueTest.finds(parts, in: string)
        case .expression(let expression): expression.isFound(in: string)
        }
    }

    /// Nothing is anchored, so it suffices to look for each part behind the one before.
    private static func finds(_ parts: [CaselessText], in string: String) -> Bool {
        let lines = Array(string.lowercased().utf8)
            .split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        return lines.contains { line in
            var rest = line
            return parts.allSatisfy { part in
                guard let end = part.end(in: rest) else { return false }
                rest = rest[end...]
                return true
            }
        }
    }
}

/// A text that is searched for without regard to case.
struct CaselessText: Sendable {
    /// Lower case, in UTF-8: a search for bytes finds whole characters only, and needs no decoding.
    private let bytes: [UInt8]

    init(_ text: some StringProtocol) { bytes = Array(text.lowercased().utf8) }

    func isFound(in string: String) -> Bool {
        // Nearly all texts of an inventory are ASCII, for which no lower-case copy is needed.
        let found: Bool?? = string.utf8.withContiguousStorageIfAvailable { text in
            text.allSatisfy { $0 < 0x80 } ? end(in: text) { $0 &+ ((0x41...0x5A).contains($0) ? 0x20 : 0) } != nil : nil
        }
        return (found ?? nil) ?? (end(in: Array(string.lowercased().utf8)) != nil)
    }

    /// Where the first occurrence ends; `nil` if there is none.
    /// - Parameter lowered: gives a byte of `text` in lower case, if it is not yet.
    func end<Text: RandomAccessCollection>(
        in text: Text, lowered: (UInt8) -> UInt8 = { $0 }
    ) -> Int? where Text.Element == UInt8, Text.Index == Int {
        guard text.count >= bytes.count else { return nil }
        for start in text.startIndex...(text.endIndex - bytes.count) {
            var matched = 0
            while matched < bytes.count, lowered(text[start + matched]) == bytes[matched] { matched += 1 }
            if matched == bytes.count { return start + matched }
        }
        return nil
    }
}
