import XOJSON

/// The defaults of a schema.
enum Defaults {
    /// The value with all that it leaves out and the schema has a default for.
    static func fill(_ value: JSON, _ schema: JSON) -> JSON {
        guard case .object(var members) = value, let properties = schema["properties"]?.object else { return value }
        for (name, schema) in properties {
            if let value = members[name] ?? schema["default"] { members[name] = fill(value, schema) }
        }
        return .object(members)
    }
}
