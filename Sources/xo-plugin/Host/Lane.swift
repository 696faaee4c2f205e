import Glibc

/// Calls one at a time, in order, on threads of its own.
final class Lane: @unchecked Sendable {
    // Unchecked: jobs are handed from the thread that asks to the one that works, and belong to that one from then on.

    /// On which threads calls come; both are within the contract.
    enum Threads: Sendable {
        /// All calls on the same thread.
        case one
        /// Each call on a thread that has just been made, and ends after it.
        case fresh
    }

    private struct State {
        var jobs: [() -> Void] = []
        var isBusy = false
    }

    private let state = Monitor(State())
    private let threads: Threads
    /// Gets the name and the nanoseconds of each job.
    private let measured: @Sendable (String, Int64) -> Void

    init(_ threads: Threads, measured: @escaping @Sendable (String, Int64) -> Void = { _, _ in }) {
        self.threads = threads
        self.measured = measured
        // It runs until the process ends, which is soon.
        _ = HostThread { [self] in work() }
    }

    /// Has `body` run when its turn comes.
    func run(_ name: String, _ body: @escaping () -> Void) {
        state.withLock { state in
            state.jobs.append { [measured] in
                let begin = MonotonicClock.now
                body()
                measured(name, MonotonicClock.now - begin)
            }
        }
    }

    /// Runs `body` when its turn comes and waits for what it returns.
    ///
    /// - Returns: `nil` if it does not return in time. It goes on nevertheless.
    func call<Result>(_ name: String, patience: Int64, _ body: @escaping () -> Result) -> Result? {
        let outcome = Monitor<Result?>(nil)
        run(name) {
            let result = body()
            outcome.withLock { $0 = result }
        }
        return outcome.wait(until: MonotonicClock.now + patience) { $0 }
    }

    /// Waits until nothing is left to do.
    func drain(patience: Int64) {
        _ = state.wait(until: MonotonicClock.now + patience) { $0.jobs.isEmpty && !$0.isBusy ? true : nil }
    }

    private func work() {
        while true {
            let job: (() -> Void)? = state.wait { state in
                guard !state.jobs.isEmpty else { return nil }
                state.isBusy = true
                return state.jobs.removeFirst()
            }
            guard let job else { continue }
            switch threads {
            case .one: job()
            case .fresh: HostThread(job).join()
            }
            state.withLock { $0.isBusy = false }
        }
    }
}
