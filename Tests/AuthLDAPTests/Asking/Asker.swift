import CXOPlugin
import Foundation
import Synchronization
import TestSupport
import XOJSON
import XOProtocol

/// A host that only asks: loads the built plugin by its C interface, as `xo-host` does, and puts the questions of
/// `xo.auth/1` to it.
///
/// Unlike the daemon this process does not ignore SIGPIPE, so a plugin that relies on that would end the tests.
final class Asker: Sendable {
    /// How a question has ended.
    struct Outcome: Sendable, CustomStringConvertible {
        let status: xo_status
        let payload: JSON

        var message: String { payload["message"]?.string ?? "" }
        var description: String { "\(status) \(payload)" }

        var isVouched: Bool { status == .ok }
        var isDenied: Bool { status == .unauthenticated }
        var isNotMine: Bool { status == .notFound }
        var isUnavailable: Bool { status == .unavailable }
        var groups: [String] { payload["groups"]?.array?.compactMap { $0["name"]?.string }.sorted() ?? [] }
    }

    /// A line of the log.
    struct Line: Sendable {
        let level: Int32
        let text: String
    }

    private struct State {
        var nextOperation: UInt64 = 1
        var waiting: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var log: [Line] = []
        var offer: JSON?
    }

    private let state = Mutex(State())
    // Written in init only; the tables live as long as the process, for threads that come late.
    nonisolated(unsafe) private var instance: UnsafePointer<xo_instance>
    nonisolated(unsafe) private let library: UnsafePointer<xo_library>

    /// Loads the plugin and makes an instance of it, called `ldap`.
    init() throws {
        guard let handle = dlopen(try BuildProducts.plugin("AuthLDAP"), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE),
            let symbol = dlsym(handle, "xo_plugin_entry")
        else { throw AskerProblem(description: String(cString: dlerror())) }
        typealias Entry = @convention(c) (UnsafePointer<xo_query>) -> UnsafePointer<xo_library>?
        var query = xo_query()
        query.struct_size = UInt32(MemoryLayout<xo_query>.size)
        query.major_min = UInt16(XO_ABI_MAJOR)
        query.major_max = UInt16(XO_ABI_MAJOR)
        guard let library = unsafeBitCast(symbol, to: Entry.self)(&query) else {
            throw AskerProblem(description: "the plugin does not speak our version")
        }
        self.library = library
        instance = UnsafePointer(UnsafeMutablePointer<xo_instance>.allocate(capacity: 1))
        let host = UnsafeMutablePointer<xo_host>.allocate(capacity: 1)
        host.initialize(to: Asker.host(Unmanaged.passRetained(self).toOpaque(), try Scratch.folder()))
        var made: UnsafePointer<xo_instance>?
        var sink = xo_err()
        sink.struct_size = UInt32(MemoryLayout<xo_err>.size)
        sink.set = { _, _, _ in }
        guard library.pointee.create?(host, &made, &sink) == .ok, let made,
            made.pointee.setup?(made.pointee.data, &sink) == .ok
        else { throw AskerProblem(description: "the plugin makes no instance") }
        instance = made
    }

    // MARK: Its life

    /// Applies a configuration; the schema's defaults are filled in, as the host does it.
    func configure(_ configuration: JSON) async -> Outcome {
        let schema = (try? JSON(parsing: library.pointee.descriptor?.pointee.configuration_schema.string ?? "")) ?? [:]
        let text = Defaults.fill(configuration, schema).serialized()
        return await operation { [instance] op in
            text.withUnsafeBytes { instance.pointee.configure?(instance.pointee.data, op, xo_bytes($0)) }
        }
    }

    func start() async -> Outcome {
        await operation { [instance] in instance.pointee.start?(instance.pointee.data, $0) }
    }

    func stop() async -> Outcome {
        await operation { [instance] in instance.pointee.stop?(instance.pointee.data, $0) }
    }

    /// Configured and started.
    static func started(_ configuration: JSON) async throws -> Asker {
        let asker = try Asker()
        for outcome in [await asker.configure(configuration), await asker.start()] where !outcome.isVouched {
            throw AskerProblem(description: "the plugin does not start: \(outcome)")
        }
        return asker
    }

    // MARK: Questions

    func authenticate(_ name: String, _ password: String) async -> Outcome {
        await authenticate(Array(name.utf8), Array(password.utf8))
    }

    func authenticate(_ name: [UInt8], _ password: [UInt8]) async -> Outcome {
        await operation { [self] op in
            name.withUnsafeBytes { name in
                password.withUnsafeBytes { password in
                    var credentials = xo_credentials()
                    credentials.struct_size = UInt32(MemoryLayout<xo_credentials>.size)
                    credentials.kind = UInt32(XO_CREDENTIALS_PASSWORD)
                    credentials.name = xo_str(
                        ptr: name.bindMemory(to: CChar.self).baseAddress, len: UInt64(name.count))
                    credentials.secret = xo_bytes(password)
                    return auth?.pointee.authenticate?(instance.pointee.data, op, &credentials)
                }
            }
        }
    }

    /// Who these are now.
    func lookUp(_ people: JSON...) async -> Outcome { await lookUp(all: .array(people)) }

    func lookUp(all people: JSON) async -> Outcome {
        let request = (["people": people] as JSON).serialized()
        return await operation { [self] op in
            request.withUnsafeBytes { auth?.pointee.lookup?(instance.pointee.data, op, xo_bytes($0)) }
        }
    }

    private var auth: UnsafePointer<xo_auth>? {
        XO_AUTH_1.withView { instance.pointee.get_extension?(instance.pointee.data, $0) }?
            .assumingMemoryBound(to: xo_auth.self)
    }

    var log: [Line] { state.withLock { $0.log } }
    var offer: JSON? { state.withLock { $0.offer } }

    /// Begins an operation and waits for its end.
    private func operation(_ begin: (xo_op) -> xo_status?) async -> Outcome {
        await withCheckedContinuation { continuation in
            let op = state.withLock { state in
                defer { state.nextOperation += 1 }
                state.waiting[state.nextOperation] = continuation
                return xo_op(id: state.nextOperation)
            }
            let status = begin(op) ?? .unsupported
            if status != .accepted { end(op, Outcome(status: status, payload: .null)) }
        }
    }

    private func end(_ op: xo_op, _ outcome: Outcome) {
        state.withLock { $0.waiting.removeValue(forKey: op.id) }?.resume(returning: outcome)
    }

    // MARK: What the plugin calls

    private static func host(_ context: UnsafeMutableRawPointer, _ folder: String) -> xo_host {
        var host = xo_host()
        host.struct_size = UInt32(MemoryLayout<xo_host>.size)
        host.major = UInt16(XO_ABI_MAJOR)
        host.ctx = context
        host.name = immortal("asker")
        host.version = immortal("1.0.0")
        host.instance_id = immortal("ldap")
        host.data_dir = immortal(folder)
        host.get_extension = { context, id in
            id.string == XO_AUTH_1 ? UnsafeRawPointer(Asker.authTable(context)) : nil
        }
        host.log_enabled = { _, _ in 1 }
        host.log = { context, record in
            let text = "\(record.pointee.message.string ?? "") \(record.pointee.fields.string ?? "")"
            Asker.from(context)?.state.withLock { $0.log.append(Line(level: record.pointee.level, text: text)) }
        }
        host.complete = { context, op, status, payload in
            let json = try? JSON(parsing: UnsafeRawBufferPointer(start: payload.ptr, count: Int(payload.len)))
            payload.release?(payload.owner)
            Asker.from(context)?.end(op, Outcome(status: status, payload: json ?? .null))
            return .ok
        }
        host.is_cancelled = { _, _ in 0 }
        return host
    }

    private static func authTable(_ context: UnsafeMutableRawPointer?) -> UnsafePointer<xo_auth_host> {
        let table = UnsafeMutablePointer<xo_auth_host>.allocate(capacity: 1)
        table.initialize(to: xo_auth_host())
        table.pointee.struct_size = UInt32(MemoryLayout<xo_auth_host>.size)
        table.pointee.ctx = context
        table.pointee.offer = { context, offer in
            let json = try? JSON(parsing: offer.buffer)
            Asker.from(context)?.state.withLock { $0.offer = json }
            return .ok
        }
        table.pointee.revoke = { _, _ in .ok }
        return UnsafePointer(table)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Asker? {
        context.map { Unmanaged<Asker>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func immortal(_ text: String) -> xo_str {
        let copy = strdup(text)
        return xo_str(ptr: copy, len: UInt64(text.utf8.count))
    }
}

struct AskerProblem: Error, CustomStringConvertible {
    let description: String
}
