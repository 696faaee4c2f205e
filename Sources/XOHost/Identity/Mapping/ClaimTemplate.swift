import XOJSON

/// A text with places for claims: `{name}`, `{email}`, an attribute such as `{department}`, and in rules `{0}` for the
/// value that matched and `{1}` … for what its wildcards or groups stand for. `{{` is a brace.
struct ClaimTemplate: Sendable {
    private enum Part: Sendable {
        case text(String)
        case claim(String)
        case capture(Int)
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private let parts: [Part]

    init(_ text: String) throws(Problem) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "{" else {
                literal.append(character)
                continue
            }
            if rest.first == "{" {
                rest.removeFirst()
                literal.append("{")
                continue
            }
            guard let end = rest.firstIndex(of: "}"), end > rest.startIndex else {
                throw Problem(description: "a `{` without a name and `}` behind it; write `{{` for the brace itself")
            }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = ""
            let name = String(rest[..<end])
            parts.append(Int(name).map { .capture($0) } ?? .claim(name))
            rest = rest[rest.index(after: end)...]
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// The text for a person; `nil` if a claim that it needs is missing or has several values.
    func text(for voucher: Voucher, captures: [String] = []) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .claim(let name):
                let values = voucher.values(of: name)
                guard values.count == 1 else { return nil }
                text += values[0]
            case .capture(let number):
                guard captures.indices.contains(number) else { return nil }
                text += captures[number]
            }
        }
        return text
    }
}
