import FoundationEssentials
import XOJSON

/// Says in an administrator's words how a configuration breaks its schema.
struct SchemaExplanation {
    let text: ConfigurationText
    /// The configuration.
    let document: JSON
    /// The schema's document, for its descriptions, and where its root stands in the configuration.
    let schema: JSON
    var root: JSONPath = []

    func problem(_ violation: Violation) -> ConfigurationProblem {
        let path = root + violation.path
        let rule = rule(of: violation)
        switch violation.keyword {
        case "required":
            let name = violation.params["missingProperty"]?.string ?? ""
            return text.problem(
                at: path + [.member(name)], pointingAt: path, found: "nothing",
                expected: described("a value, this key is required", by: rule?["properties"]?[name]))
        case "additionalProperties":
            let name = violation.params["additionalProperty"]?.string ?? ""
            let names = rule?["properties"]?.object.map { Array($0.keys) } ?? []
            let suggestion = Spelling.suggestion(for: name, among: names)
            return text.problem(
                at: path + [.member(name)], found: "an unknown key",
                expected: names.isEmpty ? "none here" : "one of \(names.joined(separator: ", "))",
                remedy: suggestion.map { "did you mean '\($0)'?" } ?? "remove it")
        default:
            return text.problem(
                at: path, found: text.shown(document.value(at: path), at: path),
                // Of the whole there is nothing to say that its title would not.
                expected: described(expectation(violation), by: violation.path.isEmpty ? nil : rule),
                remedy: suggestion(violation, at: path))
        }
    }

    /// The schema whose keyword was broken.
    private func rule(of violation: Violation) -> JSON? {
        var rule = schema
        for token in violation.schemaPath.split(separator: "/").dropFirst().dropLast() {
            let name = (token.removingPercentEncoding ?? String(token))
                .replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
            guard let next = rule[name] ?? Int(name).flatMap({ rule[$0] }) else { return nil }
            rule = next
        }
        return rule
    }

    private func described(_ expectation: String, by rule: JSON?) -> String {
        guard var description = rule?["description"]?.string else { return expectation }
        if description.last == "." { description.removeLast() }
        return "\(expectation) (\(description))"
    }

    private func expectation(_ violation: Violation) -> String {
        switch violation.keyword {
        case "type":
            let type = violation.params["type"] ?? .null
            return (type.array ?? [type]).compactMap(\.string).map(SchemaExplanation.inWords).joined(separator: " or ")
        case "enum":
            let values = violation.params["allowedValues"]?.array ?? []
            return (values.count > 1 ? "one of " : "") + values.map(\.description).joined(separator: ", ")
        case "pattern":
            return "a string that matches \(violation.params["pattern"]?.string ?? "")"
        case "minLength": return "at least \(violation.params["limit"] ?? 0) characters"
        case "maxLength": return "at most \(violation.params["limit"] ?? 0) characters"
        case "minItems": return "at least \(violation.params["limit"] ?? 0) elements"
        case "maxItems": return "at most \(violation.params["limit"] ?? 0) elements"
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
            return "a number \(violation.params["comparison"]?.string ?? "") \(violation.params["limit"] ?? 0)"
        default:
            return "a value that \(violation.message)"
        }
    }

    private static func inWords(_ type: String) -> String {
        switch type {
        case "boolean": "true or false"
        case "integer": "a whole number"
        case "array": "a list"
        case "object": "an object"
        case "null": "null"
        default: "a \(type)"
        }
    }

    private func suggestion(_ violation: Violation, at path: JSONPath) -> String? {
        guard violation.keyword == "enum", let found = document.value(at: path)?.string,
            let values = violation.params["allowedValues"]?.array?.compactMap(\.string),
            let suggestion = Spelling.suggestion(for: found, among: values)
        else { return nil }
        return "did you mean \"\(suggestion)\"?"
    }
}

extension JSON {
    /// The value at the end of a path; `nil` if there is none.
    func value(at path: JSONPath) -> JSON? {
        var value = self
        for step in path {
            let next =
                switch step {
                case .member(let name): value[name]
                case .element(let index): value[index]
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
