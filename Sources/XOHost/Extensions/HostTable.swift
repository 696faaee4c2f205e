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
        return HostTable(
            pointer: Immortal.value(
                xo_host(
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
                    })))
    }

    /// The table of an extension, made on first demand.
    private static func extensionTable(_ id: String, for life: Incarnation) -> UnsafeRawPointer? {
        struct Made: @unchecked Sendable { let pointer: UnsafeRawPointer }
        struct Key: Hashable {
            let life: ObjectIdentifier
            let id: String
        }
        enum Cache { static let tables = Mutex<[Key: Made]>([:]) }
        let context = Unmanaged.passUnretained(life).toOpaque()
        let made = Cache.tables.withLock { tables -> Made? in
            let key = Key(life: ObjectIdentifier(life), id: id)
            if let made = tables[key] { return made }
            let pointer: UnsafeRawPointer
            switch id {
            case XO_CALLS_1: pointer = UnsafeRawPointer(Immortal.value(CallsTable.make(context)))
            case XO_OBJECTS_1: pointer = UnsafeRawPointer(Immortal.value(ObjectsTable.make(context)))
            case XO_EVENTS_1: pointer = UnsafeRawPointer(Immortal.value(EventsTable.make(context)))
            case XO_HTTP_1: pointer = UnsafeRawPointer(Immortal.value(HTTPTable.make(context)))
            case XO_TRANSPORT_1: pointer = UnsafeRawPointer(Immortal.value(TransportTable.make(context)))
            case XO_STORE_1: pointer = UnsafeRawPointer(Immortal.value(StoreTable.make(context)))
            case XO_METRICS_1: pointer = UnsafeRawPointer(Immortal.value(MetricsTable.make(context)))
            default: return nil
            }
            tables[key] = Made(pointer: pointer)
            return tables[key]
        }
        return made?.pointer
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
