/// What happened between one instance and its host.
final class Journal: Sendable {
    private struct State {
        var breaches: [Breach] = []
        var calls: [String: Int] = [:]
        var logged = 0
    }

    private let state = Monitor(State())
    /// Beyond it, more of the same says nothing new.
    private static let maximumBreaches = 1000

    var breaches: [Breach] { state.withLock { $0.breaches } }

    func note(_ kind: Breach.Kind, _ seen: String) {
        state.withLock { state in
            if state.breaches.count < Self.maximumBreaches { state.breaches.append(Breach(kind, seen)) }
        }
    }

    /// Counts a call of a host function.
    func count(_ function: String) { state.withLock { $0.calls[function, default: 0] += 1 } }

    /// How often the plugin has called `function`, such as `xo_host.complete`.
    func calls(of function: String) -> Int { state.withLock { $0.calls[function] ?? 0 } }

    /// Waits for a breach of this kind.
    func waitForBreach(_ kind: Breach.Kind, nanoseconds: Int64) {
        _ = state.wait(until: MonotonicClock.now + nanoseconds) { state in
            state.breaches.contains { $0.kind == kind } ? true : nil
        }
    }
}
