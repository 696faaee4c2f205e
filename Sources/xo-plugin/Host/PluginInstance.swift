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
    private let patience: Int64
    private let created = Monitor<UnsafePointer<xo_instance>?>(nil)
    /// The methods it offers; empty before setup.
    private(set) var methods: [CatalogueEntry] = []

    init(_ subject: Subject, _ plan: HostPlan, number: Int) {
        self.subject = subject
        patience = subject.patience
        host = CheckedHost(
            plan, instanceID: "\(subject.instanceName)-\(number)", dataDirectory: "\(subject.folder)/data-\(number)")
        mkdir(host.dataDirectory, 0o700)
        table = host.makeCore()
    }

    var phase: Life.Phase { host.life.withLock { $0.phase } }

    private func enter(_ phase: Life.Phase) { host.life.withLock { $0.phase = phase } }

    // MARK: Steps

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

    func start() throws {
        enter(.starting)
        let outcome = try step("start", .start) { $0.start($0.data, $1) }
        guard outcome.isSuccess else {
            enter(.failed)
            throw Breach(.start, refusal: "start ends with \(outcome.description).")
        }
        enter(.running)
    }

    /// Begins to start and gives the step up at once, as a host does after its time-out.
    func startAndAbandon() throws {
        let host = host
        enter(.starting)
        let op = host.operations.begin("start")
        let result: Void? = try call("start", .start) { tables in
            host.operations.returned(op, tables.start(tables.data, op))
        }
        guard result != nil else { throw Breach(.start, "start does not return.") }
        if host.operations.abandon(op) {
            enter(.failed)
            return
        }
        enter(.running)
        try stop()
    }

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
        guard outcome.isSuccess else { throw Breach(.stop, "stop ends with \(outcome.description).") }
    }

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
        guard let outcome = host.operations.outcome(of: op, patience: patience) else {
            throw Breach(kind, "\(name) is accepted, but not completed within \(patience / 1_000_000) ms.")
        }
        return outcome
    }

    func readCatalogue() throws -> [CatalogueEntry] {
        guard let catalog = try ready().catalog else { return [] }
        let text = try inLane("catalog", .catalogue, try ready()) { tables throws(Breach) -> [UInt8] in
            var view = xo_bytes()
            let status = catalog(tables.data, &view)
            guard status >= 0 else { throw Breach(.catalogue, "catalog fails with the status \(status).") }
            guard let bytes = UnsafeRawBufferPointer(view: view.ptr, view.len) else {
                throw Breach(.catalogue, "catalog returns a view of \(view.len) bytes that lies.")
            }
            return [UInt8](bytes)
        }
        return try CatalogueEntry.read(text)
    }

    /// Calls a method and returns at once.
    ///
    /// - Parameter threads: `true` calls on the present thread, beside the lane; for plugins that take that.
    @discardableResult
    func invoke(
        _ method: CatalogueEntry, _ parameters: [UInt8], besideTheLane: Bool = false, deadline: Int64 = 0
    ) throws -> xo_op {
        try invoke(method, besideTheLane: besideTheLane, deadline: deadline) { $0.bytes(parameters) }
    }

    @discardableResult
    func invoke(
        _ method: CatalogueEntry, besideTheLane: Bool = false, deadline: Int64 = 0,
        view: @escaping (Loan) -> xo_bytes
    ) throws -> xo_op {
        let host = host
        let tables = try ready()
        guard let invoke = tables.invoke else { throw NotApplicable("the plugin offers no methods") }
        let op = host.operations.begin("of \(method.name)", deadline: deadline == 0 ? nil : deadline)
        let body = {
            let status = host.lend { loan in
                let call = xo_call(
                    struct_size: host.size(of: xo_call.self), flags: 0, params: view(loan),
                    caller: loan.bytes(CatalogueEntry.caller), objects: loan.bytes(method.objects),
                    deadline_ns: UInt64(deadline), trace_high: op.id, trace_low: op.id)
                return invoke(tables.data, op, method.index, loan.value(call, trailing: host.plan.trailing))
            }
            host.operations.returned(op, status)
        }
        if besideTheLane { body() } else { host.lane.run("invoke of \(method.name)", body) }
        return op
    }

    /// Tells the plugin that a result is no longer wanted.
    func cancel(_ op: xo_op) throws {
        host.operations.cancel(op)
        let tables = try ready()
        host.lane.run("cancel") { tables.cancel?(tables.data, op) }
    }

    /// Waits until these are completed, after half of the time with their cancellation.
    ///
    /// - Parameter note: notes those that are not, as breaches.
    func settle(_ ops: [xo_op], note: Bool = true) throws {
        let slow = host.operations.unfinished(of: ops, patience: patience / 2)
        for op in slow { try cancel(op) }
        let lost = host.operations.unfinished(of: slow, patience: patience / 2)
        guard note, !lost.isEmpty else { return }
        host.journal.note(
            .neverCompleted,
            "\(lost.count) of \(ops.count) calls are not completed within \(patience / 1_000_000) ms, though the host "
                + "has cancelled them after half of that.")
    }
}

/// What the plugin says of an error, for the duration of a call.
private final class ErrorSink: @unchecked Sendable {
    // Unchecked: written in the lane, read once the call has returned.
    private var message = ""

    func text(_ status: xo_status) -> String { message.isEmpty ? "status \(status)" : "status \(status), \(message)" }

    func lend(_ loan: Loan, _ host: CheckedHost, _ body: (UnsafePointer<xo_err>) -> xo_status) -> xo_status {
        let error = xo_err(
            struct_size: host.size(of: xo_err.self), reserved: 0, ctx: Unmanaged.passUnretained(self).toOpaque(),
            set: { context, _, message in
                guard let context, let text = message.string else { return }
                Unmanaged<ErrorSink>.fromOpaque(context).takeUnretainedValue().message = text
            })
        return body(loan.value(error, trailing: host.plan.trailing))
    }
}

// MARK: - Requests

extension PluginInstance {
    /// Sends a request to each route that the plugin has.
    func request() throws -> [xo_op] {
        let host = host
        let tables = try ready()
        guard let onRequest = tables.onRequest else { return [] }
        return host.routes.withLock { $0 }.map { handle, route in
            let op = host.operations.begin("of \(route.method) \(route.path)")
            host.lane.run("on_request of \(route.path)") {
                let status = host.lend { loan in
                    let peer = xo_peer(
                        struct_size: host.size(of: xo_peer.self), flags: UInt32(XO_PEER_LOOPBACK | XO_PEER_SECURE),
                        address: loan.text("127.0.0.1"), transport: loan.text("http"))
                    let header = xo_http_header(name: loan.text("host"), value: loan.text("localhost"))
                    let request = xo_http_request(
                        struct_size: host.size(of: xo_http_request.self), reserved: 0,
                        peer: loan.value(peer, trailing: host.plan.trailing), method: loan.text(route.method),
                        path: loan.text(route.path), query: loan.text("a=1&b"), headers: loan.array([header]),
                        header_count: 1, header_stride: UInt32(MemoryLayout<xo_http_header>.stride),
                        body: xo_bytes(ptr: nil, len: 0))
                    return onRequest(
                        tables.data, op, route.token, loan.value(request, trailing: host.plan.trailing))
                }
                host.operations.returned(op, status)
            }
            return op
        }
    }
}
