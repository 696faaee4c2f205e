import Synchronization

/// Work that is done one piece at a time, in order, on whichever thread of the pool is free.
///
/// This is what the protocol calls a lane: not a thread, but the promise that nothing in it overlaps.
final class Lane: Sendable {
    typealias Work = @Sendable () -> Void

    private struct State {
        var queue = Queue<Work>()
        var isScheduled = false
    }

    /// After so many pieces a lane goes to the end of the queue, so that a busy one does not starve the others.
    private static let burst = 32

    private let pool: WorkerPool
    private let state = Mutex(State())

    init(pool: WorkerPool) { self.pool = pool }

    func run(_ work: @escaping Work) {
        let isNew = state.withLock { state in
            state.queue.append(work)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNew { pool.schedule(self) }
    }

    /// Does what is queued; tells whether something is left. Called by a worker of the pool.
    func drain() -> Bool {
        for _ in 0..<Lane.burst {
            let work = state.withLock { state -> Work? in
                let work = state.queue.popFirst()
                if work == nil { state.isScheduled = false }
                return work
            }
            guard let work else { return false }
            work()
        }
        return state.withLock { state in
            state.isScheduled = !state.queue.isEmpty
            return state.isScheduled
        }
    }
}
