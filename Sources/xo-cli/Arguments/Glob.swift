/// A pattern for names, in the notation of shells (and of the micromatch library): `*`, `?`, `[a-z]`, `{a,b}`, `{1..3}`,
/// `@(a|b)`, `+(a|b)`, `*(a|b)`, `?(a|b)`, `\` before a character that stands for itself, and `!` at the beginning for
/// "all others".
struct Glob: Sendable {
    private let isNegated: Bool
    /// Compiled anew at each use, as a `Regex` cannot be shared between threads; names are few.
    private let expression: String

    /// - Throws: ``UsageError`` if brackets do not match.
    init(_ pattern: String) throws(UsageError) {
        isNegated = pattern.hasPrefix("!")
        var translator = Translator(rest: isNegated ? pattern.dropFirst() : pattern[...])
        translator.translate()
        expression = translator.expression
        guard translator.isBalanced, (try? Regex(expression)) != nil else {
            throw UsageError("invalid pattern `\(pattern)`: brackets do not match")
        }
    }

    func matches(_ name: String) -> Bool {
        let isMatch = (try? Regex(expression).wholeMatch(in: name)) != nil
        return isMatch != isNegated
    }

    /// Turns the notation into a regular expression.
    private struct Translator {
        var rest: Substring
        var expression = ""
        /// For each open bracket what closes it.
        private var closings: [(character: Character, text: String)] = []

        init(rest: Substring) { self.rest = rest }

        var isBalanced: Bool { closings.isEmpty }

        mutating func translate() {
            while let character = rest.popFirst() {
                if let closing = closings.last, character == closing.character {
                    expression += closing.text
                    closings.removeLast()
                } else if rest.first == "(", "@?*+".contains(character) {
                    rest.removeFirst()
                    openGroup(character)
                } else {
                    single(character)
                }
            }
        }

        private mutating func openGroup(_ prefix: Character) {
            expression += "(?:"
            closings.append((")", prefix == "@" ? ")" : ")\(prefix)"))
        }

        private mutating func single(_ character: Character) {
            switch character {
            case "*":
                rest = rest.drop { $0 == "*" }
                expression += ".*"
            case "?": expression += "."
            case "[": characterClass()
            case "{":
                if let range = takeRange() {
                    expression += range
                } else {
                    expression += "(?:"
                    closings.append(("}", ")"))
                }
            case "(":
                expression += "(?:"
                closings.append((")", ")"))
            case "," where closings.last?.character == "}": expression += "|"
            case "|" where closings.last?.character == ")": expression += "|"
            case "\\": if let next = rest.popFirst() { literal(next) }
            default: literal(character)
            }
        }

        private mutating func characterClass() {
            guard let end = rest.dropFirst().firstIndex(of: "]") else { return literal("[") }
            var members = rest[..<end]
            rest = rest[rest.index(after: end)...]
            expression += "["
            if members.first == "!" || members.first == "^" {
                members.removeFirst()
                expression += "^"
            }
            for member in members {
                if "\\[&~".contains(member) { expression += "\\" }
                expression.append(member)
            }
            expression += "]"
        }

        /// `{1..3}` and `{a..c}`, if that comes next.
        private mutating func takeRange() -> String? {
            guard let end = rest.firstIndex(of: "}"), let dots = rest[..<end].firstRange(of: "..") else { return nil }
            let (first, last) = (rest[..<dots.lowerBound], rest[dots.upperBound..<end])
            let members: [String]
            if let low = Int(first), let high = Int(last), low <= high, high - low <= 10_000 {
                members = (low...high).map(String.init)
            } else if let low = first.utf8.first, let high = last.utf8.first, first.utf8.count == 1,
                last.utf8.count == 1, low <= high
            {
                members = (low...high).map { String(Character(Unicode.Scalar($0))) }
            } else {
                return nil
            }
            rest = rest[rest.index(after: end)...]
            return "(?:\(members.map(Translator.escaped).joined(separator: "|")))"
        }

        private mutating func literal(_ character: Character) {
            expression += Translator.escaped(String(character))
        }

        private static func escaped(_ text: String) -> String {
            text.reduce(into: "") { result, character in
                if "\\.+*?()[]{}|^$#".contains(character) { result += "\\" }
                result.append(character)
            }
        }
    }
}
