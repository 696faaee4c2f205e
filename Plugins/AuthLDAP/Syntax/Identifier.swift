/// Values of id attributes as texts and back. Different values have different texts.
enum Identifier {
    /// A text that can be kept and shown:
    /// - `objectGUID` as Active Directory's tools print it;
    /// - `objectSid` as `S-1-…`;
    /// - other values as they are, or as `#` and hexadecimal digits if they are no plain text.
    static func text(of value: [UInt8], attribute: String) -> String {
        switch attribute.lowercased() {
        case "objectguid": if let text = guid(value) { return text }
        case "objectsid": if let text = SecurityIdentifier.text(of: value) { return text }
        default: break
        }
        guard let text = String(validating: value, as: UTF8.self), !text.hasPrefix("#"),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return "#" + Hexadecimal.text(of: value) }
        return text
    }

    /// The value that a text stands for.
    static func value(of text: String, attribute: String) -> [UInt8] {
        switch attribute.lowercased() {
        case "objectguid": if let value = guid(text) { return value }
        case "objectsid": if let value = SecurityIdentifier.value(of: text) { return value }
        default: break
        }
        if text.hasPrefix("#"), let value = Hexadecimal.bytes(of: text.dropFirst()) { return value }
        return Array(text.utf8)
    }

    // The first three fields of a GUID are stored with the least significant byte first (MS-DTYP, 2.3.4.2).
    private static let guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

    private static func guid(_ value: [UInt8]) -> String? {
        guard value.count == 16 else { return nil }
        let digits = guidOrder.map { Hexadecimal.text(of: [value[$0]]) }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
    }

    private static func guid(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hexadecimal.bytes(of: parts.joined()) else {
            return nil
        }
        var value = [UInt8](repeating: 0, count: 16)
        for (place, byte) in zip(guidOrder, bytes) { value[place] = byte }
        return value
    }
}

/// Windows' security identifiers: MS-DTYP, 2.4.2.
enum SecurityIdentifier {
    static func text(of value: [UInt8]) -> String? {
        guard value.count >= 8, value[0] == 1, value.count == 8 + 4 * Int(value[1]) else { return nil }
        let authority = value[2..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let parts = (0..<Int(value[1])).map { index in
            value[8 + 4 * index..<12 + 4 * index].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        return "S-1-\(authority)" + parts.map { "-\($0)" }.joined()
    }

    static func value(of text: String) -> [UInt8]? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 18, parts[0] == "S", parts[1] == "1", let authority = UInt64(parts[2]),
            authority < 1 << 48
        else { return nil }
        var value: [UInt8] = [1, UInt8(parts.count - 3)]
        value += (0..<6).map { UInt8(truncatingIfNeeded: authority >> (40 - 8 * $0)) }
        for part in parts.dropFirst(3) {
            guard let number = UInt32(part) else { return nil }
            value += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        return value
    }

    /// The identifier in the same domain with another last part.
    static func sibling(of value: [UInt8], last: UInt32) -> [UInt8]? {
        guard text(of: value) != nil, value.count >= 12 else { return nil }
        return value.dropLast(4) + (0..<4).map { UInt8(truncatingIfNeeded: last >> (8 * $0)) }
    }
}
