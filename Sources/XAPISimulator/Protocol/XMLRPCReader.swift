import XOJSON

/// Reads an XML-RPC `methodCall`.
///
/// A parser of its own for this small grammar, because Foundation's needs libxml2 and a delegate object, and this
/// library is also loaded as part of a plugin. It knows elements without attributes, character references, the XML
/// declaration and comments; a document type is refused, so entities cannot be defined.
///
/// Values become JSON: dates and untagged values are strings, and what is meant is decided by the parameter's type.
struct XMLRPCReader {
    struct Failure: Error, CustomStringConvertible {
        let reason: String
        let offset: Int

        var description: String { "\(reason) at byte \(offset)" }
    }

    private let text: [UInt8]
    private var position = 0
    private static let maximumDepth = 64

    private init(_ text: [UInt8]) { self.text = text }

    static func read(_ text: [UInt8]) throws(Failure) -> (method: String, parameters: [JSON]) {
        var reader = XMLRPCReader(text)
        return try reader.methodCall()
    }

    private mutating func methodCall() throws(Failure) -> (String, [JSON]) {
        try skipProlog()
        try open("methodCall")
        try open("methodName")
        let method = try characters()
        try close("methodName")
        var parameters: [JSON] = []
        if try opens("params") {
            while try opens("param") {
                parameters.append(try value(depth: 0))
                try close("param")
            }
            try close("params")
        }
        try close("methodCall")
        try skipSpaceAndComments()
        guard position == text.count else { throw failure("unexpected text after the call") }
        return (method, parameters)
    }

    private mutating func value(depth: Int) throws(Failure) -> JSON {
        guard depth < XMLRPCReader.maximumDepth else { throw failure("values nested too deeply") }
        try skipSpaceAndComments()
        if take("<value/>") { return "" }
        guard take("<value>") else { throw failure("expected a value") }
        let start = position
        let untagged = try characters()
        if take("</value>") { return .string(untagged) }
        guard untagged.allSatisfy(\.isWhitespace) else { throw failure("text beside an element", at: start) }
        let result = try taggedValue(depth: depth)
        try close("value")
        return result
    }

    private mutating func taggedValue(depth: Int) throws(Failure) -> JSON {
        if take("<nil/>") { return .null }
        if take("<string/>") { return "" }
        if take("<array><data/></array>") || take("<array/>") { return .array([]) }
        if take("<struct/>") { return .object([:]) }
        guard take("<") else { throw failure("expected the type of a value") }
        let start = position
        while position < text.count, text[position] != UInt8(ascii: ">") { position += 1 }
        let tag = String(decoding: text[start..<position], as: UTF8.self)
        guard take(">") else { throw failure("unclosed tag", at: start) }
        let result: JSON
        switch tag {
        case "string", "dateTime.iso8601", "base64": result = .string(try characters())
        case "int", "i4", "i8":
            guard let number = Int64(try characters()) else { throw failure("expected an integer", at: start) }
            result = .integer(number)
        case "double":
            guard let number = Double(try characters()), number.isFinite else {
                throw failure("expected a number", at: start)
            }
            result = .number(number)
        case "boolean": result = .bool(try characters() == "1")
        case "array":
            var elements: [JSON] = []
            try open("data")
            while try isNotClosing("data") { elements.append(try value(depth: depth + 1)) }
            try close("data")
            result = .array(elements)
        case "struct":
            var members = JSONObject()
            while try opens("member") {
                try open("name")
                let name = try characters()
                try close("name")
                members[name] = try value(depth: depth + 1)
                try close("member")
            }
            result = .object(members)
        default: throw failure("unknown type '\(tag.prefix(32))'", at: start)
        }
        try close(tag)
        return result
    }

    // MARK: Tokens

    private mutating func open(_ tag: String) throws(Failure) {
        guard try opens(tag) else { throw failure("expected <\(tag)>") }
    }

    private mutating func opens(_ tag: String) throws(Failure) -> Bool {
        try skipSpaceAndComments()
        if take("<\(tag)/>") {
            // An empty element: read on as if it had been closed.
            pendingClose = tag
            return true
        }
        return take("<\(tag)>")
    }

    private var pendingClose: String?

    private mutating func close(_ tag: String) throws(Failure) {
        if pendingClose == tag {
            pendingClose = nil
            return
        }
        try skipSpaceAndComments()
        guard take("</\(tag)>") else { throw failure("expected </\(tag)>") }
    }

    private mutating func isNotClosing(_ tag: String) throws(Failure) -> Bool {
        guard pendingClose != tag else { return false }
        try skipSpaceAndComments()
        return !text[position...].starts(with: "</\(tag)>".utf8)
    }

    private mutating func take(_ token: String) -> Bool {
        guard text[position...].starts(with: token.utf8) else { return false }
        position += token.utf8.count
        return true
    }

    private mutating func skipProlog() throws(Failure) {
        _ = take("\u{FEFF}")
        try skipSpaceAndComments()
        guard take("<?xml") else { return }
        while position < text.count, !take("?>") { position += 1 }
    }

    private mutating func skipSpaceAndComments() throws(Failure) {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "<") where take("<!--"):
                while !take("-->") {
                    guard position < text.count else { throw failure("comment without end") }
                    position += 1
                }
            default: return
            }
        }
    }

    /// Text up to the next tag, character references resolved.
    private mutating func characters() throws(Failure) -> String {
        if pendingClose != nil { return "" }
        var bytes: [UInt8] = []
        let start = position
        while position < text.count, text[position] != UInt8(ascii: "<") {
            if text[position] == UInt8(ascii: "&") {
                bytes.append(contentsOf: String(try characterReference()).utf8)
            } else {
                bytes.append(text[position])
                position += 1
            }
        }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw failure("text that is not UTF-8", at: start)
        }
        return string
    }

    private mutating func characterReference() throws(Failure) -> Character {
        let start = position
        let limit = min(text.count, start + 12)
        guard let end = text[start..<limit].firstIndex(of: UInt8(ascii: ";")) else {
            throw failure("character reference without end", at: start)
        }
        position = end + 1
        let name = String(decoding: text[start + 1..<end], as: UTF8.self)
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let code =
                name.hasPrefix("#x")
                ? UInt32(name.dropFirst(2), radix: 16)
                : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
            guard let scalar = code.flatMap(Unicode.Scalar.init) else {
                throw failure("unknown character reference '&\(name);'", at: start)
            }
            return Character(scalar)
        }
    }

    private func failure(_ reason: String, at offset: Int? = nil) -> Failure {
        Failure(reason: reason, offset: offset ?? position)
    }
}
