import XOJSON

/// How the records of one class become objects: a table of properties.
///
/// Mapping is pure: the same records give the same bytes.
struct ObjectClass: Sendable {
    let shape: RecordShape
    /// `nil` for classes that have no objects of their own and are only read while others are made.
    let properties: [Property]?
    private let type: @Sendable (Source) -> String
    private let id: @Sendable (Source) -> (id: String, uuid: String)

    /// - Parameters:
    ///   - className: as in XenServer's data model.
    ///   - fields: fields that are read besides those that the properties name.
    ///   - type: the object's type.
    ///   - id: the object's id and the value of its property `uuid`; both are the record's uuid by default.
    init(
        _ className: String, alsoReads fields: [String] = [],
        reducing reductions: [String: @Sendable (RawJSON) -> JSON] = [:],
        type: @escaping @Sendable (Source) -> String,
        id: @escaping @Sendable (Source) -> (id: String, uuid: String) = { ($0.record.uuid, $0.record.uuid) },
        _ properties: [Property]
    ) {
        shape = RecordShape(className, keeping: fields + properties.flatMap(\.fields), reducing: reductions)
        self.properties = properties
        self.type = type
        self.id = id
    }

    init(_ className: String, type: String, _ properties: [Property]) {
        self.init(className, type: { _ in type }, properties)
    }

    /// A class that is only read while objects of other classes are made.
    init(auxiliary className: String, _ fields: [String]) {
        shape = RecordShape(className, keeping: fields)
        properties = nil
        type = { _ in "" }
        id = { ($0.record.uuid, $0.record.uuid) }
    }

    /// The object of `record`; `nil` if its class has none, or if the pool itself is not known yet.
    func map(_ record: Record, in cache: RecordCache) -> PoolObject? {
        guard let properties, let pool = cache.pool?.uuid else { return nil }
        var source = Source(record: record, cache: cache)
        source.type = type(source)
        let (id, uuid) = id(source)
        var json: [UInt8] = []
        json.reserveCapacity(512)
        func member(_ separator: StaticString, _ value: String) {
            json.append(contentsOf: UnsafeBufferPointer(start: separator.utf8Start, count: separator.utf8CodeUnitCount))
            json.appendJSON(value)
        }
        member(#"{"id":"#, id)
        member(#","type":"#, source.type)
        member(#","uuid":"#, uuid)
        member(#","$pool":"#, pool)
        member(#","$poolId":"#, pool)
        member(#","_xapiRef":"#, record.ref)
        for property in properties {
            let start = json.count
            json.append(UInt8(ascii: ","))
            json.append(contentsOf: property.key)
            if !property.write(source, &json) { json.removeLast(json.count - start) }
        }
        json.append(UInt8(ascii: "}"))
        return PoolObject(id: id, type: source.type, pool: pool, ref: record.ref, json: json)
    }
}
