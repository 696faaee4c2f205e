import NIOCore
import Testing
import XOJSON

@testable import XAPIPool

/// The records of a small pool, written as a server would send them.
struct TestPool {
    let inventory = Inventory()
    let pool: PoolInventory

    /// - Parameter records: by class and reference, with a few fields each.
    init(_ records: [String: [String: JSON]] = [:]) throws {
        pool = PoolInventory(sink: inventory)
        var all: [String: [String: JSON]] = [
            "pool": [
                "OpaqueRef:pool": ["uuid": "pool-uuid", "name_label": "", "master": "OpaqueRef:host"]
            ],
            "host": [
                "OpaqueRef:host": [
                    "uuid": "host-uuid", "name_label": "alone", "software_version": ["platform_version": "3.4.0"],
                ]
            ],
        ]
        all.merge(records) { $0.merging($1) { _, new in new } }
        pool.load(try all.flatMap { try Self.records($0, $1) })
    }

    func apply(_ className: String, _ records: [String: JSON]) throws {
        pool.apply(try Self.records(className, records).map(RecordChange.put))
    }

    func object(_ id: String) -> JSON? { inventory.contents.value.objects[id] }

    static func records(_ className: String, _ records: [String: JSON]) throws -> [Record] {
        let result = JSON.object(JSONObject(uniqueKeysWithValues: records.map { ($0, $1) }))
        // With white space, as some servers write.
        let body: JSON = ["jsonrpc": "2.0", "result": result, "id": 1]
        let answer = try XAPIAnswer(ByteBuffer(bytes: body.serialized(indentation: 2)), to: "test", [])
        return try #require(Classes.named(className)).shape.readAll(answer).records
    }
}
