import XOJSON

/// Whether the host will understand a schema: the keywords that docs/plugin-authors.md lists, with values of their types.
enum SchemaCheck {
    /// Keywords of JSON Schema that demand something which the host does not check.
    private static let refused: Set = [
        "$ref", "$dynamicRef", "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies",
        "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "patternProperties",
        "propertyNames", "unevaluatedItems",
        "unevaluatedProperties", "uniqueItems", "multipleOf", "minProperties", "maxProperties",
    ]
    private static let types: Set = ["object", "array", "string", "integer", "number", "boolean", "null"]

    /// What the host will refuse, and where.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: ``Problem``, for the first that is found.
    static func check(_ schema: JSON, at path: String = "the schema") throws {
        if schema.bool != nil { return }
        guard let members = schema.object else {
            throw Problem(description: "\(path) is of type \(schema.typeName), expected an object")
        }
        for (keyword, value) in members {
            let place = "\(path).\(keyword)"
            switch keyword {
            case "type":
                let names = value.array ?? [value]
                guard !names.isEmpty, names.allSatisfy({ types.contains($0.string ?? "") }) else {
                    throw Problem(description: "\(place) is \(value), which is no type of JSON Schema")
                }
            case "properties":
                guard let properties = value.object else { throw expected("an object", place, value) }
                for (name, property) in properties { try check(property, at: "\(place).\(name)") }
            case "items", "additionalProperties": try check(value, at: place)
            case "allOf", "anyOf", "oneOf":
                guard let branches = value.array, !branches.isEmpty else { throw expected("a list", place, value) }
                for (index, branch) in branches.enumerated() { try check(branch, at: "\(place)[\(index)]") }
            case "required", "enum":
                guard value.array != nil else { throw expected("a list", place, value) }
            case "minItems", "maxItems", "minLength", "maxLength":
                guard let number = value.integer, number >= 0 else { throw expected("a count", place, value) }
            case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
                guard value.double != nil else { throw expected("a number", place, value) }
            case "pattern", "description":
                guard value.string != nil else { throw expected("a text", place, value) }
            default:
                guard !refused.contains(keyword) else {
                    throw Problem(description: "\(place) is a keyword that the host refuses")
                }
            }
        }
    }

    private static func expected(_ what: String, _ place: String, _ value: JSON) -> Problem {
        Problem(description: "\(place) is of type \(value.typeName), expected \(what)")
    }
}
