/// Names for what the host has opened for a plugin: one number for each, and never the same again.
final class Handles: Sendable {
    /// What a handle stands for.
    enum Kind: String, Sendable {
        case source, subscription, route, metric, session, listener, call
    }

    /// What became of it.
    enum Standing: Sendable {
        case open, closed
        /// Never given out, or for something else.
        case foreign
    }

    private struct State {
        var next: UInt64 = 1
        var kinds: [UInt64: Kind] = [:]
        var open: Set<UInt64> = []
    }

    private let state = Monitor(State())
    /// In the upper 24 bits, so that a plugin which cuts handles down to 32 bits is found out.
    private let generation: UInt64

    /// - Parameter number: of the host; no two have the same handles.
    init(host number: Int) { generation = 0x00A5_5A + UInt64(number) }

    /// A new one, which is open.
    func make(_ kind: Kind) -> UInt64 {
        state.withLock { state in
            defer { state.next += 1 }
            let handle = generation << 40 | state.next
            state.kinds[handle] = kind
            state.open.insert(handle)
            return handle
        }
    }

    /// Whether a handle that the plugin uses is good for this.
    func standing(_ handle: UInt64, _ kind: Kind) -> Standing {
        state.withLock { state in
            guard state.kinds[handle] == kind else { return .foreign }
            return state.open.contains(handle) ? .open : .closed
        }
    }

    /// What it stands for is gone.
    func close(_ handle: UInt64) { state.withLock { _ = $0.open.remove(handle) } }

    /// The instance has stopped: all that it had is gone.
    func closeAll() { state.withLock { $0.open.removeAll() } }
}
