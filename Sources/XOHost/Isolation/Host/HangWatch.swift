import Synchronization

/// Finds out that a runner hangs: what has run out of time there must come to an end some day.
///
/// When the time of a call or a step is over, the runner is asked whether the function has returned and the lane is free.
/// If it does not say so, or if several calls in a row run out of time and nothing is completed, it is given up.
final class HangWatch: Sendable {
    private struct State {
        var asked: Set<UInt64> = []
        /// How many calls and steps have run out of time since the plugin completed something.
        var expired = 0
    }

    /// So many in a row are no coincidence.
    private static let maximumExpired = 3

    private let clock: Clock
    /// How long after its time is over the plugin may still be at it.
    private let patience: Duration
    private let state = Mutex(State())

    init(clock: Clock, patience: Duration) {
        self.clock = clock
        self.patience = patience
    }

    /// The time of an operation is over.
    ///
    /// - Parameters:
    ///   - ask: asks the runner about this operation.
    ///   - hangs: is told that the plugin hangs, after which there is nothing more to find out.
    func expired(_ op: UInt64, _ ask: (UInt64) -> Void, _ hangs: @escaping @Sendable (String) -> Void) {
        state.withLock { state in
            state.asked.insert(op)
            state.expired += 1
        }
        ask(op)
        clock.after(nanoseconds: patience.nanoseconds) { [self] in
            let (isUnanswered, expired) = state.withLock { state in
                (state.asked.remove(op) != nil, state.expired)
            }
            if isUnanswered {
                hangs("what ran out of time has not returned \(patience.seconds) s later")
            } else if expired >= HangWatch.maximumExpired {
                hangs("\(expired) calls in a row ran out of time, and it has completed nothing since")
            }
        }
    }

    /// The runner says that the function has returned and that its lane is free.
    func answered(_ op: UInt64) { state.withLock { _ = $0.asked.remove(op) } }

    /// The plugin has completed something.
    func completed() { state.withLock { $0.expired = 0 } }
}
