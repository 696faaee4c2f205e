import XOJSON

/// The `NAME=VALUE` words of a method call.
struct Parameters {
    /// What is sent; a repeated name keeps its last value.
    private(set) var values = JSONObject()
    /// The value of `@`, which is never sent: the file of an upload or download.
    private(set) var file: JSON?

    init(_ words: some Sequence<String>) throws {
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                throw UsageError("invalid arg: \(word)")
            }
            let name = String(word[..<equals])
            let value = try Parameters.value(word[word.index(after: equals)...], wordsAreBooleans: true)
            if name == "@" {
                file = value
            } else {
                values[name] = value
            }
        }
    }

    /// Text stands for itself, numbers included; `json:` announces anything else.
    ///
    /// - Parameter wordsAreBooleans: whether `true` and `false`, even as JSON strings, are booleans.
    static func value(_ text: Substring, wordsAreBooleans: Bool) throws -> JSON {
        let value: JSON
        if text.hasPrefix("json:") {
            do {
                value = try JSON(parsing: text.dropFirst("json:".count).utf8)
            } catch {
                throw UsageError("invalid JSON in `\(text)`: \(error)")
            }
        } else {
            value = .string(String(text))
        }
        guard wordsAreBooleans else { return value }
        return switch value {
        case "true": true
        case "false": false
        default: value
        }
    }
}
