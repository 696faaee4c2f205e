import CXOPlugin
import XOProtocol

/// The tables that the host has handed to one instance.
///
/// Pointers are not `Sendable`; these may be shared because the protocol says so: all host functions may be called from
/// every thread, and the tables stay valid and unchanged until `destroy` returns. This is the only place that says it.
struct HostTables: @unchecked Sendable {
    let core: UnsafePointer<xo_host>
    let calls: Table<xo_calls_host>?
    let objects: Table<xo_objects_host>?
    let events: Table<xo_events_host>?
    let http: Table<xo_http_host>?
    let transport: Table<xo_transport_host>?
    let store: Table<xo_store_host>?
    let metrics: Table<xo_metrics_host>?
    let auth: Table<xo_auth_host>?

    /// Only during or after setup.
    init(_ core: UnsafePointer<xo_host>) {
        self.core = core
        func table<T: SizedTable>(_ id: String) -> Table<T>? {
            guard let raw = id.withView({ core.pointee.get_extension?(core.pointee.ctx, $0) }) else { return nil }
            return Table(raw)
        }
        calls = table(XO_CALLS_1)
        objects = table(XO_OBJECTS_1)
        events = table(XO_EVENTS_1)
        http = table(XO_HTTP_1)
        transport = table(XO_TRANSPORT_1)
        store = table(XO_STORE_1)
        metrics = table(XO_METRICS_1)
        auth = table(XO_AUTH_1)
    }
}
