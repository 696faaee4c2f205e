import Synchronization

/// Tells on standard error how an upload or download gets on: at most one line a second, and one at the end.
final class Progress: Sendable {
    private let total: Int64?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let state: Mutex<State>

    private struct State {
        var done: Int64 = 0
        var lastLine: ContinuousClock.Instant
    }

    /// - Parameter total: the size in bytes if it is known.
    init(total: Int64?) {
        self.total = total
        start = clock.now
        state = Mutex(State(lastLine: start))
    }

    func add(_ bytes: Int) {
        let now = clock.now
        let done: Int64? = state.withLock { state in
            state.done += Int64(bytes)
            guard now - state.lastLine >= .seconds(1) else { return nil }
            state.lastLine = now
            return state.done
        }
        if let done { printLine(done, now) }
    }

    func finish() {
        printLine(state.withLock { $0.done }, clock.now)
    }

    private func printLine(_ done: Int64, _ now: ContinuousClock.Instant) {
        let elapsed = max((now - start) / .seconds(1), 0.001)
        let speed = Double(done) / elapsed
        let line: String
        if let total {
            let percent = total > 0 ? Int((100 * Double(done) / Double(total)).rounded()) : 100
            let left = speed > 0 ? Double(max(total - done, 0)) / speed : 0
            line =
                "\(percent)% of \(ByteCount(bytes: Double(total))) @ \(ByteCount(bytes: speed))/s"
                + " - ETA \(TimeSpan(seconds: left))"
        } else {
            line = "\(ByteCount(bytes: Double(done))) @ \(ByteCount(bytes: speed))/s"
        }
        OutputStream.error.write(line + "\n")
    }
}
