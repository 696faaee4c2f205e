import Synchronization
import XOJSON

/// One connection of a client.
final class Session: Sendable {
    private struct State {
        var principal: Principal?
        var callsUnderWay = 0
        /// Answers on their way to the transport.
        var answers: [SessionAnswer] = []
        /// Reasons for which notifications are held back: a slow reader, a listing under way.
        var holds = 0
        var isPaused = false
        /// Objects that changed while notifications were held back; `nil` if they were too many.
        var missed: Set<String>? = []
        var isClosed = false
    }

    let handle: UInt64
    let transport: Incarnation
    let address: String
    let isLoopback: Bool
    /// Its messages are read one after the other, and its answers leave in the order in which they are ready.
    let lane: Lane
    let anonymous: [UInt8]
    /// How many changed objects are remembered while notifications are held back.
    private static let maximumMissed = 100_000
    private let callLimit: Int
    private let state = Mutex(State())

    init(
        handle: UInt64, transport: Incarnation, address: String, isLoopback: Bool, lane: Lane, callLimit: Int
    ) {
        self.handle = handle
        self.transport = transport
        self.address = address
        self.isLoopback = isLoopback
        self.lane = lane
        self.callLimit = callLimit
        anonymous = Principal.anonymousDescription(address: address)
    }

    // MARK: Who

    var principal: Principal? {
        get { state.withLock { $0.principal } }
        set { state.withLock { $0.principal = newValue } }
    }

    /// Changes the principal, unless somebody else has done so meanwhile.
    func replace(_ known: Principal, with principal: Principal) {
        state.withLock { state in
            if state.principal === known { state.principal = principal }
        }
    }

    // MARK: Calls under way

    /// Counts a new call; `false` if the session has too many.
    func beginCall() -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.callsUnderWay < callLimit else { return false }
            state.callsUnderWay += 1
            return true
        }
    }

    /// Keeps an answer until the lane takes it; tells whether the lane must be told.
    func queueAnswer(_ answer: SessionAnswer) -> Bool {
        state.withLock { state in
            state.answers.append(answer)
            return state.answers.count == 1
        }
    }

    /// Takes the answers that are ready; their calls are not under way any more.
    func takeAnswers() -> [SessionAnswer] {
        state.withLock { state in
            defer { state.answers = [] }
            state.callsUnderWay -= state.answers.count
            return state.answers
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
    func markClosed() { state.withLock { $0.isClosed = true } }

    // MARK: Notifications

    /// Whether a notification may be sent now; if not, the changed objects are remembered.
    func admitsNotification(of changed: some Sequence<String>) -> Bool {
        state.withLock { state in
            guard state.holds > 0 else { return !state.isClosed }
            state.missed?.formUnion(changed)
            if let missed = state.missed, missed.count > Session.maximumMissed { state.missed = nil }
            return false
        }
    }

    func hold() { state.withLock { $0.holds += 1 } }

    /// Ends a hold; returns the objects that changed meanwhile, if it was the last one. `nil`: too many to be known.
    func release() -> Set<String>? {
        state.withLock { state in
            state.holds -= 1
            guard state.holds == 0 else { return [] }
            defer { state.missed = [] }
            return state.missed
        }
    }

    /// Notes whether the client reads too slowly; tells whether that is new.
    func setPaused(_ isPaused: Bool) -> Bool {
        state.withLock { state in
            defer { state.isPaused = isPaused }
            return state.isPaused != isPaused
        }
    }
}
