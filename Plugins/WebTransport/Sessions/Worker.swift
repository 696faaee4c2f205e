import NIO
import Synchronization

/// An event loop, and the list of its connections that have something to send.
///
/// However many answers come in while the loop is busy, it is woken once for all of them; and since nothing is scheduled
/// after ``stop()``, callbacks of the host that come late are harmless.
final class Worker: Sendable {
    private struct News {
        var announced: [Outbox] = []
        var isWoken = false
    }

    let eventLoop: any EventLoop
    private let news = Mutex(News())
    /// Of its own, because it is held while the loop is woken, which is a system call.
    private let isStopped = Mutex(false)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Has the loop look into `outbox` soon. Any thread.
    func announce(_ outbox: Outbox) {
        let mustWake = news.withLock { news in
            news.announced.append(outbox)
            defer { news.isWoken = true }
            return !news.isWoken
        }
        if mustWake { run { self.drain() } }
    }

    /// Runs `task` on the loop. Any thread.
    func run(_ task: @escaping @Sendable () -> Void) {
        isStopped.withLock { isStopped in
            if !isStopped { eventLoop.execute(task) }
        }
    }

    /// From here on nothing is scheduled any more.
    func stop() {
        isStopped.withLock { $0 = true }
        news.withLock { $0.announced = [] }
    }

    private func drain() {
        var batch = news.withLock { news in
            news.isWoken = false
            var batch: [Outbox] = []
            swap(&batch, &news.announced)
            return batch
        }
        for outbox in batch { outbox.wakeConnection() }
        // The array's memory serves again, unless others were announced meanwhile.
        batch.removeAll(keepingCapacity: batch.capacity <= 4096)
        news.withLock { news in
            if news.announced.isEmpty { swap(&batch, &news.announced) }
        }
    }
}
