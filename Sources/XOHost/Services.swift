import FoundationEssentials
import Glibc
import Logging
import Synchronization
import XOProtocol

/// The parts of the host, which live as long as the process and find each other here.
final class Services: Sendable {
    let clock = Clock()
    /// Calls of plugins, messages of clients.
    let pool: WorkerPool
    /// Work of the host that waits for the disk or the processor.
    let backgroundPool: WorkerPool
    /// Work with passwords, two pieces at a time.
    private let passwordLanes: [Lane]
    private let passwordTurn = Atomic(0)
    let log: LogSink
    let directory: DataDirectory
    let store: Store
    let users: Users
    let groups: Groups
    let accessLists: AccessLists
    /// Held while sessions get the rights that the store says, so that none gets older ones after newer ones.
    let renewal = Mutex(())
    let tokens: Tokens
    let authenticator: Authenticator
    let accountTries = AccountTries()
    /// Of tries with one account, and with one second factor.
    let signInTurns = Turns()
    let revocations = Revocations()
    let links: Links
    let secondFactors: SecondFactors
    let auditLog: AuditLog
    /// Records are written one after the other.
    let auditLane: Lane
    let providers = Providers()
    let quarantine: Quarantine
    let suspects: Suspects
    let libraries: Libraries
    let operations: Operations
    let registry = MethodRegistry()
    let events = EventBus()
    let inventory = Inventory()
    let sessions: SessionTable
    let broadcaster: Broadcaster
    let metrics = MetricRegistry()
    let routes = RouteTable<RouteTarget>()
    let listeners = Listeners()
    let downloads = OneTimeDownloads<@Sendable () -> OutgoingResponse>()
    let pluginMetrics = PluginMetrics()
    /// Plugins whose process has ended by itself.
    let crashes = Crashes()
    /// Where clients can connect, by transport.
    let addresses = Mutex<[String: [String]]>([:])
    /// How many plugins have failed, for the health check.
    let failedPlugins = Atomic(0)
    /// The upper half of all trace ids of this run.
    let traceSeed = UInt64.random(in: 1...UInt64.max)

    private let currentConfiguration: Mutex<Configuration>

    init(_ configuration: Configuration, log: LogSink) throws {
        let host = configuration.host
        let processors = ProcessInfo.processInfo.activeProcessorCount
        self.log = log
        pool = WorkerPool(name: "lane", width: max(2, processors), clock: clock)
        operations = Operations(clock: clock)
        backgroundPool = WorkerPool(name: "background", width: max(4, processors), clock: clock)
        passwordLanes = [backgroundPool.makeLane(), backgroundPool.makeLane()]
        directory = try DataDirectory(host.dataDirectory)
        store = try Store(directory, as: .daemon)
        users = Users(
            store, passwords: PasswordHash(parameters: host.passwordHash),
            minimumPasswordLength: host.minimumPasswordLength)
        groups = Groups(store)
        accessLists = AccessLists(store)
        tokens = Tokens(store, validity: host.tokenValidity)
        authenticator = Authenticator(users: users)
        links = Links(store)
        secondFactors = SecondFactors(store)
        auditLog = AuditLog(store)
        auditLane = backgroundPool.makeLane()
        quarantine = Quarantine(store)
        suspects = Suspects(store)
        libraries = Libraries(
            copies: try LibraryCopies(directory: directory.file("libraries")), quarantine: quarantine)
        sessions = SessionTable(pool: pool, limits: host.limits)
        broadcaster = Broadcaster(inventory: inventory, events: events, lane: pool.makeLane())
        currentConfiguration = Mutex(configuration)
    }

    var configuration: Configuration {
        get { currentConfiguration.withLock { $0 } }
        set { currentConfiguration.withLock { $0 = newValue } }
    }

    // These have no state of their own.
    var dispatcher: Dispatcher { Dispatcher(services: self) }
    var jsonRPC: JSONRPC { JSONRPC(dispatcher: dispatcher) }
    var web: WebDispatcher { WebDispatcher(services: self) }
    var signIn: SignIn { SignIn(services: self) }

    /// The lanes in turn.
    var nextPasswordLane: Lane {
        let turn = passwordTurn.wrappingAdd(1, ordering: .relaxed).newValue
        return passwordLanes[turn & (passwordLanes.count - 1)]
    }

    func makeLogger(_ source: String) -> Logger { log.logger(source) }

    /// Does blocking work away from Swift's own threads.
    func inBackground<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            backgroundPool.makeLane().run { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// The same for work with passwords, of which little is done at a time.
    func withPasswords<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            nextPasswordLane.run { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// Under which people see this host, without a slash at its end; `nil` if nobody has said.
    var publicURL: String? {
        if let configured = configuration.host.publicURL { return configured }
        return clientURLs.first { $0.hasPrefix("http") }.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }

    /// Where clients can connect.
    var clientURLs: [String] {
        let name = ProcessInfo.processInfo.hostName
        return addresses.withLock { $0.sorted { $0.key < $1.key }.flatMap(\.value) }.map { url in
            // What listens everywhere can be reached by the machine's name.
            url.replacing("//0.0.0.0:", with: "//\(name):").replacing("//[::]:", with: "//\(name):")
        }
    }

    /// The folder of a plugin instance, made if it is missing.
    func dataDirectory(of id: String) -> String {
        let parent = directory.file("plugins")
        mkdir(parent, 0o700)
        let path = "\(parent)/\(id)"
        mkdir(path, 0o700)
        return path
    }

    /// Signs a session out and has its connection closed.
    func dismiss(_ session: Session, _ reason: String) {
        session.principal = nil
        session.kick(reason)
    }

    /// Ends everything that an instance has here, once it has stopped.
    ///
    /// - Parameter isComingBack: it has crashed and is started again. Its objects stay meanwhile, as do the sockets at
    ///   which it takes connections; whoever calls its methods is told why they are not served, instead of that there
    ///   are none.
    func release(_ instance: PluginInstance, isComingBack: Bool = false) {
        if !isComingBack { registry.removeAll(of: instance) }
        routes.remove(owner: instance.id)
        providers.remove(of: instance)
        events.unsubscribeAll(of: instance)
        if isComingBack {
            inventory.orphanAll(of: instance)
            listeners.orphanAll(of: instance)
        } else {
            inventory.closeAll(of: instance)
            listeners.closeAll(of: instance)
        }
        broadcaster.schedule()
        for session in sessions.all where session.transport.owner === instance {
            dispatcher.closeSession(session.handle)
        }
        addresses.withLock { $0[instance.id] = nil }
        operations.abandonAll(of: instance, .unavailable, "the plugin \(instance.id) has stopped")
        if !isComingBack { instance.comeback.end(isBack: false) }
    }
}
