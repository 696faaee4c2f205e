import XOJSON
import XOProtocol

extension MethodParameters {
    /// The parameters that `type` decodes, found by letting it decode a value that says yes to everything and writing
    /// down what it asks for. `nil` if the type does not decode an object, as `JSON` itself, or if it inspects values
    /// while decoding: then the method takes whatever comes, or declares its parameters.
    init?<T: Decodable>(inferredFrom type: T.Type) {
        if type == JSON.self { return nil }
        let probe = Probe()
        guard (try? T(from: probe)) != nil || type == NoParameters.self, let members = probe.record.members else {
            return nil
        }
        schemas = members
    }
}

/// What the probed type has asked for.
private final class ProbeRecord {
    var members: JSONObject?
    var schema: JSONObject = [:]
}

private struct Probe: Decoder {
    let record = ProbeRecord()
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        if record.members == nil { record.members = [:] }
        record.schema = ["type": "object", "additionalProperties": true]
        return KeyedDecodingContainer(MemberProbe(record: record))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        record.schema = ["type": "array"]
        return ElementProbe(record: record)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// Some value of `type`, and the schema of all its values.
    static func sample<T: Decodable>(_ type: T.Type) throws -> (value: T, schema: JSONObject) {
        if let value = JSON.null as? T { return (value, [:]) }
        if let enumeration = type as? any CaseIterable.Type {
            let cases = rawCases(of: enumeration)
            if let value = cases.first?.value as? T { return (value, ["enum": .array(cases.map(\.raw))]) }
        }
        let probe = Probe()
        return (try T(from: probe), probe.record.schema)
    }

    /// The cases of an enumeration with raw values that JSON can express; empty for others.
    private static func rawCases<Enumeration: CaseIterable>(of type: Enumeration.Type) -> [(value: Any, raw: JSON)] {
        type.allCases.compactMap { value in
            guard let value = value as? any RawRepresentable, let raw = rawValue(of: value) else { return nil }
            return (value, raw)
        }
    }

    private static func rawValue<Value: RawRepresentable>(of value: Value) -> JSON? {
        switch value.rawValue {
        case let text as String: .string(text)
        case let number as any BinaryInteger: JSON(number)
        default: nil
        }
    }
}

extension Probe: SingleValueDecodingContainer {
    func decodeNil() -> Bool { false }

    private func answer<T>(_ value: T, _ type: String) -> T {
        record.schema = ["type": .string(type)]
        return value
    }

    func decode(_ type: Bool.Type) -> Bool { answer(false, "boolean") }
    func decode(_ type: String.Type) -> String { answer("", "string") }
    func decode(_ type: Double.Type) -> Double { answer(0, "number") }
    func decode(_ type: Float.Type) -> Float { answer(0, "number") }
    func decode(_ type: Int.Type) -> Int { answer(0, "integer") }
    func decode(_ type: Int8.Type) -> Int8 { answer(0, "integer") }
    func decode(_ type: Int16.Type) -> Int16 { answer(0, "integer") }
    func decode(_ type: Int32.Type) -> Int32 { answer(0, "integer") }
    func decode(_ type: Int64.Type) -> Int64 { answer(0, "integer") }
    func decode(_ type: UInt.Type) -> UInt { answer(0, "integer") }
    func decode(_ type: UInt8.Type) -> UInt8 { answer(0, "integer") }
    func decode(_ type: UInt16.Type) -> UInt16 { answer(0, "integer") }
    func decode(_ type: UInt32.Type) -> UInt32 { answer(0, "integer") }
    func decode(_ type: UInt64.Type) -> UInt64 { answer(0, "integer") }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let sample = try Probe.sample(type)
        record.schema = sample.schema
        return sample.value
    }
}

private struct MemberProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let record: ProbeRecord
    let codingPath: [any CodingKey] = []
    let allKeys: [Key] = []

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { false }

    private func note<T: Decodable>(_ type: T.Type, _ key: Key, optional: Bool) throws -> T {
        var (value, schema) = try Probe.sample(type)
        if optional { schema["optional"] = true }
        record.members?[key.stringValue] = .object(schema)
        return value
    }

    // The standard library leads `decode` and `decodeIfPresent` of all types to these two, except for the basic types,
    // whose overloads it prefers: those are given below.
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try note(type, key, optional: false) }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try note(type, key, optional: true)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try note(type, key, optional: true) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try note(type, key, optional: true) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try note(type, key, optional: true) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try note(type, key, optional: true) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try note(type, key, optional: true) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw NotInferable() }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw NotInferable() }
    func superDecoder() throws -> any Decoder { throw NotInferable() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw NotInferable() }
}

/// An array that asks for one element and then ends.
private struct ElementProbe: UnkeyedDecodingContainer {
    let record: ProbeRecord
    let codingPath: [any CodingKey] = []
    let count: Int? = 1
    var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        let sample = try Probe.sample(type)
        record.schema["items"] = .object(sample.schema)
        return sample.value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { throw NotInferable() }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NotInferable() }
    mutating func superDecoder() throws -> any Decoder { throw NotInferable() }
}

private struct NotInferable: Error {}
