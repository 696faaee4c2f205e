import CXOPlugin
import XOProtocol

/// The functions that an instance offers, looked up once.
///
/// Pointers to functions and to the plugin's own data: may be called from every thread of the host, in their lane.
struct PluginTables: @unchecked Sendable {
    typealias Data = UnsafeMutableRawPointer
    typealias Step = @Sendable @convention(c) (Data?, xo_op) -> xo_status

    /// The first argument of all of them.
    let data: Data?
    private let getExtension: (@Sendable @convention(c) (Data?, xo_str) -> UnsafeRawPointer?)?
    let configure: (@Sendable @convention(c) (Data?, xo_op, xo_bytes) -> xo_status)?
    let start: Step
    let stop: Step
    let destroy: @Sendable @convention(c) (Data?) -> Void
    let cancel: (@Sendable @convention(c) (Data?, xo_op) -> Void)?

    private(set) var catalog: (@Sendable @convention(c) (Data?, UnsafeMutablePointer<xo_bytes>) -> xo_status)?
    private(set) var invoke: (@Sendable @convention(c) (Data?, xo_op, UInt32, UnsafePointer<xo_call>) -> xo_status)?
    private(set) var onReply: (@Sendable @convention(c) (Data?, UInt64, xo_status, xo_bytes) -> Void)?
    private(set) var onStore: (@Sendable @convention(c) (Data?, UInt64, xo_status, UInt64, xo_bytes) -> Void)?
    private(set) var onEvent: (@Sendable @convention(c) (Data?, xo_sub, UInt64, xo_str, xo_bytes) -> Void)?
    private(set) var onGap: (@Sendable @convention(c) (Data?, xo_sub, UInt64, UInt64) -> Void)?
    private(set) var onUnsubscribed: (@Sendable @convention(c) (Data?, xo_sub, UInt64, xo_status) -> Void)?
    private(set) var onRequest:
        (@Sendable @convention(c) (Data?, xo_op, UInt64, UnsafePointer<xo_http_request>) -> xo_status)?
    private(set) var onAnswers:
        (@Sendable @convention(c) (Data?, xo_session, UnsafePointer<xo_message>, UInt32) -> Void)?
    private(set) var deliver: (@Sendable @convention(c) (Data?, UnsafePointer<xo_session>, UInt32, xo_bytes) -> Void)?
    private(set) var kick: (@Sendable @convention(c) (Data?, xo_session, xo_str) -> Void)?
    private(set) var onHTTPResponse:
        (@Sendable @convention(c) (Data?, UInt64, UnsafePointer<xo_http_response>) -> Void)?
    private(set) var onListening:
        (@Sendable @convention(c) (Data?, xo_listener, UInt64, xo_status, Int32, xo_str) -> Void)?
    private(set) var auth = AuthFunctions()

    /// Those of the instance itself.
    init(_ core: Table<xo_instance>) throws(Breach) {
        data = core.slot(\.data)
        getExtension = core.slot(\.get_extension)
        configure = core.slot(\.configure)
        cancel = core.slot(\.cancel)
        start = try PluginTables.mandatory(core, \.start, "xo_instance.start")
        stop = try PluginTables.mandatory(core, \.stop, "xo_instance.stop")
        destroy = try PluginTables.mandatory(core, \.destroy, "xo_instance.destroy")
    }

    /// Fetches the tables of the extensions. In the lane, from READY on.
    mutating func fetchExtensions() throws(Breach) {
        if let table: Table<xo_methods> = table(XO_METHODS_1) {
            catalog = try PluginTables.mandatory(table, \.catalog, "xo_methods.catalog")
            invoke = try PluginTables.mandatory(table, \.invoke, "xo_methods.invoke")
        }
        if let table: Table<xo_calls> = table(XO_CALLS_1) {
            onReply = try PluginTables.mandatory(table, \.on_reply, "xo_calls.on_reply")
        }
        if let table: Table<xo_store> = table(XO_STORE_1) {
            onStore = try PluginTables.mandatory(table, \.on_store, "xo_store.on_store")
        }
        if let table: Table<xo_events> = table(XO_EVENTS_1) {
            onEvent = try PluginTables.mandatory(table, \.on_event, "xo_events.on_event")
            onGap = table.slot(\.on_gap)
            onUnsubscribed = table.slot(\.on_unsubscribed)
        }
        if let table: Table<xo_http> = table(XO_HTTP_1) {
            onRequest = try PluginTables.mandatory(table, \.on_request, "xo_http.on_request")
        }
        if let table: Table<xo_transport> = table(XO_TRANSPORT_1) {
            onAnswers = try PluginTables.mandatory(table, \.on_answers, "xo_transport.on_answers")
            deliver = try PluginTables.mandatory(table, \.deliver, "xo_transport.deliver")
            kick = try PluginTables.mandatory(table, \.kick, "xo_transport.kick")
            onHTTPResponse = try PluginTables.mandatory(
                table, \.on_http_response, "xo_transport.on_http_response")
            onListening = table.slot(\.on_listening)
        }
        if let table: Table<xo_auth> = table(XO_AUTH_1) { auth = AuthFunctions(table) }
    }

    /// A slot that has to be there.
    static func mandatory<T, Slot>(
        _ table: Table<T>, _ path: KeyPath<T, Slot?>, _ name: String
    ) throws(Breach) -> Slot {
        guard let slot = table.slot(path) else {
            throw Breach(.missingSlot, "\(name) is NULL, or outside of the table's struct_size.")
        }
        return slot
    }

    /// Asks for any table.
    func pointer(_ id: xo_str) -> UnsafeRawPointer? { getExtension?(data, id) }

    private func table<T: SizedTable>(_ id: String) -> Table<T>? {
        id.withView { pointer($0) }.map { Table($0) }
    }
}
