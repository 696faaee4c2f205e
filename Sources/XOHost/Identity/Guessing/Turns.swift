import Synchronization

/// One at a time for each key; the others wait in the order in which they come.
///
/// Checks that count failures need it where the answer takes its time: of tries that are under way together none would
/// know of the others' failures.
final class Turns: Sendable {
    /// Who wait, by key; a key is there as long as somebody has the turn.
    private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])
    private let most: Int

    /// - Parameter most: who may wait for one key.
    init(most: Int = 32) { self.most = most }

    /// Waits for the turn, which the caller must give back by ``end(_:)``.
    ///
    /// - Returns: `false` without a turn if too many wait already.
    func begin(_ key: String) async -> Bool {
        let isCrowded = Mutex(false)
        await withCheckedContinuation { continuation in
            let hasTurn = waiting.withLock { waiting -> Bool in
                guard let others = waiting[key] else {
                    waiting[key] = []
                    return true
                }
                guard others.count < most else {
                    isCrowded.withLock { $0 = true }
                    return true
                }
                waiting[key] = others + [continuation]
                return false
            }
            if hasTurn { continuation.resume() }
        }
        return isCrowded.withLock { !$0 }
    }

    /// How many wait for the turn; for tests and diagnosis.
    func count(waitingFor key: String) -> Int { waiting.withLock { $0[key]?.count ?? 0 } }

    func end(_ key: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let others = waiting[key], let first = others.first else {
                waiting[key] = nil
                return nil
            }
            waiting[key] = Array(others.dropFirst())
            return first
        }
        next?.resume()
    }
}
