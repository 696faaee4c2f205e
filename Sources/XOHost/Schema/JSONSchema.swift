import XOJSON

/// A compiled JSON Schema: the part of draft 2020-12 that methods and configurations need.
///
/// Checked are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `minItems`,
/// `maxItems`, `minLength`, `maxLength`, `pattern`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
/// `allOf`, `anyOf`, `oneOf`. `default` is inserted. Annotations and unknown keywords mean nothing; the keywords of the
/// standard that would demand something and are not in this list are refused, so that no schema promises a check that
/// does not happen.
///
/// A value of it is immutable and may be used from all threads at once.
struct JSONSchema: Sendable {
    private let root: SchemaNode

    /// - Throws: the first thing that is wrong with the schema, with its place.
    init(_ schema: JSON) throws(SchemaProblem) {
        root = try SchemaCompiler.compile(schema)
    }

    /// Everything in which `value` breaks the schema, and the value with defaults inserted; `nil` instead of the value
    /// if nothing had to be inserted.
    func check(_ value: JSON) -> (completed: JSON?, violations: [Violation]) {
        var violations: [Violation] = []
        let completed = root.check(value, &violations)
        return (completed, violations)
    }

    /// As ``check(_:)``, for one who has no use for the violations.
    func accepts(_ value: JSON) -> Bool { check(value).violations.isEmpty }
}
