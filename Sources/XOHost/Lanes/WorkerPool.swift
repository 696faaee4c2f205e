import Glibc
import Synchronization

/// The threads on which the host calls plugins and does its own work.
///
/// Real threads, not Swift's cooperative pool: a plugin that blocks there would stop every async function of the
/// process. Work comes in lanes (``Lane``). If all workers are taken and a lane has waited for `patience`, one of them
/// is stuck, and another thread is added until the queue is empty again; so a plugin that hangs costs a thread, not the
/// daemon.
final class WorkerPool: Sendable {
    private struct State {
        /// Lanes with work, in the order in which they got it.
        var ready = Queue<Lane>()
        var workers = 0
        /// Workers that wait and have not been called.
        var idle = 0
        /// Workers that have been called and have not woken up yet.
        var called = 0
        var isWatched = false
        /// How many lanes have been taken: tells whether the queue moves.
        var taken: UInt64 = 0
    }

    /// How many threads there may be at the most, stuck ones included.
    static let maximumWorkers = 128
    private static let patience: Int64 = 50_000_000

    private let name: String
    private let width: Int
    private let clock: Clock
    private let state = Locked(State())

    /// - Parameter width: how many threads work in parallel as long as none is stuck.
    init(name: String, width: Int, clock: Clock) {
        self.name = name
        self.width = max(1, width)
        self.clock = clock
    }

    func makeLane() -> Lane { Lane(pool: self) }

    private enum Action {
        case call, start, watch, nothing
    }

    /// Queues a lane that has got work.
    func schedule(_ lane: Lane) {
        let action = state.withLock { state -> Action in
            state.ready.append(lane)
            if state.idle > 0 {
                state.idle -= 1
                state.called += 1
                return .call
            }
            if state.workers < width {
                state.workers += 1
                return .start
            }
            defer { state.isWatched = true }
            return state.isWatched ? .nothing : .watch
        }
        switch action {
        case .call: state.signal()
        case .start: startWorker()
        case .watch: watchQueue()
        case .nothing: break
        }
    }

    private func startWorker() {
        let started = Thread.start(name: name) { [self] in work() }
        guard !started else { return }
        let isUnwatched = state.withLock { state in
            state.workers -= 1
            defer { state.isWatched = true }
            return !state.isWatched
        }
        // The system may have threads again in a moment.
        if isUnwatched { watchQueue() }
    }

    private func work() {
        while let lane = nextLane() {
            if lane.drain() { schedule(lane) }
        }
    }

    /// The next lane; waits for one. `nil` if this worker is not needed any more.
    private func nextLane() -> Lane? {
        var isIdle = false
        return state.wait { state -> Locked<State>.Look<Lane?> in
            if isIdle {
                guard state.called > 0 else { return .wait(until: nil) }
                state.called -= 1
                isIdle = false
            }
            if let lane = state.ready.popFirst() {
                state.taken &+= 1
                return .found(lane)
            }
            // Those that stood in for stuck workers leave when there are enough without them.
            if state.idle >= width {
                state.workers -= 1
                return .found(nil)
            }
            state.idle += 1
            isIdle = true
            return .wait(until: nil)
        }
    }

    /// Looks again after a while whether the queue has moved, and adds a worker if it has not.
    private func watchQueue() {
        let taken = state.withLock { $0.taken }
        clock.after(nanoseconds: WorkerPool.patience) { [self] in
            let (start, goOn) = state.withLock { state -> (Bool, Bool) in
                guard !state.ready.isEmpty else {
                    state.isWatched = false
                    return (false, false)
                }
                let isStuck = state.taken == taken && state.idle == 0 && state.workers < WorkerPool.maximumWorkers
                if isStuck { state.workers += 1 }
                return (isStuck, true)
            }
            if start { startWorker() }
            if goOn { watchQueue() }
        }
    }
}

/// A first-in first-out queue on an array.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head == elements.count {
                elements.removeAll(keepingCapacity: elements.count <= 4096)
                head = 0
            } else if head >= 1024, head * 2 >= elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}
