import CXOPlugin
import Synchronization
import XOProtocol

/// One connection of a client.
final class Session: HandleHolder {
    private struct State {
        var principal: Principal?
        var callsUnderWay = 0
        /// Messages of the client that nobody has read, and answers on their way to the transport.
        var waiting = Mail()
        /// Empty: its memory serves again.
        var spare = Mail()
        /// The lane has been told that there is something, or is at it.
        var isScheduled = false
        /// Reasons for which notifications are held back: a slow reader, a listing under way.
        var holds = 0
        var isPaused = false
        /// Objects that changed while notifications were held back; `nil` if they were too many.
        var missed: Set<String>? = []
        var isClosed = false

        mutating func takeMessages(_ mail: inout Mail) {
            swap(&mail.messages, &waiting.messages)
            swap(&waiting.messages, &spare.messages)
        }

        /// Takes the answers that are ready; their calls are not under way any more.
        mutating func takeAnswers(_ mail: inout Mail) {
            swap(&mail.answers, &waiting.answers)
            swap(&waiting.answers, &spare.answers)
            callsUnderWay -= mail.answers.count
        }

        /// Keeps the memory; tells whether something has come meanwhile.
        mutating func giveBack(_ mail: inout Mail) -> Bool {
            mail.messages.removeAll()
            mail.answers.removeAll()
            swap(&mail, &spare)
            isScheduled = !waiting.messages.isEmpty || !waiting.answers.isEmpty
            return isScheduled
        }
    }

    private struct Mail {
        var messages = PackedMessages()
        var answers = PackedMessages()
    }

    nonisolated(unsafe) var handle: UInt64 = 0
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

    init(transport: Incarnation, address: String, isLoopback: Bool, lane: Lane, callLimit: Int) {
        self.transport = transport
        self.address = address
        self.isLoopback = isLoopback
        self.lane = lane
        self.callLimit = callLimit
        anonymous = Principal.anonymousDescription(address: address)
    }

    // MARK: Who

    /// For calls a change holds at once; the broadcaster tells the client what it does not see any more and what it
    /// sees now.
    var principal: Principal? {
        get { state.withLock { $0.principal } }
        set {
            state.withLock { $0.principal = newValue }
            transport.owner.services.broadcaster.renew(self)
        }
    }

    /// Changes the principal, unless somebody else has done so meanwhile.
    func replace(_ known: Principal, with principal: Principal) {
        let isDone = state.withLock { state in
            guard state.principal === known else { return false }
            state.principal = principal
            return true
        }
        if isDone { transport.owner.services.broadcaster.renew(self) }
    }

    // MARK: Messages and answers

    /// Takes messages of the client, as many as fit under the limit of calls under way; returns how many. Copies them.
    func receive(_ messages: UnsafeBufferPointer<xo_message>) -> Int {
        let (taken, isNew) = state.withLock { state in
            guard !state.isClosed else { return (messages.count, false) }
            let taken = min(messages.count, max(0, callLimit - state.callsUnderWay))
            guard taken > 0 else { return (0, false) }
            state.callsUnderWay += taken
            for message in messages[..<taken] {
                state.waiting.messages.append(token: message.token, message.payload.buffer)
            }
            defer { state.isScheduled = true }
            return (taken, !state.isScheduled)
        }
        if isNew { schedule() }
        return taken
    }

    /// Sends the client what `write` appends as the answer to the message with this token; nothing if it appends
    /// nothing. It leaves in the session's lane, never from inside a function of a plugin.
    ///
    /// - Parameter size: about how many bytes it is.
    func answer(_ token: UInt64, size: Int, _ write: (inout [UInt8]) -> Void) {
        var apart: [UInt8]?
        if size > PackedMessages.smallMessage {
            var text: [UInt8] = []
            text.reserveCapacity(size)
            write(&text)
            apart = text
        }
        let isNew = state.withLock { state in
            if let apart {
                state.waiting.answers.append(token: token, apart: apart)
            } else {
                state.waiting.answers.append(token: token, write)
            }
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNew { schedule() }
    }

    private func schedule() {
        lane.run { [self] in work() }
    }

    /// Reads the messages that have come, and hands over the answers that are ready. In the lane.
    ///
    /// Answers that are ready together leave together, so that the transport can send them with one write; among them
    /// those that the messages had at once.
    private func work() {
        var mail = Mail()
        state.withLock { $0.takeMessages(&mail) }
        if !mail.messages.isEmpty {
            let jsonRPC = transport.owner.services.jsonRPC
            // What came too late gets no answer: the connection is about to be closed, and says why.
            if !jsonRPC.dispatcher.endIfExpired(self) {
                mail.messages.forEach { jsonRPC.handle($1, of: self, token: $0) }
            }
        }
        state.withLock { $0.takeAnswers(&mail) }
        if !mail.answers.isEmpty { deliver(&mail.answers) }
        if state.withLock({ $0.giveBack(&mail) }) { schedule() }
    }

    private func deliver(_ answers: inout PackedMessages) {
        @Sendable func deliver(_ answers: borrowing PackedMessages, _ tables: PluginTables) {
            guard !isClosed else { return }
            answers.forEachRun { run in
                guard let first = run.baseAddress else { return }
                tables.transport?.onAnswers(tables.data, xo_session(id: handle), first, UInt32(run.count))
            }
        }
        if transport.isConcurrent {
            transport.enter { deliver(answers, $0) }
        } else {
            var moved = PackedMessages()
            swap(&moved, &answers)
            transport.callInLane { [moved] in deliver(moved, $0) }
        }
    }

    /// Has the connection closed.
    func kick(_ reason: String) {
        lane.run { [self] in
            transport.call { [self] tables in
                guard !isClosed else { return }
                reason.withView { tables.transport?.kick(tables.data, xo_session(id: handle), $0) }
            }
        }
    }

    // MARK: State

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
