import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// The host, as one instance of a plugin sees it. May be used from everywhere.
public final class Host: Sendable {
    public let name: String
    public let version: String
    /// The instance's `id` in `plugins.json`.
    public let instanceID: String
    /// A folder of the instance's own; mode 0700.
    public let dataDirectory: String

    public let log: Log
    public let calls: Calls
    public let events: Events
    public let store: Store
    public let metrics: Metrics
    public let http: HTTPRoutes
    public let auth: Auth

    private let tables: HostTables
    private let asTransport = Mutex<(handler: any TransportHandler, transport: Transport)?>(nil)

    init(core: CoreHost, tables: HostTables) {
        let host = core.pointer
        name = host.pointee.name.string ?? ""
        version = host.pointee.version.string ?? ""
        instanceID = host.pointee.instance_id.string ?? ""
        dataDirectory = host.pointee.data_dir.string ?? ""
        self.tables = tables
        log = Log(core: core)
        calls = Calls(tables: tables)
        events = Events(tables: tables, instanceID: instanceID)
        store = Store(tables: tables)
        metrics = Metrics(tables: tables)
        http = HTTPRoutes(tables: tables, core: core)
        auth = Auth(tables: tables, core: core)
    }

    /// Opens a source of objects.
    ///
    /// - Parameter name: unique within the instance; for people and metrics.
    public func openSource(_ name: String) throws -> ObjectSource {
        try ObjectSource(tables: tables, name: name)
    }

    /// Makes this instance a transport: `handler` receives answers and notifications for the sessions that are opened
    /// through the returned ``Transport``. Call it once, before `start` returns.
    public func transport(_ handler: any TransportHandler) throws -> Transport {
        let transport = try Transport(tables: tables)
        asTransport.withLock { $0 = (handler, transport) }
        return transport
    }

    /// The host does not answer any more: whoever waits for it is told so.
    func abandon() {
        calls.abandon()
        store.abandon()
        events.abandon()
        http.abandon()
        auth.abandon()
        transport?.listenRequests.abandon()
    }

    var transportHandler: (any TransportHandler)? { asTransport.withLock { $0?.handler } }
    var transport: Transport? { asTransport.withLock { $0?.transport } }
}
