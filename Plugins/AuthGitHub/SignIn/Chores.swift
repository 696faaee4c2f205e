import Synchronization

/// What is done after somebody has been answered, such as giving a token back.
final class Chores: Sendable {
    private struct State {
        var tasks: [Int: Task<Void, Never>] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    func add(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            let number = state.count
            state.count += 1
            state.tasks[number] = Task { [self] in
                await body()
                self.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
            }
        }
    }

    /// Waits until all is done; what is not done by then is cancelled.
    func finish(within limit: Duration) async {
        let tasks = state.withLock { Array($0.tasks.values) }
        let alarm = Task {
            try await Task.sleep(for: limit)
            for task in tasks { task.cancel() }
        }
        for task in tasks { await task.value }
        alarm.cancel()
    }
}
