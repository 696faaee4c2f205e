extension JSON {
    /// The JSON form of a value. Members stand in the order in which they were encoded; `nil` members are left out, as
    /// synthesized conformances do.
    public init(encoding value: some Encodable) throws {
        let encoder = ValueEncoder(slot: Slot(), codingPath: [])
        try encoder.encode(value)
        self = encoder.slot.value
    }
}

/// Where an encoder puts what it is given. A class, because the containers of one encoder share it, and because a nested
/// container goes on writing after its parent has handed it out.
private final class Slot {
    private enum Content {
        case nothing
        case value(JSON)
        case members([(key: String, slot: Slot)])
        case elements([Slot])
    }

    private var content = Content.nothing

    func put(_ value: JSON) { content = .value(value) }

    func becomeObject() {
        if case .members = content { return }
        content = .members([])
    }

    func becomeArray() {
        if case .elements = content { return }
        content = .elements([])
    }

    func member(_ key: String) -> Slot {
        let slot = Slot()
        if case .members(var members) = content {
            content = .nothing  // keeps the array uniquely referenced, so that it is not copied for each member
            members.append((key, slot))
            content = .members(members)
        }
        return slot
    }

    func element() -> Slot {
        let slot = Slot()
        if case .elements(var elements) = content {
            content = .nothing
            elements.append(slot)
            content = .elements(elements)
        }
        return slot
    }

    var count: Int { if case .elements(let elements) = content { elements.count } else { 0 } }

    var value: JSON {
        switch content {
        case .nothing: [:]
        case .value(let value): value
        case .members(let members):
            .object(JSONObject(members.map { ($0.key, $0.slot.value) }, uniquingKeysWith: { _, last in last }))
        case .elements(let elements): .array(elements.map(\.value))
        }
    }
}

private struct ValueEncoder: Encoder {
    let slot: Slot
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.becomeObject()
        return KeyedEncodingContainer(MemberEncoding(slot: slot, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.becomeArray()
        return ElementEncoding(slot: slot, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension ValueEncoder: SingleValueEncodingContainer {
    func encodeNil() { slot.put(.null) }
    func encode(_ value: Bool) { slot.put(.bool(value)) }
    func encode(_ value: String) { slot.put(.string(value)) }
    func encode(_ value: Double) { slot.put(.number(value)) }
    func encode(_ value: Float) { slot.put(.number(Double(value))) }
    func encode(_ value: Int) { slot.put(JSON(value)) }
    func encode(_ value: Int8) { slot.put(JSON(value)) }
    func encode(_ value: Int16) { slot.put(JSON(value)) }
    func encode(_ value: Int32) { slot.put(JSON(value)) }
    func encode(_ value: Int64) { slot.put(JSON(value)) }
    func encode(_ value: UInt) throws { try encode(UInt64(value)) }
    func encode(_ value: UInt8) { slot.put(JSON(value)) }
    func encode(_ value: UInt16) { slot.put(JSON(value)) }
    func encode(_ value: UInt32) { slot.put(JSON(value)) }

    func encode(_ value: UInt64) throws {
        guard let integer = Int64(exactly: value) else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: codingPath, debugDescription: "an integer above \(Int64.max)"))
        }
        slot.put(.integer(integer))
    }

    func encode(_ value: some Encodable) throws {
        if type(of: value) == JSON.self, let value = value as? JSON {
            slot.put(value)
        } else {
            try value.encode(to: self)
        }
    }
}

private struct MemberEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: Slot
    let codingPath: [any CodingKey]

    private func encoder(_ key: some CodingKey) -> ValueEncoder {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { encoder(key).encodeNil() }
    func encode(_ value: some Encodable, forKey key: Key) throws { try encoder(key).encode(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoder(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder(JSONKey(stringValue: "super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct ElementEncoding: UnkeyedEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]

    var count: Int { slot.count }

    private func encoder() -> ValueEncoder {
        let path = codingPath + [JSONKey(intValue: count)]
        return ValueEncoder(slot: slot.element(), codingPath: path)
    }

    func encodeNil() { encoder().encodeNil() }
    func encode(_ value: some Encodable) throws { try encoder().encode(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder() }
}

extension JSON: Encodable {
    /// For other encoders than ours, which take a JSON value as it is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let members): try container.encode(Dictionary(uniqueKeysWithValues: members.map { ($0, $1) }))
        }
    }
}
