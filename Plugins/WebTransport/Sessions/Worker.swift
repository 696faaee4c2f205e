import NIO
import Synchronization

/// An event loop, and the list of its connections that have something to send.
///
/// However many answers come in while the loop is busy, it is woken once for all of them; and since nothing is scheduled
/// after ``stop()``, callbacks of the host that come late are harmless.
final class Worker: Sendable {
    private struct State {
        var announced: [Outbox] = []
        var isWoken = false
        var isStopped = false
    }

    let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Has the loop look into `outbox` soon. Any thread.
    func announce(_ outbox: Outbox) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.announced.append(outbox)
            guard !state.isWoken else { return }
            state.isWoken = true
            eventLoop.execute { self.drain() }
        }
    }

    /// Runs `task` on the loop. Any thread.
    func run(_ task: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if !state.isStopped { eventLoop.execute(task) }
        }
    }

    /// From here on nothing is scheduled any more.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.announced = []
        }
    }

    private func drain() {
        var batch = state.withLock { state in
            state.isWoken = false
            var batch: [Outbox] = []
            swap(&batch, &state.announced)
            return batch
        }
        for outbox in batch { outbox.wakeConnection() }
        // The array's memory serves again, unless others were announced meanwhile.
        batch.removeAll(keepingCapacity: batch.capacity <= 4096)
        state.withLock { state in
            if state.announced.isEmpty { swap(&batch, &state.announced) }
        }
    }
}
