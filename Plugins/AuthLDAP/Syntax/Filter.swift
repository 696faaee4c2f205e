/// A search filter (RFC 4515) in which `{{name}}` stands for what somebody has typed.
///
/// It is taken apart once, when it is configured, so that what is typed can only ever be a value in it: nothing scans the
/// text again after the name is in.
struct Filter: Sendable, Hashable {
    private indirect enum Node: Sendable, Hashable {
        case all([Node])
        case any([Node])
        case not(Node)
        /// Attribute and operator, such as `uid=`, and the value cut at each `{{name}}`.
        case test(head: String, value: [String])
    }

    private let root: Node
    /// The attributes that the name is compared with, as they are spelled, in order.
    let nameAttributes: [String]

    /// What is wrong with a filter, and where.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter takesName: whether `{{name}}` must be in it, or must not.
    init(parsing text: String, takesName: Bool) throws(Problem) {
        var parser = Parser(text: Array(text.utf8), takesName: takesName)
        root = try parser.whole()
        nameAttributes = parser.nameAttributes
        if takesName && !parser.hasName {
            throw Problem(description: "{{name}} is not in it, so everybody would be found for every name")
        }
    }

    /// The filter for one name.
    func render(name: String) -> String { Filter.render(root, with: Filter.escape(Array(name.utf8))) }

    /// The filter for any name at all: whoever matches it could sign in under some name.
    var forAnybody: String { Filter.render(root, with: nil) }

    private static func render(_ node: Node, with name: String?) -> String {
        switch node {
        case .all(let nodes): "(&\(nodes.map { render($0, with: name) }.joined()))"
        case .any(let nodes): "(|\(nodes.map { render($0, with: name) }.joined()))"
        case .not(let node): "(!\(render(node, with: name)))"
        case .test(let head, let value):
            if let name {
                "(\(head)\(value.joined(separator: name)))"
            } else if value.count > 1, !head.hasSuffix(":=") {
                "(\(head)\(value.joined(separator: "*")))"
            } else if value.count > 1 {
                // A matching rule compares with a whole value only.
                "(objectClass=*)"
            } else {
                "(\(head)\(value[0]))"
            }
        }
    }

    /// A value as it may stand in a filter: RFC 4515, section 3. All but letters and digits of ASCII is escaped, which is
    /// more than need be.
    static func escape(_ value: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in value {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.append(byte)
            default: text += [UInt8(ascii: "\\")] + Hexadecimal.digits(of: byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Parsing

    private struct Parser {
        let text: [UInt8]
        let takesName: Bool
        var place = 0
        var nameAttributes: [String] = []
        var hasName = false

        mutating func whole() throws(Problem) -> Node {
            let node = try filter(depth: 0, isNegated: false)
            skipSpace()
            guard place == text.count else { throw problem("the filter has ended, and more follows") }
            return node
        }

        private mutating func filter(depth: Int, isNegated: Bool) throws(Problem) -> Node {
            guard depth < 32 else { throw problem("it is nested too deeply") }
            try expect("(", "a filter begins with (")
            skipSpace()
            let node: Node
            switch peek {
            case UInt8(ascii: "&"): node = .all(try list(depth, isNegated))
            case UInt8(ascii: "|"): node = .any(try list(depth, isNegated))
            case UInt8(ascii: "!"):
                place += 1
                node = .not(try filter(depth: depth + 1, isNegated: true))
                skipSpace()
            default: node = try test(isNegated: isNegated)
            }
            try expect(")", "a parenthesis is not closed")
            return node
        }

        private mutating func list(_ depth: Int, _ isNegated: Bool) throws(Problem) -> [Node] {
            place += 1
            skipSpace()
            var nodes: [Node] = []
            while peek == UInt8(ascii: "(") {
                nodes.append(try filter(depth: depth + 1, isNegated: isNegated))
                skipSpace()
            }
            guard !nodes.isEmpty else { throw problem("& and | want at least one filter in parentheses") }
            return nodes
        }

        private mutating func test(isNegated: Bool) throws(Problem) -> Node {
            let start = place
            while let byte = peek, Parser.isAttribute(byte) { place += 1 }
            let attribute = String(decoding: text[start..<place], as: UTF8.self)
            // In between may be a matching rule, such as :1.2.840.113556.1.4.803:
            while let byte = peek, byte != UInt8(ascii: "="), Parser.isOperator(byte) { place += 1 }
            try expect("=", "an attribute is followed by =, ~=, >=, <= or :=")
            let head = String(decoding: text[start..<place], as: UTF8.self)
            guard !attribute.isEmpty || head.hasPrefix(":") else { throw problem("an attribute's name is missing") }

            let value = try value()
            if value.count > 1 {
                guard !isNegated else { throw problem("{{name}} is inside of a negation, which finds everybody else") }
                hasName = true
                if !head.hasSuffix(":=") { nameAttributes.append(attribute) }
            }
            return .test(head: head, value: value)
        }

        /// The value's text, cut where the name belongs.
        private mutating func value() throws(Problem) -> [String] {
            var parts: [[UInt8]] = [[]]
            while let byte = peek, byte != UInt8(ascii: ")") {
                switch byte {
                case UInt8(ascii: "("): throw problem("( inside of a value is written \\28")
                case UInt8(ascii: "\\"):
                    let digits = text[place...].dropFirst().prefix(2)
                    guard digits.count == 2, digits.allSatisfy({ Hexadecimal.value(of: $0) != nil }) else {
                        throw problem("\\ is followed by two hexadecimal digits")
                    }
                    parts[parts.count - 1] += text[place..<place + 3]
                    place += 3
                case UInt8(ascii: "{") where text[place...].starts(with: "{{".utf8):
                    let variable = variable()
                    guard takesName else { throw problem("no variable has a place here, found \(variable)") }
                    guard variable == "{{name}}" else {
                        throw problem("found the variable \(variable), expected {{name}}, the only one there is")
                    }
                    parts.append([])
                case 0..<0x20, 0x7F: throw problem("control characters are written as \\ and two hexadecimal digits")
                default:
                    parts[parts.count - 1].append(byte)
                    place += 1
                }
            }
            return parts.map { String(decoding: $0, as: UTF8.self) }
        }

        private mutating func variable() -> String {
            let start = place
            while place < text.count, !text[place...].starts(with: "}}".utf8) { place += 1 }
            place = min(place + 2, text.count)
            return String(decoding: text[start..<place], as: UTF8.self)
        }

        private var peek: UInt8? { place < text.count ? text[place] : nil }

        private mutating func skipSpace() {
            while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
        }

        private mutating func expect(_ character: Unicode.Scalar, _ text: String) throws(Problem) {
            if character == "(" { skipSpace() }
            guard peek == UInt8(ascii: character) else { throw problem(text) }
            place += 1
        }

        private func problem(_ what: String) -> Problem {
            Problem(description: "\(what); at character \(place + 1) of \(String(decoding: text, as: UTF8.self))")
        }

        private static func isAttribute(_ byte: UInt8) -> Bool {
            AttributeName.isCharacter(byte) || byte == UInt8(ascii: ";")
        }

        private static func isOperator(_ byte: UInt8) -> Bool {
            isAttribute(byte) || ":~<>".utf8.contains(byte)
        }
    }
}
