import XOJSON

/// Writes values in the form of Node's `util.inspect` with unlimited depth and sorted keys, which is what scripts
/// around xo-cli have always parsed and people have always read: `{ id: 'a', tags: [ 'x', 'y' ] }`.
///
/// The layout follows Node's defaults (breakLength 80, compact 3, maxArrayLength 100, maxStringLength 10,000). It
/// depends on the order in which a value is walked, so the walk keeps ECMAScript's order of keys; sorting comes after.
struct Inspector {
    private static let breakLength = 80
    private static let joinedLevels = 3
    private static let maximumElements = 100
    private static let maximumStringLength = 10_000
    private static let minimumLineLength = 16

    private let colours: Colours
    private var indentation = 0
    /// The level of the list or object entered last.
    private var lastEnteredLevel = 0

    init(colours: Colours = .none) {
        self.colours = colours
    }

    static func text(of value: JSON, colours: Colours = .none) -> String {
        var inspector = Inspector(colours: colours)
        return inspector.fragment(of: value, level: 0).text
    }

    /// Members one per line, as Node prints them behind an error's stack.
    static func lines(of members: [(key: String, value: JSON?)], colours: Colours) -> String {
        var inspector = Inspector(colours: colours)
        inspector.indentation = 2
        let lines = members.map { member in
            let value = member.value.map { inspector.fragment(of: $0, level: 1).text } ?? colours.grey("undefined")
            return "  \(inspector.key(member.key).text): \(value)"
        }
        return "{\n\(lines.joined(separator: ",\n"))\n}"
    }

    private mutating func fragment(of value: JSON, level: Int) -> InspectedText {
        switch value {
        case .null: return InspectedText(plain: "null", style: colours.bold)
        case .bool(let bool): return InspectedText(plain: "\(bool)", style: colours.yellow)
        case .integer(let integer): return InspectedText(plain: "\(integer)", style: colours.yellow)
        case .number(let number): return InspectedText(plain: number.inspected, style: colours.yellow)
        case .string(let string): return self.string(string)
        case .array(let elements):
            return elements.isEmpty ? InspectedText(plain: "[]") : list(elements, level: level)
        case .object(let members):
            return members.isEmpty ? InspectedText(plain: "{}") : object(members, level: level)
        }
    }

    private mutating func object(_ members: JSONObject, level: Int) -> InspectedText {
        lastEnteredLevel = level
        var entries: [InspectedText] = []
        entries.reserveCapacity(members.count)
        for (key, value) in members.inECMAScriptOrder {
            entries.append(self.key(key) + InspectedText(plain: ": ") + inner(value, level))
        }
        entries.sort { $0.text.utf16.lexicographicallyPrecedes($1.text.utf16) }
        return joined(entries, "{", "}", level: level, mayJoin: true)
    }

    private mutating func list(_ elements: [JSON], level: Int) -> InspectedText {
        lastEnteredLevel = level
        var entries = elements.prefix(Inspector.maximumElements).map { inner($0, level) }
        let left = elements.count - entries.count
        if left > 0 { entries.append(InspectedText(plain: "... \(left) more item\(left > 1 ? "s" : "")")) }
        guard entries.count > 6 else { return joined(entries, "[", "]", level: level, mayJoin: true) }
        let table = InspectedTable(
            entries: left > 0 ? Array(entries.dropLast()) : entries, trailer: left > 0 ? entries.last : nil,
            alignsRight: elements.prefix(entries.count).allSatisfy(\.isNumber),
            space: Inspector.breakLength - indentation)
        guard let rows = table.rows else { return joined(entries, "[", "]", level: level, mayJoin: true) }
        return joined(rows, "[", "]", level: level, mayJoin: rows.count == entries.count)
    }

    private mutating func inner(_ value: JSON, _ level: Int) -> InspectedText {
        indentation += 2
        defer { indentation -= 2 }
        return fragment(of: value, level: level + 1)
    }

    private func joined(
        _ entries: [InspectedText], _ open: String, _ close: String, level: Int, mayJoin: Bool
    ) -> InspectedText {
        let innerLevels = lastEnteredLevel - level
        if mayJoin, innerLevels < Inspector.joinedLevels, fits(entries) {
            let line = InspectedText.joining(entries, separator: ", ")
            return InspectedText(plain: "\(open) ") + line + InspectedText(plain: " \(close)")
        }
        let newline = "\n" + String(repeating: " ", count: indentation)
        return InspectedText(plain: "\(open)\(newline)  ")
            + InspectedText.joining(entries, separator: ",\(newline)  ") + InspectedText(plain: "\(newline)\(close)")
    }

    /// Whether the entries fit on one line, by Node's reckoning: a bracket and ten columns are set aside, and each
    /// entry counts one for its comma.
    private func fits(_ entries: [InspectedText]) -> Bool {
        let start = entries.count + indentation + 1 + 10
        let length = entries.reduce(entries.count + start) { $0 + $1.length }
        return length <= Inspector.breakLength && start + 2 * entries.count <= Inspector.breakLength
            && !entries.contains(where: \.hasNewline)
    }

    // MARK: Strings and keys

    private func string(_ string: String) -> InspectedText {
        var string = string
        var trailer = ""
        var length = string.utf16.count
        if length > Inspector.maximumStringLength {
            let left = length - Inspector.maximumStringLength
            string = String(decoding: string.utf16.prefix(Inspector.maximumStringLength), as: UTF16.self)
            trailer = "... \(left) more character\(left > 1 ? "s" : "")"
            length = Inspector.maximumStringLength
        }
        guard length > Inspector.minimumLineLength, length > Inspector.breakLength - indentation - 4 else {
            return InspectedText(plain: string.quoted, style: colours.green) + InspectedText(plain: trailer)
        }
        let lines = string.unicodeScalars.splitAfterNewlines.map {
            InspectedText(plain: $0.quoted, style: colours.green)
        }
        let separator = " +\n" + String(repeating: " ", count: indentation + 2)
        return InspectedText.joining(lines, separator: separator) + InspectedText(plain: trailer)
    }

    private func key(_ key: String) -> InspectedText {
        if key == "__proto__" { return InspectedText(plain: "['__proto__']") }
        return key.isIdentifier ? InspectedText(plain: key) : InspectedText(plain: key.quoted, style: colours.green)
    }
}

extension JSON {
    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }
}

extension JSONObject {
    /// Keys that are array indices come first, by value; then the others as written (ECMA-262, 10.1.11.1).
    fileprivate var inECMAScriptOrder: [(key: String, value: JSON)] {
        var indices: [(index: UInt32, key: String, value: JSON)] = []
        var others: [(key: String, value: JSON)] = []
        others.reserveCapacity(count)
        for (key, value) in self {
            if let first = key.utf8.first, (0x30...0x39).contains(first), let index = UInt32(key), index < .max,
                "\(index)" == key
            {
                indices.append((index, key, value))
            } else {
                others.append((key, value))
            }
        }
        return indices.sorted { $0.index < $1.index }.map { ($0.key, $0.value) } + others
    }
}
