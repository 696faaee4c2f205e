import Synchronization

/// The sessions of a transport in a runner: the handles on both sides, and whether notifications may be sent.
///
/// One notification at a time is on its way to a session. Else a burst would be there before the transport's word that
/// its client is slow is here, and inside of the host a transport is heard at once.
final class RemoteSessions: Sendable {
    private struct Session {
        let host: UInt64
        /// The transport has said so.
        var isSlow = false
        /// Notifications that the transport has not taken yet.
        var underWay = 0

        var isPaused: Bool { isSlow || underWay > 0 }
    }

    private struct State {
        var sessions: [UInt64: Session] = [:]
        var locals: [UInt64: UInt64] = [:]

        /// Changes a session; returns the host's handle if notifications must be held back from now on, or need not be any
        /// more.
        mutating func change(_ local: UInt64, _ body: (inout Session) -> Void) -> UInt64? {
            guard var session = sessions[local] else { return nil }
            let wasPaused = session.isPaused
            body(&session)
            sessions[local] = session
            return session.isPaused == wasPaused ? nil : session.host
        }
    }

    private let state = Mutex(State())

    func host(_ local: UInt64) -> UInt64? { state.withLock { $0.sessions[local]?.host } }
    func local(_ host: UInt64) -> UInt64? { state.withLock { $0.locals[host] } }

    func add(local: UInt64, host: UInt64) {
        state.withLock { state in
            state.sessions[local] = Session(host: host)
            state.locals[host] = local
        }
    }

    func remove(local: UInt64) -> UInt64? {
        state.withLock { state in
            let host = state.sessions.removeValue(forKey: local)?.host
            if let host { state.locals[host] = nil }
            return host
        }
    }

    /// A notification is about to be sent. Returns the runner's handles, and the host's of those that are to be paused.
    func beginDelivery(to hosts: some Sequence<UInt64>) -> (locals: [UInt64], paused: [UInt64]) {
        state.withLock { state in
            let locals = hosts.compactMap { state.locals[$0] }
            return (locals, locals.compactMap { state.change($0) { $0.underWay += 1 } })
        }
    }

    /// The transport has taken one. Returns the host's handles of those that need not be paused any more.
    func endDelivery(to locals: [UInt64]) -> [UInt64] {
        state.withLock { state in locals.compactMap { state.change($0) { $0.underWay -= 1 } } }
    }

    /// The transport says whether the client reads too slowly. Returns the host's handle if that changes something.
    func setSlow(_ local: UInt64, _ isSlow: Bool) -> UInt64? {
        state.withLock { $0.change(local) { $0.isSlow = isSlow } }
    }
}
