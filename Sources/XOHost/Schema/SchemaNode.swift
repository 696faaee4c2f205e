import XOJSON

/// One schema of a compiled tree of schemas.
///
/// The order in which violations are found is ajv's: type, numbers, strings, `const` and `enum`, combinations, arrays,
/// objects; of an object first what is missing, then what is too much, then the properties.
final class SchemaNode: Sendable {
    /// Path in the schema document, `#/properties/id`.
    let path: String
    let types: SchemaTypes
    /// `type` as it was written, for the error.
    let typeNames: JSON
    let constant: JSON?
    let allowedValues: [JSON]?
    let numbers: [NumberRule]
    let strings: StringRules?
    let combinations: [SchemaCombination]
    let arrays: ArrayRules?
    let objects: ObjectRules?
    /// The schema `false`, which nothing satisfies.
    let isFalse: Bool

    init(
        path: String, types: SchemaTypes = .any, typeNames: JSON = .null, constant: JSON? = nil,
        allowedValues: [JSON]? = nil, numbers: [NumberRule] = [], strings: StringRules? = nil,
        combinations: [SchemaCombination] = [], arrays: ArrayRules? = nil, objects: ObjectRules? = nil,
        isFalse: Bool = false
    ) {
        self.path = path
        self.types = types
        self.typeNames = typeNames
        self.constant = constant
        self.allowedValues = allowedValues
        self.numbers = numbers
        self.strings = strings
        self.combinations = combinations
        self.arrays = arrays
        self.objects = objects
        self.isFalse = isFalse
    }

    /// Notes what is wrong with `value`; returns it with defaults inserted, or `nil` if there were none to insert.
    func check(_ value: JSON, _ violations: inout [Violation]) -> JSON? {
        if isFalse { violations.append(Violation("false schema", in: path, "boolean schema is false")) }
        if !types.admits(value) { violations.append(typeViolation) }
        switch value {
        case .integer(let integer):
            for rule in numbers { rule.check(Double(integer), path, &violations) }
        case .number(let number):
            for rule in numbers { rule.check(number, path, &violations) }
        case .string(let string):
            strings?.check(string, path, &violations)
        default: break
        }
        if let constant, !constant.isSame(as: value) {
            violations.append(
                Violation("const", in: path, params: ["allowedValue": constant], "must be equal to constant"))
        }
        if let allowedValues, !allowedValues.contains(where: { $0.isSame(as: value) }) {
            violations.append(
                Violation(
                    "enum", in: path, params: ["allowedValues": .array(allowedValues)],
                    "must be equal to one of the allowed values"))
        }
        for combination in combinations { combination.check(value, path, &violations) }
        switch value {
        case .array(let elements): return arrays?.check(elements, path, &violations).map(JSON.array)
        case .object(let members): return objects?.check(members, path, &violations).map(JSON.object)
        default: return nil
        }
    }

    private var typeViolation: Violation {
        let names = typeNames.array?.compactMap(\.string).joined(separator: ",") ?? typeNames.string ?? ""
        return Violation("type", in: path, params: ["type": typeNames], "must be \(names)")
    }
}

extension JSON {
    /// Equality as JSON Schema has it: 1 and 1.0 are the same number.
    func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.integer, .number), (.number, .integer): double == other.double
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { right[$0.key]?.isSame(as: $0.value) ?? false }
        default: self == other
        }
    }
}
