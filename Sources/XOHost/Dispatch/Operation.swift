import CXOPlugin
import Synchronization
import XOProtocol

/// Something that a plugin has accepted and will complete: a call, a step of its life, an HTTP request.
///
/// Whoever takes it out of the table finishes it: the plugin by completing, the host when the deadline has passed, when
/// the plugin stops, or when it refuses. The table gives it out once, so it is finished once.
final class Operation: HandleHolder {
    /// When the host gives an operation up.
    struct Deadline: Sendable {
        /// On the monotonic clock, nanoseconds.
        let at: Int64
        /// Gets the operation's handle, on the clock's thread.
        let expired: @Sendable (UInt64) -> Void

        init(at: Int64, _ expired: @escaping @Sendable (UInt64) -> Void) {
            self.at = at
            self.expired = expired
        }
    }

    /// How an operation ended. The payload is lent for the duration of `finish`.
    enum Outcome {
        case completed(xo_status, UnsafeRawBufferPointer)
        case responded(UnsafePointer<xo_http_response>)
        /// The host gave up: the reason is a sentence for the log and for administrators.
        case abandoned(xo_status, String)
    }

    /// What is done at the end.
    enum Completion: Sendable {
        /// A call: its answer goes there. (A case of its own, because a function would cost an allocation.)
        case call(started: Int64, CallReply)
        case function(@Sendable (Outcome) -> Void)
    }

    nonisolated(unsafe) var handle: UInt64 = 0
    /// Not counted, because all threads would write that count with every call. An instance that has had a life is kept
    /// for ever (see ``Incarnation``), and only such a one has operations.
    unowned(unsafe) let owner: PluginInstance
    /// On whose behalf the plugin works; calls that it makes for this operation have the same rights.
    let principal: Principal?
    /// The client that waits for it; `nil` for steps, HTTP requests and calls of plugins.
    let session: Session?
    /// The call of a plugin that is waiting for this one.
    let parent: UInt64?
    /// How many plugins' calls lead here; bounds plugins that call each other in a circle.
    let depth: Int
    fileprivate let alarm: Clock.Alarm?
    private let completion: Completion
    private let cancelled = Atomic(false)

    fileprivate init(
        owner: PluginInstance, principal: Principal?, session: Session?, parent: UInt64?, depth: Int,
        alarm: Clock.Alarm?, completion: Completion
    ) {
        self.owner = owner
        self.principal = principal
        self.session = session
        self.parent = parent
        self.depth = depth
        self.alarm = alarm
        self.completion = completion
    }

    var cHandle: xo_op { xo_op(id: handle) }
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    func markCancelled() { cancelled.store(true, ordering: .relaxed) }

    fileprivate func finish(_ outcome: Outcome) {
        switch completion {
        case .call(let started, let reply): owner.finishCall(outcome, started: started, reply)
        case .function(let finish): finish(outcome)
        }
    }
}

/// All operations under way.
final class Operations: Sendable {
    private let clock: Clock
    private let table = HandleTable<Operation>(limit: 1 << 17)
    /// Operations that the host gave up and whose plugins have yet to complete them, which is right and no mistake.
    /// Of those that never do, the oldest are forgotten.
    private let givenUp = Mutex(RecentlyUsed<UInt64, Bool>(capacity: 4096))

    init(clock: Clock) { self.clock = clock }

    var count: Int { table.count }

    /// A new operation; `nil` if there are too many.
    func begin(
        _ owner: PluginInstance, for principal: Principal? = nil, session: Session? = nil, parent: UInt64? = nil,
        depth: Int = 0, deadline: Operation.Deadline? = nil, _ completion: Operation.Completion
    ) -> Operation? {
        let alarm = deadline.map { _ in Clock.Alarm() }
        let operation = Operation(
            owner: owner, principal: principal, session: session, parent: parent, depth: depth, alarm: alarm,
            completion: completion)
        guard table.insert(operation, hint: session?.handle ?? parent ?? 0) else { return nil }
        if let deadline, let alarm {
            clock.set(alarm, at: deadline.at) { [handle = operation.handle] in deadline.expired(handle) }
        }
        return operation
    }

    var all: [Operation] { table.values }

    subscript(handle: UInt64) -> Operation? { table[handle] }

    /// Finishes the operation if it is still under way and belongs to `owner`; tells whether it did.
    @discardableResult
    func end(_ handle: UInt64, of owner: PluginInstance, _ outcome: Operation.Outcome) -> Bool {
        guard let operation = table.remove(handle, if: { $0.owner === owner }) else { return false }
        if case .abandoned = outcome { givenUp.withLock { $0.set(handle, true) } }
        if let alarm = operation.alarm { clock.cancel(alarm) }
        operation.finish(outcome)
        return true
    }

    /// Whether the host gave this operation up; true once for each, because a plugin completes once.
    func wasGivenUp(_ handle: UInt64) -> Bool {
        givenUp.withLock { givenUp in
            guard givenUp[handle] == true else { return false }
            givenUp.set(handle, false)
            return true
        }
    }

    /// Finishes all that `owner` has under way.
    func abandonAll(of owner: PluginInstance, _ status: xo_status, _ reason: String) {
        for operation in table.values where operation.owner === owner {
            end(operation.handle, of: owner, .abandoned(status, reason))
        }
    }
}
