import CXOPlugin
import Foundation
import Synchronization
import XOJSON
import XOProtocol

/// A host of one instance of a provider: loads the library, gives it a configuration as the daemon would, and asks it
/// through its tables.
///
/// The daemon's own side of `xo.auth/1` has tests of its own; here a question can be anything.
final class ProviderHost: Sendable {
    /// What a question has ended with.
    struct Answer: Sendable {
        let status: xo_status
        let value: JSON

        var message: String { value["message"]?.string ?? "" }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    enum Question: Sendable {
        case begin, finish, end, page
    }

    /// May be called from every thread: its descriptor says so.
    private struct Instance: @unchecked Sendable {
        let pointer: UnsafePointer<xo_instance>
    }

    private struct State {
        var instance: Instance?
        var operations: [UInt64: CheckedContinuation<Answer, Never>] = [:]
        var lastOperation: UInt64 = 0
        var isRunning = false
        var offers: [JSON] = []
        var revoked: [JSON] = []
        var log: [String] = []
    }

    let store: MemoryStore
    // Constant data of the library.
    private nonisolated(unsafe) let library: UnsafePointer<xo_library>
    private let state = Mutex(State())
    /// Callbacks come from here, never from inside a function of the host.
    private let callbacks = DispatchQueue(label: "callbacks")

    /// - Parameter store: of an earlier host, to see what survives a restart.
    init(_ file: String, store: MemoryStore = MemoryStore()) throws {
        self.store = store
        guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE),
            let symbol = dlsym(handle, "xo_plugin_entry")
        else { throw Failure(description: String(cString: dlerror())) }
        typealias Entry = @convention(c) (UnsafePointer<xo_query>) -> UnsafePointer<xo_library>?
        var query = xo_query()
        query.struct_size = UInt32(MemoryLayout<xo_query>.size)
        query.major_min = UInt16(XO_ABI_MAJOR)
        query.major_max = UInt16(XO_ABI_MAJOR)
        guard let library = unsafeBitCast(symbol, to: Entry.self)(&query) else {
            throw Failure(description: "\(file) does not fit this host")
        }
        self.library = library
    }

    var offers: [JSON] { state.withLock { $0.offers } }
    var revoked: [JSON] { state.withLock { $0.revoked } }
    var log: [String] { state.withLock { $0.log } }

    var configurationSchema: JSON {
        get throws { try JSON(parsing: library.pointee.descriptor?.pointee.configuration_schema.string ?? "{}") }
    }

    // MARK: Life

    /// Up to RUNNING.
    func start(_ configuration: JSON) async throws {
        var instance: UnsafePointer<xo_instance>?
        var sink = xo_err(
            struct_size: UInt32(MemoryLayout<xo_err>.size), reserved: 0, ctx: nil, set: { _, _, _ in })
        guard library.pointee.create?(coreTable(), &instance, &sink) == .ok, let instance,
            instance.pointee.setup?(instance.pointee.data, &sink) == .ok
        else { throw Failure(description: "create or setup failed") }
        let made = Instance(pointer: instance)
        state.withLock { $0.instance = made }
        try await configure(configuration)
        state.withLock { $0.isRunning = true }
        try check(await operation { $0.pointee.start?($0.pointee.data, $1) })
    }

    func configure(_ configuration: JSON) async throws {
        let whole = Self.fillIn(configuration, try configurationSchema).serialized()
        try check(
            await operation { instance, op in
                whole.withView { instance.pointee.configure?(instance.pointee.data, op, $0) }
            })
    }

    func stop() async throws {
        try check(await operation { $0.pointee.stop?($0.pointee.data, $1) })
        let instance = state.withLock { state in
            state.isRunning = false
            return state.instance
        }
        if let instance = instance?.pointer { instance.pointee.destroy?(instance.pointee.data) }
    }

    private func check(_ answer: Answer) throws {
        guard answer.status >= 0 else { throw Failure(description: answer.message) }
    }

    /// Puts the schema's defaults in, as the host does.
    private static func fillIn(_ value: JSON, _ schema: JSON) -> JSON {
        switch value {
        case .object(var members):
            for (name, property) in schema["properties"]?.object ?? [:] {
                if let member = members[name] ?? property["default"] { members[name] = fillIn(member, property) }
            }
            return .object(members)
        case .array(let elements): return .array(elements.map { fillIn($0, schema["items"] ?? [:]) })
        default: return value
        }
    }

    // MARK: Questions

    func ask(_ question: Question, _ request: JSON) async throws -> Answer {
        let text = request.serialized()
        return try await operation { instance, op in
            let id: String = XO_AUTH_1
            guard let raw = id.withView({ instance.pointee.get_extension?(instance.pointee.data, $0) }) else {
                return .unsupported
            }
            let table = raw.assumingMemoryBound(to: xo_auth.self)
            return text.withView { text in
                switch question {
                case .begin: table.pointee.begin?(instance.pointee.data, op, text)
                case .finish: table.pointee.finish?(instance.pointee.data, op, text)
                case .end: table.pointee.end?(instance.pointee.data, op, text)
                case .page: table.pointee.page?(instance.pointee.data, op, text)
                }
            }
        }
    }

    private func operation(
        _ body: @escaping (UnsafePointer<xo_instance>, xo_op) -> xo_status?
    ) async throws -> Answer {
        guard let instance = state.withLock({ $0.instance })?.pointer else { throw Failure(description: "no instance") }
        return await withCheckedContinuation { continuation in
            let op = state.withLock { state in
                state.lastOperation += 1
                state.operations[state.lastOperation] = continuation
                return xo_op(id: state.lastOperation)
            }
            let status = body(instance, op) ?? .unsupported
            if status != .accepted { complete(op, Answer(status: status, value: .null)) }
        }
    }

    @discardableResult
    private func complete(_ op: xo_op, _ answer: Answer) -> xo_status {
        let waiting = state.withLock { $0.operations.removeValue(forKey: op.id) }
        waiting?.resume(returning: answer)
        return waiting == nil ? .staleHandle : .ok
    }

    // MARK: Tables

    /// Plugins may use tables at any time, so they and what they point to stay for ever.
    private var context: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    private static func of(_ context: UnsafeMutableRawPointer?) -> ProviderHost {
        Unmanaged<ProviderHost>.fromOpaque(context!).takeUnretainedValue()
    }

    private func coreTable() -> UnsafePointer<xo_host> {
        Immortal.value(
            xo_host(
                struct_size: UInt32(MemoryLayout<xo_host>.size), major: UInt16(XO_ABI_MAJOR),
                minor: UInt16(XO_ABI_MINOR), ctx: context, name: Immortal.view("tests"),
                version: Immortal.view("1.0.0"), instance_id: Immortal.view("saml"),
                data_dir: Immortal.view("/nonexistent"),
                get_extension: { context, id in
                    switch id.string {
                    case XO_STORE_1: UnsafeRawPointer(ProviderHost.of(context).storeTable())
                    case XO_AUTH_1: UnsafeRawPointer(ProviderHost.of(context).authTable())
                    default: nil
                    }
                },
                log_enabled: { _, level in level >= Int32(XO_LOG_INFO) ? 1 : 0 },
                log: { context, record in
                    let text = "\(record.pointee.message.string ?? "") \(record.pointee.fields.string ?? "")"
                    ProviderHost.of(context).state.withLock { $0.log.append(text) }
                },
                complete: { context, op, status, payload in
                    let bytes = UnsafeRawBufferPointer(start: payload.ptr, count: Int(payload.len))
                    let value = (try? JSON(parsing: bytes)) ?? .null
                    payload.release?(payload.owner)
                    return ProviderHost.of(context).complete(op, Answer(status: status, value: value))
                },
                is_cancelled: { _, _ in 0 }))
    }

    private func authTable() -> UnsafePointer<xo_auth_host> {
        Immortal.value(
            xo_auth_host(
                struct_size: UInt32(MemoryLayout<xo_auth_host>.size), reserved: 0, ctx: context,
                offer: { context, offer in
                    ProviderHost.of(context).note(offer) { $0.offers.append($1) }
                },
                revoke: { context, which in
                    ProviderHost.of(context).note(which) { $0.revoked.append($1) }
                }))
    }

    private func note(_ bytes: xo_bytes, _ append: @Sendable (inout State, JSON) -> Void) -> xo_status {
        guard let value = try? JSON(parsing: bytes.buffer) else { return .invalidArgument }
        state.withLock { append(&$0, value) }
        return .ok
    }

    private func storeTable() -> UnsafePointer<xo_store_host> {
        Immortal.value(
            xo_store_host(
                struct_size: UInt32(MemoryLayout<xo_store_host>.size), reserved: 0, ctx: context,
                get: { context, key, token in
                    let host = ProviderHost.of(context)
                    return host.answer(token, host.store.get(key.string ?? ""))
                },
                put: { context, key, value, _, expected, token in
                    let host = ProviderHost.of(context)
                    return host.answer(token, host.store.put(key.string ?? "", Array(value.buffer), expected))
                },
                remove: { context, key, token in
                    let host = ProviderHost.of(context)
                    return host.answer(token, host.store.remove(key.string ?? ""))
                },
                list: { context, prefix, token in
                    let host = ProviderHost.of(context)
                    return host.answer(token, host.store.list(prefix.string ?? ""))
                }))
    }

    private func answer(_ token: UInt64, _ answer: MemoryStore.Answer) -> xo_status {
        callbacks.async { [self] in
            guard let instance = state.withLock({ $0.instance })?.pointer else { return }
            let id: String = XO_STORE_1
            guard let raw = id.withView({ instance.pointee.get_extension?(instance.pointee.data, $0) }) else { return }
            let table = raw.assumingMemoryBound(to: xo_store.self)
            answer.value.withView {
                table.pointee.on_store?(instance.pointee.data, token, answer.status, answer.revision, $0)
            }
        }
        return .accepted
    }
}
