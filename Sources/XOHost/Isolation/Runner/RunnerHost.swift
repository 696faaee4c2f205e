import CXOPlugin
import Synchronization
import XOProtocol

/// The host as the plugin in a runner sees it: what can be answered here is answered here, the rest is sent.
///
/// Handles that functions return are numbers of this process; the host pairs them with its own.
final class RunnerHost: Sendable {
    struct Work {
        let deadline: UInt64
        var isCancelled = false
    }

    private struct State {
        var lastHandle: UInt64 = 0
        var isServing = false
        var mayDefineMetrics = true
        /// Open sources and their names.
        var sources: [UInt64: String] = [:]
        /// The plugin's tokens.
        var calls: [UInt64: UInt64] = [:]
        var subscriptions: [UInt64: UInt64] = [:]
        var listeners: [UInt64: UInt64] = [:]
        /// Calls under way.
        var sessions: [UInt64: Int] = [:]
        var operations: [UInt64: Work] = [:]
        var starting: UInt64?
        var stopping: UInt64?
        var storeWork = 0
        var metrics: [String: UInt64] = [:]
    }

    let task: RunnerTask
    let channel: Channel
    /// Records below this are not sent.
    let logLevel: Atomic<Int32>
    let metricUpdates: MetricUpdates
    private let state = Mutex(State())
    private let frames = Mutex<PluginFrames?>(nil)

    init(task: RunnerTask, channel: Channel, clock: Clock) {
        self.task = task
        self.channel = channel
        logLevel = Atomic(task.logLevel)
        metricUpdates = MetricUpdates(channel: channel, clock: clock)
    }

    /// What the plugin gets; kept for ever, like this.
    func makeTable() -> UnsafePointer<xo_host> { RunnerTables.host(Unmanaged.passRetained(self).toOpaque(), task) }

    /// The plugin is set up.
    func begin(_ frames: PluginFrames) { self.frames.withLock { $0 = frames } }

    var offers: PluginFrames.Offers { frames.withLock { $0 }.map { $0.offers } ?? PluginFrames.Offers() }

    // MARK: State of the plugin's life

    var isServing: Bool { state.withLock { $0.isServing } }
    var mayDefineMetrics: Bool { state.withLock { $0.mayDefineMetrics } }

    /// A step or a call begins, which the plugin will complete.
    func begin(_ op: UInt64, deadline: UInt64 = 0) { state.withLock { $0.operations[op] = Work(deadline: deadline) } }

    func beginStart(_ op: UInt64) {
        state.withLock { state in
            state.operations[op] = Work(deadline: 0)
            state.starting = op
            state.isServing = true
        }
    }

    func beginStop(_ op: UInt64) {
        state.withLock { state in
            state.operations[op] = Work(deadline: 0)
            state.stopping = op
        }
    }

    func cancel(_ op: UInt64) { state.withLock { $0.operations[op]?.isCancelled = true } }

    func isCancelled(_ op: UInt64) -> Bool {
        let work = state.withLock { $0.operations[op] }
        guard let work else { return true }
        return work.isCancelled || work.deadline != 0 && work.deadline <= UInt64(Clock.now)
    }

    /// Tells whether the operation was under way.
    func end(_ op: UInt64) -> Bool {
        state.withLock { state in
            guard state.operations.removeValue(forKey: op) != nil else { return false }
            if state.starting == op {
                state.starting = nil
                state.mayDefineMetrics = false
            }
            if state.stopping == op {
                // As the host forgets what the instance has opened.
                state.stopping = nil
                state.isServing = false
                state.sources = [:]
                state.sessions = [:]
                state.subscriptions = [:]
                state.listeners = [:]
                state.calls = [:]
            }
            return true
        }
    }

    /// Finishes an operation.
    ///
    /// - Parameter payload: `nil` if its length lies: the host says so, and counts it.
    func complete(_ op: UInt64, _ status: xo_status, _ payload: UnsafeRawBufferPointer?, isSecret: Bool) -> xo_status {
        let isKnown = end(op)
        // The last chance: nothing of a plugin that has stopped is taken.
        if isKnown, !isServing { metricUpdates.flush() }
        // Also if it is not: the host counts the plugin's mistakes.
        let isSent = channel.send(.complete, isSecret: isSecret) {
            $0.write(op)
            $0.write(status)
            $0.write(payload == nil ? UInt8(1) : 0)
            $0.write(payload ?? .init(start: nil, count: 0))
        }
        // More than a frame can hold; if it is the host that is gone, nothing matters any more.
        if !isSent, let payload, !payload.isEmpty {
            _ = complete(op, .resourceExhausted, UnsafeRawBufferPointer(start: nil, count: 0), isSecret: false)
        }
        return isKnown ? .ok : .staleHandle
    }

    // MARK: Handles

    private func newHandle<Value>(
        _ value: Value, in path: WritableKeyPath<State, [UInt64: Value]>
    ) -> UInt64 {
        state.withLock { state in
            state.lastHandle += 1
            state[keyPath: path][state.lastHandle] = value
            return state.lastHandle
        }
    }

    func openSource(_ name: String) -> UInt64? {
        state.withLock { state in
            guard !state.sources.values.contains(name) else { return nil }
            state.lastHandle += 1
            state.sources[state.lastHandle] = name
            return state.lastHandle
        }
    }

    func hasSource(_ handle: UInt64) -> Bool { state.withLock { $0.sources[handle] != nil } }
    func closeSource(_ handle: UInt64) -> Bool { state.withLock { $0.sources.removeValue(forKey: handle) != nil } }

    func newCall(token: UInt64) -> UInt64 { newHandle(token, in: \.calls) }
    func endCall(_ handle: UInt64) -> UInt64? { state.withLock { $0.calls.removeValue(forKey: handle) } }
    func hasCall(_ handle: UInt64) -> Bool { state.withLock { $0.calls[handle] != nil } }

    /// Whether a call that is being served has this handle, so that others may be made on behalf of its caller.
    func isServed(_ op: UInt64) -> Bool { state.withLock { $0.operations[op] != nil } }

    func newSubscription(token: UInt64) -> UInt64 { newHandle(token, in: \.subscriptions) }
    func subscription(_ handle: UInt64) -> UInt64? { state.withLock { $0.subscriptions[handle] } }
    func endSubscription(_ handle: UInt64) -> UInt64? {
        state.withLock { $0.subscriptions.removeValue(forKey: handle) }
    }

    func newListener(token: UInt64) -> UInt64 { newHandle(token, in: \.listeners) }
    func listener(_ handle: UInt64) -> UInt64? { state.withLock { $0.listeners[handle] } }
    func endListener(_ handle: UInt64) -> Bool { state.withLock { $0.listeners.removeValue(forKey: handle) != nil } }

    func newRoute() -> UInt64 {
        state.withLock { state in
            state.lastHandle += 1
            return state.lastHandle
        }
    }

    /// The same name and labels give the same metric; `true` if it is new.
    func metric(_ key: String) -> (handle: UInt64, isNew: Bool) {
        state.withLock { state in
            if let known = state.metrics[key] { return (known, false) }
            state.lastHandle += 1
            state.metrics[key] = state.lastHandle
            return (state.lastHandle, true)
        }
    }

    /// `nil` if there are too many already.
    func newSession() -> UInt64? {
        state.withLock { state in
            guard state.sessions.count < Int(task.maximumSessions) else { return nil }
            state.lastHandle += 1
            state.sessions[state.lastHandle] = 0
            return state.lastHandle
        }
    }
    func hasSession(_ handle: UInt64) -> Bool { state.withLock { $0.sessions[handle] != nil } }
    func closeSession(_ handle: UInt64) -> Bool { state.withLock { $0.sessions.removeValue(forKey: handle) != nil } }

    /// How many of so many messages may be sent now; `nil` if there is no such session.
    func beginCalls(_ count: Int, of session: UInt64) -> Int? {
        state.withLock { state in
            guard let underWay = state.sessions[session] else { return nil }
            let taken = min(count, max(0, Int(task.callsPerSession) - underWay))
            state.sessions[session] = underWay + taken
            return taken
        }
    }

    /// `false` if there is no such session any more.
    func endCalls(_ count: Int, of session: UInt64) -> Bool {
        state.withLock { state in
            guard let underWay = state.sessions[session] else { return false }
            state.sessions[session] = underWay - count
            return true
        }
    }

    func beginStoreWork() -> Bool {
        state.withLock { state in
            guard state.storeWork < 4096 else { return false }
            state.storeWork += 1
            return true
        }
    }

    func endStoreWork() { state.withLock { $0.storeWork -= 1 } }
}
