import XOJSON

/// The way in which methods describe their parameters, made into JSON Schema.
///
/// It is Xen Orchestra's: JSON Schema, but every property is required unless it is `optional` or has a `default`;
/// properties that are not declared are refused unless `additionalProperties` says otherwise, a property `*` describes
/// them, or none is declared at all; and a string is not empty unless `minLength`, `format` or `pattern` is there. A
/// schema with `enum` is left as it is. This holds at every level.
enum ParameterDialect {
    /// - Parameter parameters: name → schema in the dialect.
    static func schema(of parameters: JSONObject) throws(SchemaProblem) -> JSON {
        try convert(["type": "object", "properties": .object(parameters)], at: [])
    }

    private static func convert(_ schema: JSON, at path: JSONPath) throws(SchemaProblem) -> JSON {
        guard var members = schema.object else { return schema }
        members["optional"] = nil
        if members["enum"] != nil { return .object(members) }
        guard members["required"] == nil else {
            throw SchemaProblem(
                "parameters are required by themselves, write \"optional\": true into those that are not",
                at: path + [.member("required")])
        }
        if let properties = members["properties"]?.object {
            try convert(properties, of: &members, at: path)
        } else if members["additionalProperties"]?.object != nil {
            try convert("additionalProperties", of: &members, at: path)
        }
        if members["items"] != nil { try convert("items", of: &members, at: path) }
        for keyword in SchemaCombination.Kind.allCases.map(\.rawValue) {
            guard let branches = members[keyword]?.array else { continue }
            var converted: [JSON] = []
            for (index, branch) in branches.enumerated() {
                converted.append(try convert(branch, at: path + [.member(keyword), .element(index)]))
            }
            members[keyword] = .array(converted)
        }
        let mayBeString = members["type"] == "string" || members["type"]?.array?.contains("string") ?? false
        if mayBeString, members["minLength"] == nil, members["format"] == nil, members["pattern"] == nil {
            members["minLength"] = 1
        }
        return .object(members)
    }

    private static func convert(
        _ keyword: String, of members: inout JSONObject, at path: JSONPath
    ) throws(SchemaProblem) {
        guard let schema = members[keyword] else { return }
        members[keyword] = try convert(schema, at: path + [.member(keyword)])
    }

    private static func convert(
        _ properties: JSONObject, of members: inout JSONObject, at path: JSONPath
    ) throws(SchemaProblem) {
        var converted = JSONObject()
        var required: [String] = []
        for (name, schema) in properties where name != "*" {
            converted[name] = try convert(schema, at: path + [.member("properties"), .member(name)])
            let isOptional = schema["optional"] == true || schema["default"] != nil
            if !isOptional { required.append(name) }
        }
        members["properties"] = .object(converted)
        members["required"] = JSON(required)
        if members["additionalProperties"] != nil {
            try convert("additionalProperties", of: &members, at: path)
        } else if let others = properties["*"] {
            members["additionalProperties"] = try convert(others, at: path + [.member("properties"), .member("*")])
        } else if !converted.isEmpty {
            members["additionalProperties"] = false
        }
    }
}
