import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// One instance of the plugin as the host sees it: the C tables, and what is under way.
///
/// The tables call the non-generic members of this class, which ``TypedInstance`` fills with the author's type.
class Instance: @unchecked Sendable {
    // Unchecked because subclasses exist; every member is either constant or guarded.

    private struct State {
        var host: Host?
        /// Steps, and handlers that wait for something: what can be cancelled, by operation.
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var run = Run.none
    }

    /// What there is to be stopped.
    private enum Run {
        case none
        /// The author's type has started and not been stopped yet.
        case running
        /// The host has given this instance up.
        case over
    }

    let core: CoreHost
    private let state = Mutex(State())
    /// What the host knows of this instance, valid until `destroy` returns. Written once, by `publish`.
    private var record: UnsafePointer<xo_instance>?

    init(host: UnsafePointer<xo_host>) {
        core = CoreHost(pointer: host)
    }

    deinit { UnsafeRawPointer(record)?.deallocate() }

    // Overridden by TypedInstance.
    func makePlugin(_ host: Host) throws {}
    func configure(_ configuration: JSON) async throws {}
    func start() async throws {}
    func stop() async {}
    func invoke(_ op: xo_op, _ method: Int, _ call: UnsafePointer<xo_call>) -> xo_status { .unsupported }
    var catalogue: xo_bytes { xo_bytes(ptr: nil, len: 0) }

    var host: Host? { state.withLock { $0.host } }

    // MARK: Life cycle

    /// Hands this instance to the host, which gives it back through `destroy`.
    func publish() -> UnsafePointer<xo_instance> {
        var table = Tables.instance(Unmanaged.passRetained(self).toOpaque())
        let record = Immortal.table(&table)
        self.record = record
        return record
    }

    func setUp(_ err: UnsafePointer<xo_err>) -> xo_status {
        let host = Host(core: core, tables: HostTables(core.pointer))
        do {
            try makePlugin(host)
        } catch {
            "\(error)".withView { err.pointee.set?(err.pointee.ctx, .internal, $0) }
            return .internal
        }
        state.withLock { $0.host = host }
        return .ok
    }

    /// Runs a step of the life cycle and completes its operation.
    func step(_ op: xo_op, _ body: @escaping @Sendable () async throws -> Void) -> xo_status {
        let progress = Progress()
        let task = Task { [self] in
            do {
                try await body()
                core.complete(op, .ok)
            } catch {
                core.complete(op, MethodError(describing: error))
            }
            end(op, progress)
        }
        enter(task, op, progress)
        return .accepted
    }

    /// Starts the author's type; stops it again if it was given up meanwhile, as nobody else will.
    func startStep(_ op: xo_op) -> xo_status {
        step(op) { [self] in
            try await start()
            let isWanted = state.withLock { state in
                guard case .none = state.run else { return false }
                state.run = .running
                return true
            }
            if !isWanted { await stop() }
        }
    }

    /// Stops the author's type, then ends what it has left under way: its handlers, and what waits for the host, which
    /// will not answer any more.
    func stopStep(_ op: xo_op) -> xo_status {
        step(op) { [self] in
            state.withLock { $0.run = .none }
            await stop()
            abandon(except: op)
        }
    }

    /// Gives this instance up. One whose start was given up before it had ended is stopped, so that nothing is left.
    func destroy() {
        let wasRunning = state.withLock { state in
            defer { state.run = .over }
            return state.run == .running
        }
        abandon(except: nil)
        if wasRunning { Task { await stop() } }
        Unmanaged.passUnretained(self).release()
    }

    private func abandon(except op: xo_op?) {
        let (tasks, host) = state.withLock { ($0.tasks.filter { $0.key != op?.id }, $0.host) }
        for task in tasks.values { task.cancel() }
        host?.abandon()
    }

    // MARK: Operations

    /// Runs a handler for `op`. It starts on the calling thread, so that a handler that does not wait costs no change
    /// of thread, and can be cancelled once it has suspended.
    func run(_ op: xo_op, _ body: @escaping @Sendable () async -> Void) {
        let progress = Progress()
        let task = Task.immediate { [self] in
            await body()
            end(op, progress)
        }
        // Most handlers have ended by now and need not be entered.
        guard !progress.hasEnded else { return }
        enter(task, op, progress)
        // It may have been cancelled when nobody knew of the task yet.
        if core.isCancelled(op) { task.cancel() }
    }

    private func enter(_ task: Task<Void, Never>, _ op: xo_op, _ progress: Progress) {
        state.withLock { state in
            if progress.enter() { state.tasks[op.id] = task }
        }
    }

    private func end(_ op: xo_op, _ progress: Progress) {
        if progress.end() { state.withLock { _ = $0.tasks.removeValue(forKey: op.id) } }
    }

    /// How far a handler is. Whoever comes second, entering its task or ending, knows of the other.
    private final class Progress: Sendable {
        private enum Step {
            static let running = 0
            static let ended = 1
            static let entered = 2
        }

        private let step = Atomic(Step.running)

        var hasEnded: Bool { step.load(ordering: .acquiring) == Step.ended }

        /// The handler has ended; tells whether its task was entered before.
        func end() -> Bool { step.exchange(Step.ended, ordering: .acquiringAndReleasing) == Step.entered }

        /// Its task is about to be entered; tells whether there is still a reason to.
        func enter() -> Bool {
            step.compareExchange(
                expected: Step.running, desired: Step.entered, ordering: .acquiringAndReleasing
            ).exchanged
        }
    }

    func cancel(_ op: xo_op) {
        state.withLock { $0.tasks[op.id] }?.cancel()
    }
}

/// An instance of the author's type.
final class TypedInstance<P: Plugin>: Instance, @unchecked Sendable {
    // Unchecked like its superclass; `plugin` and `offer` are written once, in setup, before anything else is called.

    private struct Offer {
        let plugin: P
        let methods: [Method]
        /// The descriptions of the methods, until the instance is gone.
        let catalogue: UnsafeRawBufferPointer
    }

    nonisolated(unsafe) private var offer: Offer?

    deinit { offer?.catalogue.deallocate() }

    override func makePlugin(_ host: Host) throws {
        let plugin = try P(host: host)
        let methods = plugin.methods
        let text = JSON.array(methods.map(\.description)).serialized()
        let catalogue = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        catalogue.copyBytes(from: text)
        offer = Offer(plugin: plugin, methods: methods, catalogue: UnsafeRawBufferPointer(catalogue))
    }

    override var catalogue: xo_bytes { offer.map { xo_bytes($0.catalogue) } ?? super.catalogue }

    override func configure(_ configuration: JSON) async throws {
        let typed: P.Configuration
        do {
            typed = try configuration.decoded()
        } catch let error as DecodingError {
            throw ConfigurationError(error)
        }
        try await offer?.plugin.configure(typed)
    }

    override func start() async throws { try await offer?.plugin.start() }
    override func stop() async { await offer?.plugin.stop() }

    override func invoke(_ op: xo_op, _ method: Int, _ call: UnsafePointer<xo_call>) -> xo_status {
        guard let methods = offer?.methods, methods.indices.contains(method) else { return .notFound }
        let parameters: JSON
        do {
            parameters = try call.pointee.params.len == 0 ? [:] : JSON(parsing: call.pointee.params.buffer)
        } catch {
            return .invalidArgument
        }
        let typedCall = Call(op: op, call)
        switch methods[method].handler {
        case .immediate(let handler):
            do {
                core.complete(op, .ok, try handler(parameters, typedCall))
            } catch {
                core.complete(op, MethodError(describing: error))
            }
        case .task(let handler):
            run(op) { [core] in
                do {
                    core.complete(op, .ok, try await handler(parameters, typedCall))
                } catch {
                    core.complete(op, MethodError(describing: error))
                }
            }
        }
        return .accepted
    }
}

/// A configuration that fits the schema but not the author's type.
private struct ConfigurationError: Error, CustomStringConvertible {
    let description: String

    init(_ error: DecodingError) {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default:
            description = "\(error)"
            return
        }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        description = "configuration\(path.isEmpty ? "" : ".\(path)"): \(context.debugDescription)"
    }
}
