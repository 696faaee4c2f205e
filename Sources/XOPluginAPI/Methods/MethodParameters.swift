import XOJSON
import XOProtocol

/// The parameters of a method: a schema by name, in the order in which people shall see them.
///
/// ```swift
/// ["id": .string, "force": .boolean.optional, "mode": .oneOf(["fast", "safe"]).default("safe")]
/// ```
///
/// What is not optional is required, texts must not be empty unless allowed, unknown parameters are refused.
public struct MethodParameters: Sendable, ExpressibleByDictionaryLiteral {
    var schemas: JSONObject

    public init(dictionaryLiteral elements: (String, ParameterSchema)...) {
        schemas = JSONObject(elements.map { ($0, .object($1.members)) }, uniquingKeysWith: { _, last in last })
    }

    /// The names of all of them.
    public var names: [String] { Array(schemas.keys) }

    /// One more; replaces one of that name.
    public mutating func add(_ name: String, _ schema: ParameterSchema) { schemas[name] = .object(schema.members) }

    /// These and others, for methods that share some; of those with the same name the first ones stay.
    public func adding(_ others: MethodParameters) -> MethodParameters {
        var all = self
        all.schemas.merge(others.schemas) { own, _ in own }
        return all
    }
}

/// What a parameter may be.
public struct ParameterSchema: Sendable {
    var members: JSONObject

    public static let string = ParameterSchema(members: ["type": "string"])
    public static let integer = ParameterSchema(members: ["type": "integer"])
    public static let number = ParameterSchema(members: ["type": "number"])
    public static let boolean = ParameterSchema(members: ["type": "boolean"])
    public static let object = ParameterSchema(members: ["type": "object", "additionalProperties": true])
    public static let any = ParameterSchema(members: [:])

    public static func array(_ element: ParameterSchema) -> ParameterSchema {
        ParameterSchema(members: ["type": "array", "items": .object(element.members)])
    }

    public static func oneOf(_ values: [JSON]) -> ParameterSchema {
        ParameterSchema(members: ["enum": .array(values)])
    }

    /// Any schema of the dialect that `docs/plugin-authors.md` describes.
    public static func schema(_ members: JSONObject) -> ParameterSchema {
        ParameterSchema(members: members)
    }

    public var optional: ParameterSchema { with("optional", true) }
    public var allowingEmpty: ParameterSchema { with("minLength", 0) }
    public func `default`(_ value: JSON) -> ParameterSchema { with("default", value) }
    public func described(_ text: String) -> ParameterSchema { with("description", .string(text)) }

    /// Also takes `null`.
    public var nullable: ParameterSchema {
        guard let type = members["type"] else { return self }
        return with("type", .array((type.array ?? [type]) + ["null"]))
    }

    private func with(_ key: String, _ value: JSON) -> ParameterSchema {
        var copy = self
        copy.members[key] = value
        return copy
    }
}
