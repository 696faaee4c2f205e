import CXOPlugin
import XOJSON
import XOProtocol

/// One object of the inventory, as a finished record.
public struct ObjectRecord: Sendable {
    public let id: String
    public let type: String
    public let pool: String
    public let ref: String
    public let json: [UInt8]

    /// - Parameters:
    ///   - id: equals the record's member `id`; likewise `type`, and `pool` its member `$pool`.
    ///   - ref: a second name under which the object can be looked up; may be empty.
    ///   - json: the compact JSON object that clients will receive, byte for byte.
    public init(id: String, type: String, pool: String, ref: String, json: [UInt8]) {
        self.id = id
        self.type = type
        self.pool = pool
        self.ref = ref
        self.json = json
    }
}

/// Publishes objects. All functions return at once, may be called from everywhere, and take effect in order.
public final class ObjectSource: Sendable {
    /// Whether what was published is known to be current.
    public enum Status: Sendable {
        case live, stale
    }

    private let tables: HostTables
    private let source: xo_source

    init(tables: HostTables, name: String) throws {
        self.tables = tables
        var source = xo_source()
        let context = tables.objects?.slot(\.ctx)
        try (name.withView { tables.objects?.slot(\.source_open)?(context, $0, &source) } ?? .unsupported)
            .check("opening the source \(name)")
        self.source = source
    }

    private var context: UnsafeMutableRawPointer? { tables.objects?.slot(\.ctx) }

    /// Begins to tell everything that exists; at ``endSnapshot()``, what was not put since is removed.
    public func beginSnapshot() { _ = tables.objects?.slot(\.snapshot_begin)?(context, source) }
    public func endSnapshot() { _ = tables.objects?.slot(\.snapshot_end)?(context, source) }

    /// Adds or replaces objects. Clients are told of one call's objects together.
    public func put(_ records: [ObjectRecord]) {
        guard !records.isEmpty, let put = tables.objects?.slot(\.put) else { return }
        // All texts of the batch stand in one piece of memory, so that nothing is pinned object by object.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(0) { $0 + $1.json.count + 160 })
        var ends: [Int] = []
        ends.reserveCapacity(records.count * 5)
        for record in records {
            for text in [record.id, record.type, record.pool, record.ref] {
                bytes.append(contentsOf: text.utf8)
                ends.append(bytes.count)
            }
            bytes.append(contentsOf: record.json)
            ends.append(bytes.count)
        }
        bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            var start = 0
            func take(_ index: Int) -> (UnsafeRawPointer, UInt64) {
                defer { start = ends[index] }
                return (base + start, UInt64(ends[index] - start))
            }
            func text(_ index: Int) -> xo_str {
                let (pointer, length) = take(index)
                return xo_str(ptr: pointer.assumingMemoryBound(to: CChar.self), len: length)
            }
            let objects = records.indices.map { index -> xo_object in
                let first = index * 5
                let (id, type, pool, ref) = (text(first), text(first + 1), text(first + 2), text(first + 3))
                let (record, length) = take(first + 4)
                return xo_object(
                    id: id, type: type, pool: pool, ref: ref,
                    record: xo_bytes(ptr: record.assumingMemoryBound(to: UInt8.self), len: length))
            }
            _ = put(context, source, objects, UInt32(objects.count), UInt32(MemoryLayout<xo_object>.stride))
        }
    }

    /// Removes objects; unknown ids are passed over.
    public func remove(_ ids: [String]) {
        guard !ids.isEmpty, let remove = tables.objects?.slot(\.remove) else { return }
        let text = ids.joined()
        text.withView { all in
            var views: [xo_str] = []
            var offset = 0
            for id in ids {
                let length = id.utf8.count
                views.append(xo_str(ptr: all.ptr.map { $0 + offset }, len: UInt64(length)))
                offset += length
            }
            _ = remove(context, source, views, UInt32(views.count), UInt32(MemoryLayout<xo_str>.stride))
        }
    }

    public func report(_ status: Status, _ detail: String = "") {
        let state = status == .live ? UInt32(XO_SOURCE_LIVE) : UInt32(XO_SOURCE_STALE)
        _ = detail.withView { tables.objects?.slot(\.source_status)?(context, source, state, $0) }
    }

    /// Removes all of the source's objects and ends it.
    public func close() { _ = tables.objects?.slot(\.source_close)?(context, source) }
}
