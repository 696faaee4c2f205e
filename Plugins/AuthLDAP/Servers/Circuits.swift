import Synchronization

/// Which server is asked next. One that has failed is left in peace for a while, then asked once (circuit breaker).
final class Circuits: Sendable {
    private struct Circuit {
        /// Set while the server is out of order: when it may be asked again.
        var pausedUntil: Deadline?
        /// Somebody finds out whether it is back.
        var isProbed = false
        /// When its failure was last written to the log.
        var reported: Deadline?
    }

    /// What is worth a line in the log.
    enum News: Sendable {
        case down, back
    }

    let servers: [ServerAddress]
    private let order: ServerOrder
    private let cooldown: Duration
    private let state: Mutex<[ServerAddress: Circuit]>

    init(_ servers: [ServerAddress], order: ServerOrder, cooldown: Duration) {
        self.servers = servers
        self.order = order
        self.cooldown = cooldown
        state = Mutex(Dictionary(uniqueKeysWithValues: servers.map { ($0, Circuit()) }))
    }

    /// The servers to ask, in order. If all are out of order, those are tried that nobody is trying already: a server that
    /// is back is found at once, and one that stalls holds up one caller, while the others hear *unavailable*.
    func candidates() -> [ServerAddress] {
        let listed = order == .random ? servers.shuffled() : servers
        return state.withLock { state in
            func isWorking(_ server: ServerAddress) -> Bool {
                guard let circuit = state[server], let pause = circuit.pausedUntil else { return true }
                return pause.hasPassed && !circuit.isProbed
            }
            let working = listed.filter(isWorking)
            let isAnySound = working.contains { state[$0]?.pausedUntil == nil }
            let chosen = isAnySound ? working : working + listed.filter { !working.contains($0) }
            let free = chosen.filter { state[$0]?.isProbed != true }
            for server in free where state[server]?.pausedUntil != nil { state[server]?.isProbed = true }
            return free
        }
    }

    /// It has answered.
    func succeeded(_ server: ServerAddress) -> News? {
        state.withLock { state in
            let wasDown = state[server]?.pausedUntil != nil
            if wasDown { state[server] = Circuit() }
            return wasDown ? .back : nil
        }
    }

    /// It could not be reached, or made no sense.
    ///
    /// - Returns: news at most once a minute.
    func failed(_ server: ServerAddress) -> News? {
        state.withLock { state in
            state[server]?.pausedUntil = .after(cooldown)
            state[server]?.isProbed = false
            if let reported = state[server]?.reported, reported.age < .seconds(60) { return nil }
            state[server]?.reported = .now
            return .down
        }
    }

    /// A candidate was not asked after all.
    func release(_ candidates: some Sequence<ServerAddress>) {
        state.withLock { state in
            for server in candidates { state[server]?.isProbed = false }
        }
    }
}
