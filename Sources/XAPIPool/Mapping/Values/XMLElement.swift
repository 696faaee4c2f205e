import XOJSON

/// An element of the small XML texts that XenServer keeps inside its maps.
///
/// Reads elements, attributes, text, CDATA and the five named entities and character references; passes over
/// declarations, comments and processing instructions. There is no document type, and so no entity of the author's.
struct XMLElement {
    let name: String
    var attributes: [(name: String, value: String)] = []
    var children: [XMLElement] = []
    var text = ""

    func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// The root of a document; `nil` if it is not well-formed.
    init?(parsing document: String) {
        var reader = XMLReader(document)
        guard let root = reader.readDocument() else { return nil }
        self = root
    }

    fileprivate init(name: String) { self.name = name }

    /// All elements below this one with that name.
    func descendants(named wanted: String) -> [XMLElement] {
        children.flatMap { ($0.name == wanted ? [$0] : []) + $0.descendants(named: wanted) }
    }

    /// Elements become members, repeated ones arrays, elements with nothing inside their text.
    var json: JSON {
        guard !children.isEmpty || !attributes.isEmpty else { return JSON(String(text.trimmed)) }
        var members: JSONObject = [:]
        for attribute in attributes { members[attribute.name] = JSON(attribute.value) }
        for child in children {
            switch members[child.name] {
            case nil: members[child.name] = child.json
            case .array(let earlier): members[child.name] = .array(earlier + [child.json])
            case .some(let earlier): members[child.name] = [earlier, child.json]
            }
        }
        return .object(members)
    }
}

private struct XMLReader {
    private let text: [UInt8]
    private var position = 0
    private static let maximumDepth = 32

    init(_ document: String) { text = Array(document.utf8) }

    mutating func readDocument() -> XMLElement? {
        guard skipMisc(), let root = readElement(depth: 0), skipMisc(), position == text.count else { return nil }
        return root
    }

    private mutating func readElement(depth: Int) -> XMLElement? {
        guard depth < Self.maximumDepth, take("<"), let name = readName() else { return nil }
        var element = XMLElement(name: name)
        while true {
            skipSpace()
            if take("/>") { return element }
            if take(">") { break }
            guard let attribute = readName() else { return nil }
            skipSpace()
            guard take("=") else { return nil }
            skipSpace()
            guard let value = readQuoted() else { return nil }
            element.attributes.append((attribute, value))
        }
        while position < text.count {
            if take("</") {
                guard readName() == name else { return nil }
                skipSpace()
                return take(">") ? element : nil
            }
            if take("<!--") {
                guard skip(past: "-->") else { return nil }
            } else if take("<?") {
                guard skip(past: "?>") else { return nil }
            } else if take("<![CDATA[") {
                let start = position
                guard skip(past: "]]>") else { return nil }
                element.text += String(decoding: text[start..<position - 3], as: UTF8.self)
            } else if text[position] == UInt8(ascii: "<") {
                guard let child = readElement(depth: depth + 1) else { return nil }
                element.children.append(child)
            } else {
                let start = position
                while position < text.count, text[position] != UInt8(ascii: "<") { position += 1 }
                guard let content = resolve(text[start..<position]) else { return nil }
                element.text += content
            }
        }
        return nil
    }

    private mutating func readName() -> String? {
        let start = position
        while position < text.count, isNameByte(text[position]) { position += 1 }
        return start == position ? nil : String(decoding: text[start..<position], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"), 0x80...:
            true
        default: false
        }
    }

    private mutating func readQuoted() -> String? {
        guard position < text.count, text[position] == UInt8(ascii: "\"") || text[position] == UInt8(ascii: "'")
        else { return nil }
        let quote = text[position]
        position += 1
        let start = position
        while position < text.count, text[position] != quote { position += 1 }
        guard position < text.count else { return nil }
        defer { position += 1 }
        return resolve(text[start..<position])
    }

    /// Resolves references to characters.
    private func resolve(_ bytes: ArraySlice<UInt8>) -> String? {
        var rest = bytes
        var result = ""
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            guard let semicolon = rest[ampersand...].firstIndex(of: UInt8(ascii: ";")),
                let character = character(String(decoding: rest[ampersand + 1..<semicolon], as: UTF8.self))
            else { return nil }
            result += String(decoding: rest[..<ampersand], as: UTF8.self)
            result.append(character)
            rest = rest[(semicolon + 1)...]
        }
        return result + String(decoding: rest, as: UTF8.self)
    }

    private func character(_ name: String) -> Character? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
            guard name.hasPrefix("#"), let code = UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10) else {
                return nil
            }
            return Unicode.Scalar(code).map(Character.init)
        }
    }

    /// Passes over what may stand before and after the root.
    private mutating func skipMisc() -> Bool {
        while true {
            skipSpace()
            if take("<?") {
                guard skip(past: "?>") else { return false }
            } else if take("<!--") {
                guard skip(past: "-->") else { return false }
            } else {
                return true
            }
        }
    }

    private mutating func skipSpace() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    private mutating func take(_ token: String) -> Bool {
        guard text[position...].starts(with: token.utf8) else { return false }
        position += token.utf8.count
        return true
    }

    private mutating func skip(past token: String) -> Bool {
        while position < text.count {
            if take(token) { return true }
            position += 1
        }
        return false
    }
}
