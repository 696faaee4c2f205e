/// A regular expression of a schema.
///
/// JSON Schema means ECMAScript's expressions. The common part of both dialects behaves the same here: `\d` and `\w`
/// are ASCII, `.` is one code point, and `$` is the very end (in Swift's dialect it also matches before a last line
/// feed, through which `"admin\n"` would pass `^[a-z]+$`).
///
/// `@unchecked`: `Regex` is a value, here never changed, whose program is compiled once, behind an atomic; it only lacks the
/// annotation.
final class SchemaPattern: @unchecked Sendable {
    let text: String
    private let regex: Regex<AnyRegexOutput>

    /// - Throws: what the parser of regular expressions objects to.
    init(_ text: String) throws {
        self.text = text
        regex = try Regex(SchemaPattern.anchoringAtVeryEnd(text))
            .asciiOnlyDigits().asciiOnlyWordCharacters().matchingSemantics(.unicodeScalar)
    }

    /// Whether the expression matches somewhere in `string`. One that fails while matching does not match.
    func matches(_ string: String) -> Bool {
        (try? regex.firstMatch(in: string)) != nil
    }

    private static func anchoringAtVeryEnd(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        var isInClass = false
        for scalar in text.unicodeScalars {
            if scalar == "$", !isEscaped, !isInClass {
                result += "\\z"
                continue
            }
            if !isEscaped {
                if scalar == "[" { isInClass = true }
                if scalar == "]" { isInClass = false }
            }
            isEscaped = scalar == "\\" && !isEscaped
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
