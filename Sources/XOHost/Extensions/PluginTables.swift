import CXOPlugin
import XOProtocol

/// The functions of one instance, looked up once after setup.
///
/// Pointers are not `Sendable`; these may be shared because the protocol says so: the tables stay valid and unchanged
/// until `destroy` returns, and who calls what in which lane is decided by ``PluginInstance``.
struct PluginTables: @unchecked Sendable {
    typealias Self_ = UnsafeMutableRawPointer?

    let data: Self_
    let configure: (@Sendable @convention(c) (Self_, xo_op, xo_bytes) -> xo_status)?
    let start: @Sendable @convention(c) (Self_, xo_op) -> xo_status
    let stop: @Sendable @convention(c) (Self_, xo_op) -> xo_status
    let destroy: @Sendable @convention(c) (Self_) -> Void
    let cancel: (@Sendable @convention(c) (Self_, xo_op) -> Void)?

    struct Methods {
        let catalog: @Sendable @convention(c) (Self_, UnsafeMutablePointer<xo_bytes>) -> xo_status
        let invoke: @Sendable @convention(c) (Self_, xo_op, UInt32, UnsafePointer<xo_call>) -> xo_status
    }

    struct Events {
        let onEvent: @Sendable @convention(c) (Self_, xo_sub, UInt64, xo_str, xo_bytes) -> Void
        let onGap: (@Sendable @convention(c) (Self_, xo_sub, UInt64, UInt64) -> Void)?
        let onUnsubscribed: (@Sendable @convention(c) (Self_, xo_sub, UInt64, xo_status) -> Void)?
    }

    struct Transport {
        let onAnswers: @Sendable @convention(c) (Self_, xo_session, UnsafePointer<xo_message>, UInt32) -> Void
        let deliver: @Sendable @convention(c) (Self_, UnsafePointer<xo_session>, UInt32, xo_bytes) -> Void
        let kick: @Sendable @convention(c) (Self_, xo_session, xo_str) -> Void
        let onHTTPResponse: @Sendable @convention(c) (Self_, UInt64, UnsafePointer<xo_http_response>) -> Void
        let onListening: (@Sendable @convention(c) (Self_, xo_listener, UInt64, xo_status, Int32, xo_str) -> Void)?
    }

    /// Which of them there must be depends on what the provider offers.
    struct Auth {
        typealias Authenticate = @Sendable @convention(c) (Self_, xo_op, UnsafePointer<xo_credentials>) -> xo_status
        typealias Ask = @Sendable @convention(c) (Self_, xo_op, xo_bytes) -> xo_status

        let authenticate: Authenticate?
        let begin: Ask?
        let finish: Ask?
        let lookup: Ask?
        let end: Ask?
        let page: Ask?
    }

    let methods: Methods?
    let onReply: (@Sendable @convention(c) (Self_, UInt64, xo_status, xo_bytes) -> Void)?
    let events: Events?
    let onRequest: (@Sendable @convention(c) (Self_, xo_op, UInt64, UnsafePointer<xo_http_request>) -> xo_status)?
    let transport: Transport?
    let onStore: (@Sendable @convention(c) (Self_, UInt64, xo_status, UInt64, xo_bytes) -> Void)?
    let auth: Auth?

    /// Calls the instance for its extension tables, so only in its lane and after setup.
    init(_ instance: UnsafePointer<xo_instance>) throws {
        let core = Table<xo_instance>(instance)
        let data = core.slot(\.data)
        self.data = data
        configure = core.slot(\.configure)
        start = try PluginTables.mandatory(core, \.start, "xo_instance", "start")
        stop = try PluginTables.mandatory(core, \.stop, "xo_instance", "stop")
        destroy = try PluginTables.mandatory(core, \.destroy, "xo_instance", "destroy")
        cancel = core.slot(\.cancel)

        let getExtension = core.slot(\.get_extension)
        func table<T: SizedTable>(_ id: String) -> Table<T>? {
            guard let raw = id.withView({ getExtension?(data, $0) }) else { return nil }
            return Table(raw)
        }
        let methods: Table<xo_methods>? = table(XO_METHODS_1)
        self.methods = try methods.map {
            Methods(
                catalog: try PluginTables.mandatory($0, \.catalog, XO_METHODS_1, "catalog"),
                invoke: try PluginTables.mandatory($0, \.invoke, XO_METHODS_1, "invoke"))
        }
        let calls: Table<xo_calls>? = table(XO_CALLS_1)
        onReply = try calls.map { try PluginTables.mandatory($0, \.on_reply, XO_CALLS_1, "on_reply") }
        let events: Table<xo_events>? = table(XO_EVENTS_1)
        self.events = try events.map {
            Events(
                onEvent: try PluginTables.mandatory($0, \.on_event, XO_EVENTS_1, "on_event"),
                onGap: $0.slot(\.on_gap), onUnsubscribed: $0.slot(\.on_unsubscribed))
        }
        let http: Table<xo_http>? = table(XO_HTTP_1)
        onRequest = try http.map { try PluginTables.mandatory($0, \.on_request, XO_HTTP_1, "on_request") }
        let transport: Table<xo_transport>? = table(XO_TRANSPORT_1)
        self.transport = try transport.map {
            Transport(
                onAnswers: try PluginTables.mandatory($0, \.on_answers, XO_TRANSPORT_1, "on_answers"),
                deliver: try PluginTables.mandatory($0, \.deliver, XO_TRANSPORT_1, "deliver"),
                kick: try PluginTables.mandatory($0, \.kick, XO_TRANSPORT_1, "kick"),
                onHTTPResponse: try PluginTables.mandatory(
                    $0, \.on_http_response, XO_TRANSPORT_1, "on_http_response"),
                onListening: $0.slot(\.on_listening))
        }
        let store: Table<xo_store>? = table(XO_STORE_1)
        onStore = try store.map { try PluginTables.mandatory($0, \.on_store, XO_STORE_1, "on_store") }
        let auth: Table<xo_auth>? = table(XO_AUTH_1)
        self.auth = auth.map {
            Auth(
                authenticate: $0.slot(\.authenticate), begin: $0.slot(\.begin), finish: $0.slot(\.finish),
                lookup: $0.slot(\.lookup), end: $0.slot(\.end), page: $0.slot(\.page))
        }
    }

    /// Makes an instance and sets it up; what fails is destroyed again. In its lane.
    static func setUp(_ create: PluginLibrary.Create, _ host: UnsafePointer<xo_host>) throws -> PluginTables {
        let sink = ErrorSink()
        var pointer: UnsafePointer<xo_instance>?
        let status = sink.lend { create(host, &pointer, $0) }
        guard status >= 0, let pointer else {
            throw LifecycleError("create failed: \(sink.message(for: status))")
        }
        let core = Table<xo_instance>(pointer)
        let setup = try mandatory(core, \.setup, "xo_instance", "setup")
        let destroy = try mandatory(core, \.destroy, "xo_instance", "destroy")
        do {
            let status = sink.lend { setup(core.slot(\.data), $0) }
            guard status >= 0 else { throw LifecycleError("setup failed: \(sink.message(for: status))") }
            return try PluginTables(pointer)
        } catch {
            destroy(core.slot(\.data))
            throw error
        }
    }

    static func mandatory<T: SizedTable, Function>(
        _ table: Table<T>, _ path: KeyPath<T, Function?>, _ name: String, _ slot: String
    ) throws -> Function {
        guard let function = table.slot(path) else {
            throw LifecycleError("the table \(name) lacks its mandatory function `\(slot)`; rebuild the plugin")
        }
        return function
    }
}
