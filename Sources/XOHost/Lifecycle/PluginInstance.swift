import CXOPlugin
import Logging
import Synchronization
import XOJSON
import XOProtocol

/// One configured run of a plugin: what the host knows of it, and every call into it.
///
/// The plugin manager leads it through its life, one step at a time.
final class PluginInstance: Sendable {
    private struct State {
        var configuration: Configuration.Plugin
        var state = PluginState.unloaded
        var library: PluginLibrary?
        /// From `create` to `destroy`.
        var life: Incarnation?
        /// When it began to run, on the monotonic clock.
        var runningSince: Int64?
        var mayDefineMetrics = false
        var lastCrash: CrashRecord?
    }

    let id: String
    let services: Services
    /// Calls of the protocol's class [lane] go through here.
    let lane: Lane
    /// Its work with the store, in order.
    let storeLane: Lane
    let values: PluginValues
    let log: Logger
    let counters = PluginCounters()
    let comeback: Comeback
    /// How much of what it wants from the store waits.
    private let storeWork = Atomic(0)
    private let state: Mutex<State>

    init(_ configuration: Configuration.Plugin, services: Services) {
        id = configuration.id
        self.services = services
        lane = services.pool.makeLane()
        storeLane = services.backgroundPool.makeLane()
        values = PluginValues(services.store, scope: configuration.id)
        log = services.makeLogger(configuration.id)
        comeback = Comeback(clock: services.clock)
        state = Mutex(State(configuration: configuration, state: configuration.isEnabled ? .unloaded : .disabled))
    }

    // MARK: What it is

    var configuration: Configuration.Plugin {
        get { state.withLock { $0.configuration } }
        set { state.withLock { $0.configuration = newValue } }
    }

    var library: PluginLibrary? { state.withLock { $0.library } }
    /// What can be called of it now; `nil` if it is not loaded.
    var life: Incarnation? { state.withLock { $0.life } }
    private var tables: PluginTables? { life?.tables }
    var lastCrash: CrashRecord? { state.withLock { $0.lastCrash } }
    var mayDefineMetrics: Bool { state.withLock { $0.mayDefineMetrics } }

    /// For how long it has been running.
    var uptime: Duration? {
        state.withLock { $0.runningSince }.map { .nanoseconds(Clock.now - $0) }
    }

    var lifeState: PluginState {
        get { state.withLock { $0.state } }
        set {
            let old = state.withLock { state in
                defer {
                    state.state = newValue
                    state.runningSince = newValue == .running ? Clock.now : nil
                }
                return state.state
            }
            guard old != newValue else { return }
            let failures = (newValue.reason == nil ? 0 : 1) - (old.reason == nil ? 0 : 1)
            services.failedPlugins.add(failures, ordering: .relaxed)
            services.events.publishPluginState(id, newValue)
        }
    }

    /// What a caller is told while the instance cannot serve.
    var absence: MethodError {
        .failed("the plugin \(id) is \(lifeState.name)" + (lifeState.reason.map { ": \($0)" } ?? ""))
    }

    // MARK: Steps of its life

    /// Loads the library, creates the instance and sets it up; returns the methods it offers.
    func create(timeout: Duration) async throws -> MethodCatalogue {
        let library = try await services.inBackground { [self] in
            let found = try services.libraries.find(configuration)
            return try mustBeIsolated(found.hash)
                ? try IsolatedLibrary.launch(found, of: self, timeout: timeout) : try services.libraries.load(found)
        }
        state.withLock { $0.library = library }
        let life = Incarnation(of: self, in: library)
        let hostTable = HostTable.make(for: life)
        // A setup that returns after it was given up is undone: nobody else knows of the instance.
        try await onLane("setup", timeout: timeout, ifLate: { life.end() }) { [self] in
            do {
                state.withLock { $0.mayDefineMetrics = true }
                life.begin(try PluginTables.setUp(library.create, hostTable.pointer))
            } catch {
                life.endBeforeItBegan()
                throw error
            }
        }
        state.withLock { $0.life = life }
        return try await onLane("reading the catalogue of methods", timeout: timeout) {
            guard let tables = life.tables, let methods = tables.methods else { return .empty }
            var text = xo_bytes()
            let status = methods.catalog(tables.data, &text)
            guard status >= 0, let bytes = UnsafeRawBufferPointer(view: text.ptr, text.len) else {
                throw LifecycleError("the catalogue of methods cannot be read: \(StatusText.of(status))")
            }
            return MethodCatalogue(bytes, of: life)
        }
    }

    /// Whether it runs in a process of its own, because the configuration says so or because it has crashed the host.
    private func mustBeIsolated(_ hash: ContentHash) throws -> Bool {
        if configuration.isIsolated { return true }
        guard let reason = try services.suspects.reason(against: hash) else { return false }
        log.warning(
            """
            started in a process of its own: \(reason); to have it in the host again, replace the file, or \
            xo-cli plugin.clear id=\(id) and restart the host
            """)
        return true
    }

    /// The configuration with defaults filled in, checked against the plugin's schema as far as that is known.
    func completedConfiguration() throws -> JSON {
        let plugin = configuration
        guard let info = library?.info, let schema = info.configurationSchema else { return plugin.configuration }
        let (completed, violations) = schema.check(plugin.configuration)
        guard violations.isEmpty else {
            throw services.configuration.error(violations, in: plugin, schema: info.configurationSchemaText ?? [:])
        }
        return completed ?? plugin.configuration
    }

    /// Hands over the configuration, after checking it against the plugin's schema.
    func configure(timeout: Duration) async throws {
        guard let life, let tables else { throw LifecycleError("it is not loaded") }
        let document = try completedConfiguration()
        // One that was stopped goes on with its life; what is still in the lane from before its stop is passed over.
        lane.run { life.open() }
        guard let configure = tables.configure else {
            guard document == [:] else {
                throw LifecycleError("it takes no configuration, but plugins.json has one; remove it")
            }
            return
        }
        let text = document.serialized()
        try await step("configure", timeout: timeout) { op in text.withView { configure(tables.data, op, $0) } }
    }

    func start(timeout: Duration) async throws {
        guard let life, let tables else { throw LifecycleError("it is not loaded") }
        life.serve()
        defer { state.withLock { $0.mayDefineMetrics = false } }
        try await step("start", timeout: timeout) { tables.start(tables.data, $0) }
    }

    func stop(timeout: Duration) async throws {
        guard let life, let tables else { return }
        try await step("stop", timeout: timeout, completed: life.close) { tables.stop(tables.data, $0) }
    }

    /// The process that held it has ended by itself: all that waits for it is told, and the manager.
    func lostProcess(_ reason: String, _ output: OutputTail) {
        let uptime = uptime
        state.withLock { state in
            state.lastCrash = CrashRecord(
                time: WallClock.now(), reason: reason, uptime: uptime, output: output,
                count: (state.lastCrash?.count ?? 0) + 1)
        }
        // During the first steps nobody waits but they, and they have noticed.
        guard let life else { return }
        if lifeState == .running { comeback.begin() }
        life.close()
        services.operations.abandonAll(of: self, .unavailable, reason)
        services.crashes.report(Crash(instance: self, life: life, reason: reason))
    }

    /// Ends its life, if it has one.
    func destroy() {
        let life = state.withLock { state in
            defer { state.life = nil }
            return state.life
        }
        life?.end()
    }

    /// Runs one synchronous piece in the lane. `ifLate` gets what it returns after its time is over.
    private func onLane<Value: Sendable>(
        _ name: String, timeout: Duration, ifLate: @escaping @Sendable (Value) -> Void = { _ in },
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let outcome = Once<Result<Value, any Error>>()
        lane.run {
            let result = Result(catching: body)
            if !outcome.set(result), case .success(let value) = result { ifLate(value) }
        }
        let alarm = services.clock.after(nanoseconds: timeout.nanoseconds) {
            outcome.set(.failure(LifecycleError("\(name) took longer than \(timeout.seconds) s; the plugin hangs")))
        }
        defer { services.clock.cancel(alarm) }
        return try await outcome.value.get()
    }

    /// Runs one asynchronous step: calls the plugin in its lane and waits until it completes the operation.
    private func step(
        _ name: String, timeout: Duration, completed: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (xo_op) -> xo_status
    ) async throws {
        let outcome = Once<Result<Void, any Error>>()
        let deadline = Operation.Deadline(at: Clock.now + timeout.nanoseconds) { [self] handle in
            let reason = "took longer than \(timeout.seconds) s; the plugin hangs"
            guard services.operations.end(handle, of: self, .abandoned(.deadline, reason)) else { return }
            library?.process?.expired(handle)
        }
        let operation = services.operations.begin(
            self, deadline: deadline,
            .function { ended in
                switch ended {
                case .completed(let status, _) where status >= 0:
                    completed()
                    outcome.set(.success(()))
                case .completed(let status, let payload):
                    outcome.set(.failure(LifecycleError("\(name) failed: \(StatusText.of(status, payload))")))
                case .responded: outcome.set(.failure(LifecycleError("\(name) was answered like an HTTP request")))
                case .abandoned(_, let reason): outcome.set(.failure(LifecycleError("\(name): \(reason)")))
                }
            })
        guard let operation else { throw LifecycleError("\(name): too many operations are under way") }
        lane.run { [self] in
            // It may have waited behind something that hung.
            guard services.operations[operation.handle] != nil else { return }
            let status = body(operation.cHandle)
            if status != .accepted { complete(operation.handle, status, .init(start: nil, count: 0)) }
        }
        try await outcome.value.get()
    }

    // MARK: Store

    private static let maximumStoreWork = 4096

    /// Counts something that is to be done with the store; `false` if there is too much already.
    func beginStoreWork() -> Bool {
        guard storeWork.add(1, ordering: .relaxed).newValue <= PluginInstance.maximumStoreWork else {
            storeWork.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    func endStoreWork() { storeWork.subtract(1, ordering: .relaxed) }

    // MARK: Operations

    /// The plugin finishes an operation.
    @discardableResult
    func complete(_ handle: UInt64, _ status: xo_status, _ payload: UnsafeRawBufferPointer) -> xo_status {
        finish(handle, .completed(status, payload))
    }

    func finish(_ handle: UInt64, _ outcome: Operation.Outcome) -> xo_status {
        if services.operations.end(handle, of: self, outcome) { return .ok }
        if !services.operations.wasGivenUp(handle) { counters.staleHandles.add(1, ordering: .relaxed) }
        return .staleHandle
    }
}

/// A value that is set once and waited for.
private final class Once<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case done(Value)
    }

    private let state = Mutex(State.empty)

    /// The first value counts; tells whether this is it.
    @discardableResult
    func set(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .empty:
                state = .done(value)
                return (true, nil)
            case .waiting(let waiter):
                state = .done(value)
                return (true, waiter)
            case .done: return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    /// Waited for by one task.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value = state.withLock { state -> Value? in
                    if case .done(let value) = state { return value }
                    state = .waiting(continuation)
                    return nil
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
    /// For people: `2`, `0.5`.
    var seconds: String {
        let seconds = Double(nanoseconds) / 1e9
        return seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }
}
