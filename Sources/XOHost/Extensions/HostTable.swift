import CXOPlugin
import Glibc
import Synchronization
import XOJSON
import XOProtocol

/// The host's tables as one life of an instance sees them. Made once and kept for ever, like the life itself: a plugin's
/// thread may use them at any time.
struct HostTable: @unchecked Sendable {
    // Unchecked: written before it is shared, constant afterwards.
    let pointer: UnsafePointer<xo_host>

    static func make(for life: Incarnation) -> HostTable {
        let instance = life.owner
        let context = Unmanaged.passRetained(life).toOpaque()
        let directory = instance.services.dataDirectory(of: instance.id)
        var table = xo_host(
            struct_size: UInt32(MemoryLayout<xo_host>.size), major: UInt16(XO_ABI_MAJOR),
            minor: UInt16(XO_ABI_MINOR), ctx: context, name: Immortal.view("xo-host"),
            version: Immortal.view(HostVersion.current), instance_id: Immortal.view(instance.id),
            data_dir: Immortal.view(directory),
            get_extension: { context, id in
                guard let life = Incarnation.from(context), let id = id.string else { return nil }
                return HostTable.extensionTable(id, for: life)
            },
            log_enabled: { context, level in
                guard let instance = PluginInstance.from(context) else { return 0 }
                return LogBridge.level(level) >= instance.log.logLevel ? 1 : 0
            },
            log: { context, record in
                if let instance = PluginInstance.from(context) { LogBridge.write(record, of: instance) }
            },
            complete: { context, op, status, payload in
                defer { payload.discard() }
                guard let instance = PluginInstance.from(context) else { return .invalidArgument }
                guard let bytes = UnsafeRawBufferPointer(view: payload.ptr, payload.len) else {
                    instance.counters.malformed.add(1, ordering: .relaxed)
                    instance.log.warning(
                        "completed an operation with a buffer whose length lies",
                        metadata: ["length": "\(payload.len)"])
                    return instance.complete(op.id, .dataCorrupt, .init(start: nil, count: 0))
                }
                return instance.complete(op.id, status, bytes)
            },
            is_cancelled: { context, op in
                guard let instance = PluginInstance.from(context),
                    let operation = instance.services.operations[op.id], operation.owner === instance
                else { return 1 }
                return operation.isCancelled ? 1 : 0
            })
        return HostTable(pointer: Immortal.table(&table))
    }

    /// The table of an extension, made on first demand.
    private static func extensionTable(_ id: String, for life: Incarnation) -> UnsafeRawPointer? {
        struct Key: Hashable {
            let life: ObjectIdentifier
            let id: String
        }
        enum Cache { static let tables = Mutex<[Key: ConstantTable]>([:]) }
        let context = Unmanaged.passUnretained(life).toOpaque()
        return Cache.tables.withLock { tables -> ConstantTable? in
            let key = Key(life: ObjectIdentifier(life), id: id)
            if tables[key] == nil { tables[key] = makeTable(id, context) }
            return tables[key]
        }?.pointer
    }

    private static func makeTable(_ id: String, _ context: UnsafeMutableRawPointer) -> ConstantTable? {
        switch id {
        case XO_CALLS_1:
            var table = CallsTable.make(context)
            return ConstantTable(&table)
        case XO_OBJECTS_1:
            var table = ObjectsTable.make(context)
            return ConstantTable(&table)
        case XO_EVENTS_1:
            var table = EventsTable.make(context)
            return ConstantTable(&table)
        case XO_HTTP_1:
            var table = HTTPTable.make(context)
            return ConstantTable(&table)
        case XO_TRANSPORT_1:
            var table = TransportTable.make(context)
            return ConstantTable(&table)
        case XO_STORE_1:
            var table = StoreTable.make(context)
            return ConstantTable(&table)
        case XO_METRICS_1:
            var table = MetricsTable.make(context)
            return ConstantTable(&table)
        case XO_AUTH_1:
            var table = AuthTable.make(context)
            return ConstantTable(&table)
        default: return nil
        }
    }
}

extension Incarnation {
    /// The life that a host function was called in; `nil` if it is over.
    static func from(_ context: UnsafeMutableRawPointer?) -> Incarnation? {
        let life = context.map { Unmanaged<Incarnation>.fromOpaque($0).takeUnretainedValue() }
        return life.flatMap { $0.isOver ? nil : $0 }
    }
}

extension PluginInstance {
    /// The instance that a host function was called for; `nil` if that life of it is over.
    static func from(_ context: UnsafeMutableRawPointer?) -> PluginInstance? { Incarnation.from(context)?.owner }
}

extension xo_buf {
    /// Gives the buffer back to its maker, wiped if it is secret.
    func discard() {
        if flags & UInt32(XO_BUF_SECRET) != 0, let ptr, len <= UInt64(Int.max) {
            explicit_bzero(UnsafeMutableRawPointer(mutating: ptr), Int(len))
        }
        release?(owner)
    }
}
