import CXOPlugin
import Synchronization
import XOProtocol

/// Waiters for answers of the host, by token.
final class Pending<Answer: Sendable>: Sendable {
    private struct State {
        var nextToken: UInt64 = 1
        var waiters: [UInt64: CheckedContinuation<Answer, any Error>] = [:]
    }

    private let state = Mutex(State())

    /// Calls `request` with a fresh token and waits for the answer to it. If the host refuses the request at once,
    /// throws its status.
    func answer(to operation: String, _ request: (UInt64) -> xo_status?) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let token = state.withLock { state in
                defer { state.nextToken += 1 }
                state.waiters[state.nextToken] = continuation
                return state.nextToken
            }
            let status = request(token) ?? .unsupported
            if status < 0, let waiter = take(token) {
                waiter.resume(throwing: HostError(status: status, operation: operation))
            }
        }
    }

    func resume(_ token: UInt64, with result: Result<Answer, any Error>) {
        take(token)?.resume(with: result)
    }

    /// Nothing comes any more.
    func abandon() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(throwing: CancellationError()) }
    }

    private func take(_ token: UInt64) -> CheckedContinuation<Answer, any Error>? {
        state.withLock { $0.waiters.removeValue(forKey: token) }
    }
}
