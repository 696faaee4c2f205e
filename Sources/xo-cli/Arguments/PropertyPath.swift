import XOJSON

/// The way to a property inside nested values, as written on the command line: `CPUs.number`, `tags[0]`, `other["a.b"]`.
struct PropertyPath {
    /// A gap this wide in an array is a slip of the finger, not a wish.
    private static let maximumIndex = 10_000

    private let text: String
    private let keys: [String]

    init(_ text: String) {
        self.text = text
        self.keys = PropertyPath.split(text)
    }

    /// Copies the property of `source` to the same place in `target`, if there is one.
    func pick(from source: JSON, into target: inout JSON) throws {
        // A property whose name is the whole text goes before one that is found by following the dots.
        if let value = source[text] {
            try PropertyPath.set(value, at: [text], in: &target, asked: text)
        } else if let value = keys.reduce(source as JSON?, { $0?[step: $1] }) {
            try set(value, in: &target)
        }
    }

    /// Puts a value at the path, making the objects (and, before a number, arrays) that are missing on the way.
    func set(_ value: JSON, in target: inout JSON) throws {
        try PropertyPath.set(value, at: keys[...], in: &target, asked: text)
    }

    private static func set(
        _ value: JSON, at keys: ArraySlice<String>, in target: inout JSON, asked path: String
    ) throws {
        guard let key = keys.first else {
            target = value
            return
        }
        if target.object == nil && target.array == nil {
            target = index(key) == nil ? .object([:]) : .array([])
        }
        var inner = target[step: key] ?? .null
        try set(value, at: keys.dropFirst(), in: &inner, asked: path)
        if case .array(var elements) = target, let index = index(key) {
            guard index <= maximumIndex else {
                throw UsageError("invalid arg: the index in `\(path)` is above \(maximumIndex)")
            }
            while elements.count <= index { elements.append(.null) }
            elements[index] = inner
            target = .array(elements)
        } else if case .object(var members) = target {
            members[key] = inner
            target = .object(members)
        } else {
            throw UsageError("invalid arg: `\(path)` names a property of a list, expected an index")
        }
    }

    fileprivate static func index(_ key: String) -> Int? {
        key.utf8.allSatisfy { (0x30...0x39).contains($0) } && (key == "0" || !key.hasPrefix("0")) ? Int(key) : nil
    }

    private static func split(_ text: String) -> [String] {
        var keys: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            if rest.first == "[", let close = closingBracket(of: rest) {
                keys.append(unquoted(rest[rest.index(after: rest.startIndex)..<close]))
                rest = rest[rest.index(after: close)...]
                if rest.first == "." { rest.removeFirst() }
            } else {
                let end = rest.dropFirst().firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
                keys.append(String(rest[..<end]))
                rest = rest[end...]
                if rest.first == "." { rest.removeFirst() }
            }
        }
        return keys
    }

    private static func closingBracket(of text: Substring) -> Substring.Index? {
        let inner = text.dropFirst()
        guard let quote = inner.first, quote == "\"" || quote == "'" else { return inner.firstIndex(of: "]") }
        guard let end = inner.dropFirst().firstIndex(of: quote), inner[end...].dropFirst().first == "]" else {
            return nil
        }
        return inner.index(after: end)
    }

    private static func unquoted(_ text: Substring) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return String(text) }
        return String(text.dropFirst().dropLast())
    }
}

extension JSON {
    /// The member or element with this name.
    fileprivate subscript(step key: String) -> JSON? {
        if case .array = self { PropertyPath.index(key).flatMap { self[$0] } } else { self[key] }
    }
}
