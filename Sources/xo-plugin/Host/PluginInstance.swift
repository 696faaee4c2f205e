import CXOPlugin
import Glibc
import XOJSON
import XOProtocol

/// One instance of the plugin, led through its life by a test.
///
/// Every step throws the ``Breach`` of its kind if it fails, and waits no longer than the test's patience.
final class PluginInstance {
    let host: CheckedHost
    private let subject: Subject
    private let table: UnsafePointer<xo_host>
    /// Nanoseconds that a step may take.
    let patience: Int64
    private let created = Monitor<UnsafePointer<xo_instance>?>(nil)
    /// The methods it offers; empty before setup.
    private(set) var methods: [CatalogueEntry] = []

    init(_ subject: Subject, _ host: CheckedHost, patience: Int64) {
        (self.subject, self.host, self.patience) = (subject, host, patience)
        table = host.makeCore()
    }

    var phase: Life.Phase { host.life.withLock { $0.phase } }

    private func enter(_ phase: Life.Phase) { host.life.withLock { $0.phase = phase } }

    // MARK: Steps

    /// CREATED.
    func create() throws {
        let (subject, host, table) = (subject, host, table)
        let sink = ErrorSink()
        let result = host.lane.call("create", patience: patience) { () -> (xo_status, UnsafePointer<xo_instance>?) in
            var out: UnsafePointer<xo_instance>?
            let status = host.lend { sink.lend($0, host) { subject.create(table, &out, $0) } }
            return (status, out)
        }
        guard let (status, instance) = result else { throw Breach(.create, "create does not return.") }
        guard status >= 0 else { throw Breach(.create, refusal: "create fails: \(sink.text(status)).") }
        guard let instance else { throw Breach(.create, "create succeeds, but stores no instance.") }
        created.withLock { $0 = instance }
        enter(.created)
    }

    /// READY, with its tables and its catalogue read.
    func setUp() throws {
        guard let instance = created.withLock({ $0 }) else { throw Breach(.create, "There is no instance.") }
        let host = host
        let sink = ErrorSink()
        let core = Table<xo_instance>(instance)
        var tables = try PluginTables(core)
        let setup = try PluginTables.mandatory(core, \.setup, "xo_instance.setup")
        host.tables.withLock { $0 = tables }
        enter(.ready)
        let data = tables.data
        let result = host.lane.call("setup", patience: patience) {
            host.lend { sink.lend($0, host) { setup(data, $0) } }
        }
        guard let status = result else { throw Breach(.setup, "setup does not return.") }
        guard status >= 0 else {
            enter(.failed)
            throw Breach(.setup, refusal: "setup fails: \(sink.text(status)).")
        }
        tables = try inLane("get_extension", .missingSlot, tables) { (tables) throws(Breach) -> PluginTables in
            var tables = tables
            try tables.fetchExtensions()
            return tables
        }
        host.tables.withLock { $0 = tables }
        methods = try readCatalogue()
    }

    /// - Throws: a breach of kind `configure` if the plugin rejects it.
    func configure(_ configuration: JSON? = nil) throws {
        let outcome = try outcomeOfConfigure((configuration ?? subject.configuration).serialized())
        guard outcome.isSuccess else {
            throw Breach(.configure, refusal: "configure ends with \(outcome.description).")
        }
    }

    /// Configures with bytes that may be anything; a plugin without `configure` takes everything.
    func outcomeOfConfigure(_ configuration: [UInt8]) throws -> Operations.Outcome {
        try outcomeOfConfigure { $0.bytes(configuration) }
    }

    /// Configures with a view that may be anything.
    func outcomeOfConfigure(view: @escaping (Loan) -> xo_bytes) throws -> Operations.Outcome {
        let host = host
        let before = phase
        host.life.withLock { life in
            life.isConfiguring = true
            life.isOpen = true
        }
        defer { host.life.withLock { $0.isConfiguring = false } }
        var outcome = Operations.Outcome(status: .ok, payload: [])
        if let configure = try ready().configure {
            outcome = try step("configure", .configure) { tables, op in
                host.lend { configure(tables.data, op, view($0)) }
            }
        }
        if before != .running { enter(outcome.isSuccess ? .configured : .failed) }
        return outcome
    }

    /// RUNNING.
    func start() throws { try finishStart(try beginStart()) }

    /// Has it begin to start; what becomes of that is the operation's outcome.
    func beginStart() throws -> xo_op {
        let host = host
        enter(.starting)
        let op = host.operations.begin("start")
        let result: Void? = try call("start", .start) { tables in
            host.operations.returned(op, tables.start(tables.data, op))
        }
        guard result != nil else { throw Breach(.start, "start does not return.") }
        return op
    }

    /// Waits until it has started.
    func finishStart(_ op: xo_op) throws {
        let outcome = try outcome(of: op, "start", .start)
        guard outcome.isSuccess else {
            enter(.failed)
            throw Breach(.start, refusal: "start ends with \(outcome.description).")
        }
        enter(.running)
    }

    /// Gives a start up, as a host does after its time-out; stops the instance if it runs already.
    func abandonStart(_ op: xo_op) throws {
        if host.operations.abandon(op) {
            enter(.failed)
            return
        }
        enter(.running)
        try stop()
    }

    /// STOPPED. All that it had of the host is gone.
    func stop() throws {
        let outcome = try step("stop", .stop) { $0.stop($0.data, $1) }
        host.life.withLock { life in
            life.phase = .stopped
            life.isOpen = false
        }
        host.operations.abandonAll()
        host.handles.closeAll()
        host.subscriptions.withLock { $0 = [:] }
        host.routes.withLock { $0 = [:] }
        host.offer.withLock { $0 = nil }
        guard outcome.isSuccess else { throw Breach(.stop, "stop ends with \(outcome.description).") }
    }

    /// The end, in whatever state; what the host has of it is given back before.
    func destroy() throws {
        let host = host
        host.life.withLock { $0.isOpen = false }
        host.operations.abandonAll()
        host.releaser.releaseAll(patience: patience)
        guard let instance = created.withLock({ $0 }) else { return }
        let core = Table<xo_instance>(instance)
        let destroy = try PluginTables.mandatory(core, \.destroy, "xo_instance.destroy")
        let data = core.slot(\.data)
        let result: Void? = host.lane.call("destroy", patience: patience) {
            destroy(data)
            host.life.withLock { $0.phase = .destroyed }
        }
        guard result != nil else { throw Breach(.destroy, "destroy does not return.") }
    }

    /// Up to RUNNING.
    func run() throws {
        try create()
        try setUp()
        try configure()
        try start()
    }

    /// From wherever it is to its end.
    func end() throws {
        if phase == .running { try stop() }
        try destroy()
    }

    // MARK: Calls

    /// The functions that it offers.
    func ready() throws -> PluginTables {
        guard let tables = host.tables.withLock({ $0 }) else { throw Breach(.setup, "The plugin is not set up.") }
        return tables
    }

    /// Calls something in the lane; throws `kind` if it does not return.
    func inLane<Input, Output>(
        _ name: String, _ kind: Breach.Kind, _ input: Input, _ body: @escaping (Input) throws(Breach) -> Output
    ) throws -> Output {
        let result = host.lane.call(name, patience: patience) { () -> Result<Output, Breach> in
            do throws(Breach) { return .success(try body(input)) } catch { return .failure(error) }
        }
        guard let result else { throw Breach(kind, "\(name) does not return.") }
        return try result.get()
    }

    private func call(
        _ name: String, _ kind: Breach.Kind, _ body: @escaping (PluginTables) -> Void
    ) throws -> Void? {
        let tables = try ready()
        return host.lane.call(name, patience: patience) { body(tables) }
    }

    /// One asynchronous step: called in the lane, and waited for.
    private func step(
        _ name: String, _ kind: Breach.Kind, _ body: @escaping (PluginTables, xo_op) -> xo_status
    ) throws -> Operations.Outcome {
        let host = host
        let op = host.operations.begin(name)
        let returned: Void? = try call(name, kind) { host.operations.returned(op, body($0, op)) }
        guard returned != nil else { throw Breach(kind, "\(name) does not return.") }
        return try outcome(of: op, name, kind)
    }

    private func outcome(of op: xo_op, _ name: String, _ kind: Breach.Kind) throws -> Operations.Outcome {
        guard let outcome = host.operations.outcome(of: op, patience: patience) else {
            throw Breach(kind, "\(name) is accepted, but not completed within \(patience / 1_000_000) ms.")
        }
        return outcome
    }
}
