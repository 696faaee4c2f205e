import XOJSON

/// One way in which a value breaks a schema, told as ajv 8 tells it, because clients of the network API read these.
struct Violation: Error, Sendable, Hashable {
    /// The keyword that was broken, `required`, `type` …
    let keyword: String
    /// Where that keyword stands in the schema: `#/properties/id/type`.
    let schemaPath: String
    /// What the keyword demands, in the keyword's own members.
    let params: JSON
    let message: String

    /// Steps from the value that was found wanting up to the root. A violation is noted where it is found, and each
    /// level above adds its step only if there is one: a valid value costs no path.
    private var stepsUpward: [JSONPathStep] = []

    init(_ keyword: String, in schemaPath: String, params: JSON = [:], _ message: String) {
        self.keyword = keyword
        self.schemaPath = "\(schemaPath)/\(keyword)"
        self.params = params
        self.message = message
    }

    /// Where the value stands, from the root.
    var path: JSONPath { stepsUpward.reversed() }

    /// ``path`` as a JSON pointer (RFC 6901).
    var instancePath: String { path.map { "/\($0.pointerToken)" }.joined() }

    /// The entry of the list in the `data` of an "invalid parameters" error.
    var json: JSON {
        [
            "instancePath": JSON(instancePath), "schemaPath": JSON(schemaPath), "keyword": JSON(keyword),
            "params": params, "message": JSON(message),
        ]
    }

    mutating func move(below step: JSONPathStep) { stepsUpward.append(step) }
}

extension [Violation] {
    /// Marks what was found since there were `count` violations as found below `step`.
    mutating func move(since count: Int, below step: @autoclosure () -> JSONPathStep) {
        guard self.count > count else { return }
        let step = step()
        for index in count..<self.count { self[index].move(below: step) }
    }

    /// The list in the `data` of an "invalid parameters" error.
    var json: JSON { .array(map(\.json)) }
}

extension JSONPathStep {
    /// The step as a reference token of a JSON pointer.
    var pointerToken: String {
        switch self {
        case .member(let name): name.escapedForPointer
        case .element(let index): String(index)
        }
    }
}

extension String {
    var escapedForPointer: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return self }
        return reduce(into: "") { text, character in
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
    }

    /// As a token of a JSON pointer inside a URI fragment, which is how ajv writes paths into a schema.
    var escapedForFragment: String {
        let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in escapedForPointer.utf8 {
            if unreserved.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
