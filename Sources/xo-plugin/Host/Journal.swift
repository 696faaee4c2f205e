/// What happened between one instance and its host.
final class Journal: Sendable {
    private struct State {
        var breaches: [Breach] = []
    }

    private let state = Monitor(State())
    /// Beyond it, more of the same says nothing new.
    private static let maximumBreaches = 1000

    var breaches: [Breach] { state.withLock { $0.breaches } }

    /// Notes what the plugin has done.
    func note(_ kind: Breach.Kind, _ seen: String) {
        state.withLock { state in
            if state.breaches.count < Self.maximumBreaches { state.breaches.append(Breach(kind, seen)) }
        }
    }

    /// Waits for a breach of this kind.
    func waitForBreach(_ kind: Breach.Kind, nanoseconds: Int64) {
        _ = state.wait(until: MonotonicClock.now + nanoseconds) { state in
            state.breaches.contains { $0.kind == kind } ? true : nil
        }
    }
}
