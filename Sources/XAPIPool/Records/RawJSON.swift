import Glibc
import XOJSON

/// A JSON value as the server wrote it, without white space.
///
/// Most of what a pool says is passed on unchanged, so values stay text; what the mapping looks into is read on the
/// spot. The text has been checked when it was received: reading cannot fail, only find another type.
struct RawJSON: Sendable {
    let text: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { self.text = text }

    var string: String? {
        guard text.first == UInt8(ascii: "\"") else { return nil }
        return scan { (scanner) throws(JSONError) in
            let range = try scanner.skipString()
            return try scanner.string(in: range)
        }
    }

    /// The value of a number, or of a text that holds one; older servers write integers as text.
    var number: Double? {
        if let string { return Double(string.trimmed) }
        guard let first = text.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }

    /// ECMAScript's idea of truth: all but `false`, `null`, zero and the empty text.
    var isTruthy: Bool {
        switch text.first {
        case UInt8(ascii: "t"), UInt8(ascii: "{"), UInt8(ascii: "["): true
        case UInt8(ascii: "\""): text.count > 2
        case UInt8(ascii: "f"), UInt8(ascii: "n"), nil: false
        default: number != 0
        }
    }

    /// Whether these characters stand somewhere in the text as it came.
    func holds(_ part: StaticString) -> Bool {
        text.withUnsafeBytes { bytes in
            guard var place = bytes.baseAddress else { return false }
            let (length, end) = (part.utf8CodeUnitCount, place + bytes.count)
            while end - place >= length,
                let next = memchr(place, Int32(part.utf8Start.pointee), end - place - length + 1)
            {
                if memcmp(next, part.utf8Start, length) == 0 { return true }
                place = UnsafeRawPointer(next) + 1
            }
            return false
        }
    }

    var isEmptyList: Bool { text.count == 2 && text.first == UInt8(ascii: "[") }

    /// The member of an object.
    func member(_ wanted: String) -> RawJSON? {
        guard text.first == UInt8(ascii: "{") else { return nil }
        var found: RawJSON?
        scan { (scanner) throws(JSONError) in
            try scanner.forEachMember { (name, scanner) throws(JSONError) in
                let isWanted = try isName(name, wanted, scanner)
                let value = try scanner.skipValue()
                if isWanted { found = RawJSON(slice(value)) }
            }
        }
        return found
    }

    /// The members of an object, in the server's order; empty for anything else.
    var members: [(name: String, value: RawJSON)] {
        guard text.first == UInt8(ascii: "{") else { return [] }
        var members: [(String, RawJSON)] = []
        scan { (scanner) throws(JSONError) in
            try scanner.forEachMember { (name, scanner) throws(JSONError) in
                let name = try scanner.string(in: name)
                members.append((name, RawJSON(slice(try scanner.skipValue()))))
            }
        }
        return members
    }

    /// The texts in an array; empty for anything else.
    var strings: [String] {
        guard text.first == UInt8(ascii: "[") else { return [] }
        var strings: [String] = []
        scan { (scanner) throws(JSONError) in
            try scanner.forEachElement { (scanner) throws(JSONError) in
                let value = try scanner.skipValue()
                if let string = RawJSON(slice(value)).string { strings.append(string) }
            }
        }
        return strings
    }

    var json: JSON? { text.withUnsafeBytes { try? JSON(parsing: $0) } }

    /// Compares a member's name; without making a text of it, unless it has escapes.
    private func isName(_ name: Range<Int>, _ wanted: String, _ scanner: JSONScanner) throws(JSONError) -> Bool {
        let bytes = slice(name)
        guard bytes.contains(UInt8(ascii: "\\")) else { return bytes.elementsEqual(wanted.utf8) }
        return try scanner.string(in: name) == wanted
    }

    private func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        text[text.startIndex + range.lowerBound..<text.startIndex + range.upperBound]
    }

    @discardableResult
    private func scan<Value>(_ body: (inout JSONScanner) throws(JSONError) -> Value) -> Value? {
        text.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            return try? body(&scanner)
        }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: Substring {
        let start = self.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
