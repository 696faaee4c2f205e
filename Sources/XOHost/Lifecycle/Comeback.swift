import Synchronization

/// Calls that wait for a plugin whose process has ended, to be made once more when it is back.
final class Comeback: Sendable {
    /// A call, and what becomes of it.
    struct Call: Sendable {
        let again: @Sendable () -> Void
        /// The plugin does not come back, or not in time.
        let giveUp: @Sendable () -> Void
    }

    private struct State {
        var isAway = false
        var next: UInt64 = 0
        var calls: [UInt64: Call] = [:]
    }

    /// Nobody waits longer than this, in nanoseconds.
    private static let patience: Int64 = 10_000_000_000

    private let clock: Clock
    private let state = Mutex(State())

    init(clock: Clock) { self.clock = clock }

    /// The process has ended, and the plugin is about to be started again.
    func begin() { state.withLock { $0.isAway = true } }

    /// Keeps a call until the plugin is back; `false` if it is not away.
    ///
    /// - Parameter deadline: on the monotonic clock; `nil`: none.
    func wait(until deadline: Int64?, _ call: Call) -> Bool {
        let number = state.withLock { state -> UInt64? in
            guard state.isAway else { return nil }
            state.next += 1
            state.calls[state.next] = call
            return state.next
        }
        guard let number else { return false }
        let patience = min(Comeback.patience, (deadline ?? .max) - Clock.now)
        clock.after(nanoseconds: patience) { [self] in
            state.withLock { $0.calls.removeValue(forKey: number) }?.giveUp()
        }
        return true
    }

    /// The plugin is back, or will not come.
    func end(isBack: Bool) {
        let calls = state.withLock { state in
            defer { state = State(next: state.next) }
            return state.calls.values
        }
        for call in calls { isBack ? call.again() : call.giveUp() }
    }
}
