import XOJSON

/// What a value of a claim has to be like, and what it yields for templates.
enum ClaimPattern: Sendable {
    /// This very text.
    case exactly(String)
    /// A text with `*` for anything and `?` for one character; what they stand for are the captures.
    case glob(RegularExpression)
    case expression(RegularExpression)

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Of the members `is`, `like` and `matches` of a rule, of which one is there.
    init(_ rule: JSON) throws(Problem) {
        let given = ["is", "like", "matches"].filter { rule[$0] != nil }
        guard given.count == 1, let text = rule[given[0]]?.string else {
            throw Problem(description: "exactly one of `is`, `like` and `matches`, a text")
        }
        do throws(RegularExpression.Problem) {
            switch given[0] {
            case "is": self = .exactly(text)
            case "like": self = .glob(try RegularExpression(ClaimPattern.expression(ofGlob: text), ignoresCase: true))
            default: self = .expression(try RegularExpression(text))
            }
        } catch {
            throw Problem(description: "a regular expression; this one is none: \(error)")
        }
    }

    /// What its wildcards or groups stand for in this value, behind the value itself; `nil` if it does not match.
    func captures(in value: String) -> [String]? {
        switch self {
        case .exactly(let text): value == text ? [value] : nil
        case .glob(let expression), .expression(let expression):
            expression.captures(in: value).map { [value] + $0.dropFirst() }
        }
    }

    private static func expression(ofGlob glob: String) -> String {
        var expression = "^"
        for character in glob.unicodeScalars {
            switch character {
            case "*": expression += "(.*)"
            case "?": expression += "(.)"
            default:
                if !character.properties.isAlphabetic && !("0"..."9").contains(character) && character.isASCII {
                    expression += "\\"
                }
                expression.unicodeScalars.append(character)
            }
        }
        return expression + "$"
    }
}
