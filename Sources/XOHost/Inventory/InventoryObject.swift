import CXOPlugin
import XOJSON
import XOProtocol

/// One object, as its source handed it in. The record is forwarded byte for byte.
struct InventoryObject: Sendable {
    let id: String
    let type: String
    let pool: String
    let ref: String
    let record: [UInt8]

    /// Takes an object over from a plugin. The record is checked to be one JSON object, once; nobody checks it again.
    init(_ view: xo_object) throws {
        guard let id = view.id.string, !id.isEmpty, let type = view.type.string, !type.isEmpty,
            let pool = view.pool.string, let ref = view.ref.string
        else { throw LifecycleError("id, type, pool and ref must be UTF-8, id and type not empty") }
        guard let record = UnsafeRawBufferPointer(view: view.record.ptr, view.record.len), record.first == 0x7B,
            JSONText.isValid(record), !record.contains(0x0A)
        else { throw LifecycleError("the record of \(id) is not one JSON object in UTF-8 on one line") }
        self.id = id
        self.type = type
        self.pool = pool
        self.ref = ref
        self.record = Array(record)
    }

    /// The record as a value, for filters.
    var json: JSON { (try? JSON(parsing: record)) ?? [:] }
}
