import XOJSON

/// Turns a schema document into a tree of ``SchemaNode``.
struct SchemaCompiler {
    static let maximumDepth = 32

    /// Keywords of the standard that demand something and that we do not check.
    private static let unsupported: Set = [
        "$ref", "$dynamicRef", "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies",
        "patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties",
        "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "uniqueItems",
        "unevaluatedItems", "multipleOf",
    ]

    /// From the root of the document, for error messages.
    private let place: JSONPath
    /// The same as ajv writes it.
    private let path: String

    static func compile(_ schema: JSON) throws(SchemaProblem) -> SchemaNode {
        try SchemaCompiler(place: [], path: "#").node(schema, depth: 0)
    }

    private func below(_ steps: JSONPathStep...) -> SchemaCompiler {
        let tokens = steps.map { step in
            switch step {
            case .member(let name): name.escapedForFragment
            case .element(let index): String(index)
            }
        }
        return SchemaCompiler(place: place + steps, path: "\(path)/\(tokens.joined(separator: "/"))")
    }

    private func problem(_ reason: String, at steps: JSONPathStep...) -> SchemaProblem {
        SchemaProblem(reason, at: place + steps)
    }

    private func node(_ schema: JSON, depth: Int) throws(SchemaProblem) -> SchemaNode {
        if let verdict = schema.bool { return SchemaNode(path: path, isFalse: !verdict) }
        guard let members = schema.object else {
            throw problem("found \(schema.typeName), expected an object, true or false")
        }
        guard depth < SchemaCompiler.maximumDepth else {
            throw problem("more than \(SchemaCompiler.maximumDepth) levels")
        }
        if let keyword = members.keys.first(where: SchemaCompiler.unsupported.contains) {
            throw problem("the keyword is not supported, express it with another one", at: .member(keyword))
        }
        return SchemaNode(
            path: path,
            types: try types(members["type"]),
            typeNames: members["type"] ?? .null,
            constant: members["const"],
            allowedValues: try list("enum", in: members),
            numbers: try numberRules(members),
            strings: try stringRules(members),
            combinations: try combinations(members, depth),
            arrays: try arrayRules(members, depth),
            objects: try objectRules(members, depth))
    }

    private func types(_ written: JSON?) throws(SchemaProblem) -> SchemaTypes {
        guard let written else { return .any }
        let names = written.array ?? [written]
        guard !names.isEmpty else { throw problem("no type in the list", at: .member("type")) }
        var types: SchemaTypes = []
        for name in names {
            guard let text = name.string, let type = SchemaTypes(name: text) else {
                throw problem(
                    "unknown type \(name), expected one of \(SchemaTypes.names.joined(separator: ", "))",
                    at: .member("type"))
            }
            types.formUnion(type)
        }
        return types
    }

    private func numberRules(_ members: JSONObject) throws(SchemaProblem) -> [NumberRule] {
        var rules: [NumberRule] = []
        for (keyword, comparison) in NumberRule.comparisons {
            guard let value = members[keyword] else { continue }
            guard let limit = value.double else {
                throw problem("found \(value.typeName), expected a number", at: .member(keyword))
            }
            rules.append(NumberRule(keyword: keyword, comparison: comparison, limit: limit))
        }
        return rules
    }

    private func stringRules(_ members: JSONObject) throws(SchemaProblem) -> StringRules? {
        let maximum = try count("maxLength", in: members)
        let minimum = try count("minLength", in: members)
        var pattern: RegularExpression?
        if let value = members["pattern"] {
            guard let text = value.string else {
                throw problem("found \(value.typeName), expected a string", at: .member("pattern"))
            }
            do {
                pattern = try RegularExpression(text)
            } catch {
                throw problem("bad regular expression \(value): \(error)", at: .member("pattern"))
            }
        }
        if maximum == nil, minimum == nil, pattern == nil { return nil }
        return StringRules(maximum: maximum, minimum: minimum, pattern: pattern)
    }

    private func combinations(_ members: JSONObject, _ depth: Int) throws(SchemaProblem) -> [SchemaCombination] {
        var combinations: [SchemaCombination] = []
        for kind in SchemaCombination.Kind.allCases {
            guard let schemas = try list(kind.rawValue, in: members) else { continue }
            var branches: [SchemaNode] = []
            for (index, schema) in schemas.enumerated() {
                branches.append(
                    try below(.member(kind.rawValue), .element(index)).node(schema, depth: depth + 1))
            }
            combinations.append(SchemaCombination(kind: kind, branches: branches))
        }
        return combinations
    }

    private func arrayRules(_ members: JSONObject, _ depth: Int) throws(SchemaProblem) -> ArrayRules? {
        let maximum = try count("maxItems", in: members)
        let minimum = try count("minItems", in: members)
        var items: SchemaNode?
        if let schema = members["items"] { items = try below(.member("items")).node(schema, depth: depth + 1) }
        if maximum == nil, minimum == nil, items == nil { return nil }
        return ArrayRules(maximum: maximum, minimum: minimum, items: items)
    }

    private func objectRules(_ members: JSONObject, _ depth: Int) throws(SchemaProblem) -> ObjectRules? {
        if let value = members["properties"], value.object == nil {
            throw problem("found \(value.typeName), expected an object", at: .member("properties"))
        }
        let declared = members["properties"]?.object ?? [:]
        let requiredNames = try names("required", in: members)
        var properties: [ObjectRules.Property] = []
        for (name, schema) in declared {
            properties.append(
                try property(name, schema, isRequired: requiredNames.contains(name), depth: depth + 1))
        }
        var others = ObjectRules.Others.allowed
        switch members["additionalProperties"] {
        case nil, .bool(true): break
        case .bool(false): others = .refused
        case .some(let schema):
            others = .checked(try below(.member("additionalProperties")).node(schema, depth: depth + 1))
        }
        if case .allowed = others, properties.isEmpty, requiredNames.isEmpty { return nil }
        let withDefault = Set(properties.filter { $0.defaultValue != nil }.map(\.name))
        return ObjectRules(
            properties: properties,
            requiredOthers: requiredNames.filter { declared[$0] == nil },
            required: requiredNames.filter { !withDefault.contains($0) },
            others: others,
            names: Set(declared.keys))
    }

    private func property(
        _ name: String, _ schema: JSON, isRequired: Bool, depth: Int
    ) throws(SchemaProblem) -> ObjectRules.Property {
        let place = below(.member("properties"), .member(name))
        let node = try place.node(schema, depth: depth)
        var defaultValue = schema["default"]
        if let value = defaultValue {
            var violations: [Violation] = []
            if let completed = node.check(value, &violations) { defaultValue = completed }
            if let violation = violations.first {
                throw place.problem("\(value) breaks this very schema: \(violation.message)", at: .member("default"))
            }
        }
        return ObjectRules.Property(name: name, schema: node, isRequired: isRequired, defaultValue: defaultValue)
    }

    // MARK: Values of keywords

    private func list(_ keyword: String, in members: JSONObject) throws(SchemaProblem) -> [JSON]? {
        guard let value = members[keyword] else { return nil }
        guard let elements = value.array, !elements.isEmpty else {
            throw problem("expected an array with at least one element", at: .member(keyword))
        }
        return elements
    }

    private func names(_ keyword: String, in members: JSONObject) throws(SchemaProblem) -> [String] {
        guard let value = members[keyword] else { return [] }
        guard let elements = value.array, elements.allSatisfy({ $0.string != nil }) else {
            throw problem("expected an array of strings", at: .member(keyword))
        }
        return elements.compactMap(\.string)
    }

    private func count(_ keyword: String, in members: JSONObject) throws(SchemaProblem) -> Int? {
        guard let value = members[keyword] else { return nil }
        // The upper bound leaves room to multiply by the length of a code point.
        guard let number = value.integer, (0...Int64(Int32.max)).contains(number) else {
            throw problem("found \(value), expected an integer from 0 to \(Int32.max)", at: .member(keyword))
        }
        return Int(number)
    }
}
