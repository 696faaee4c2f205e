/// Tasks that fail although nothing is wrong.
struct TaskFaults {
    private(set) var failure: XAPIFailure?
    private(set) var remaining = 0

    mutating func plan(_ failure: XAPIFailure, times: Int) {
        self.failure = failure
        remaining = times
    }

    /// How the task that is about to begin shall fail.
    mutating func next() -> XAPIFailure? {
        guard let failure, remaining > 0 else { return nil }
        remaining -= 1
        return failure
    }
}

extension Toolstack {
    /// Lets the operations that are under way fail, and the next ones.
    ///
    /// - Returns: how many were under way
    func failTasks(_ failure: XAPIFailure, next times: Int) -> Int {
        taskFaults.plan(failure, times: times)
        let present = Array(operations.values)
        for pending in present { pending.cancel(because: failure) }
        return present.count
    }
}
