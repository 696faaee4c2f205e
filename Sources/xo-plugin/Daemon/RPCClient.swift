import XOJSON

/// A client of the daemon that sees what a good client passes over: answers that come twice, or to nobody.
///
/// So it is one of the suite's own. It also has no event loop, which the process of each test would have to load.
final class RPCClient: Sendable {
    private struct State {
        var lastID: Int64 = 0
        /// By call, in the order of their arrival.
        var answers: [Int64: [JSON]] = [:]
        var answered = 0
        /// What answers no call.
        var strays: [String] = []
        /// `params` of the notifications, in the order of their arrival.
        var notifications: [JSON] = []
        var isOver = false
    }

    private let socket: WebSocket
    private let state: Monitor<State>
    /// Nanoseconds that an answer may take.
    private let patience: Int64

    init(_ address: LocalAddress, patience: Int64) throws {
        let (socket, state) = (try WebSocket(address, path: "/api/", patience: patience), Monitor(State()))
        (self.socket, self.state, self.patience) = (socket, state, patience)
        _ = HostThread {
            while let message = socket.receive() { RPCClient.note(message, in: state) }
            state.withLock { $0.isOver = true }
        }
    }

    deinit { socket.vanish() }

    private static func note(_ message: [UInt8], in state: Monitor<State>) {
        guard let json = try? JSON(parsing: message) else {
            state.withLock { $0.strays.append(String(decoding: message.prefix(200), as: UTF8.self)) }
            return
        }
        state.withLock { state in
            if let id = json["id"]?.integer, (1...max(state.lastID, 1)).contains(id) {
                state.answers[id, default: []].append(answer(json))
                state.answered += 1
            } else if let parameters = json["params"], json["id"] == nil {
                state.notifications.append(parameters)
            } else {
                state.strays.append(String(json.description.prefix(200)))
            }
        }
    }

    /// `{"result": …}` or `{"error": …}`.
    private static func answer(_ message: JSON) -> JSON {
        var members = message.object ?? [:]
        members["jsonrpc"] = nil
        members["id"] = nil
        return .object(members)
    }

    // MARK: Calling

    /// Calls without waiting; returns the id of the call.
    @discardableResult
    func begin(_ method: String, _ parameters: JSON = [:]) -> Int64 {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let message: JSON = ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": parameters]
        _ = socket.send(message.serialized())
        return id
    }

    /// Calls, and waits for the answer: `{"result": …}` or `{"error": …}`; `nil` if there is none in time.
    func call(_ method: String, _ parameters: JSON = [:], patience: Int64? = nil) -> JSON? {
        answer(to: begin(method, parameters), patience: patience ?? self.patience)
    }

    /// Waits for the answer to a call.
    func answer(to id: Int64, patience: Int64) -> JSON? {
        state.wait(until: MonotonicClock.now + patience) { state -> JSON?? in
            if let answer = state.answers[id]?.first { return .some(answer) }
            return state.isOver ? .some(nil) : nil
        } ?? nil
    }

    // MARK: What has come

    /// Waits until so many answers have come; `false` if they do not in time.
    func waitForAnswers(_ count: Int, patience: Int64) -> Bool {
        state.wait(until: MonotonicClock.now + patience) { $0.answered >= count || $0.isOver ? true : nil } ?? false
    }

    /// Waits until each of these calls has an answer, or time is over.
    func waitForAnswers(to ids: [Int64], patience: Int64) {
        let deadline = MonotonicClock.now + patience
        for id in ids { _ = answer(to: id, patience: deadline - MonotonicClock.now) }
    }

    var answered: Int { state.withLock { $0.answered } }

    /// How many answers each call has got; those that have got one are left out.
    func answeredOtherwiseThanOnce(_ ids: [Int64]) -> [(id: Int64, count: Int)] {
        state.withLock { state in
            ids.map { ($0, state.answers[$0]?.count ?? 0) }.filter { $0.1 != 1 }
        }
    }

    var strays: [String] { state.withLock { $0.strays } }

    /// Waits until the notifications so far are what `isEnough` looks for.
    func waitForNotifications(patience: Int64, _ isEnough: ([JSON]) -> Bool) -> Bool {
        state.wait(until: MonotonicClock.now + patience) { isEnough($0.notifications) ? true : nil } ?? false
    }

    /// Goes away with calls under way.
    func vanish() { socket.vanish() }
}
