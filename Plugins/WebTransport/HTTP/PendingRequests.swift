import NIO
import Synchronization
import XOPluginAPI

/// The requests that the host is answering, by the token under which it knows them.
final class PendingRequests: Sendable {
    private struct Pending {
        let worker: Worker
        let connection: NIOLoopBound<HTTPConnection>
    }

    private struct State {
        var lastToken: UInt64 = 0
        var pending: [UInt64: Pending] = [:]
    }

    private let state = Mutex(State())

    /// Notes a request; call on the connection's event loop.
    func add(_ connection: HTTPConnection, on worker: Worker) -> UInt64 {
        let pending = Pending(worker: worker, connection: NIOLoopBound(connection, eventLoop: worker.eventLoop))
        return state.withLock { state in
            state.lastToken += 1
            state.pending[state.lastToken] = pending
            return state.lastToken
        }
    }

    /// The client is gone, or the host did not take the request.
    func remove(_ token: UInt64) {
        state.withLock { _ = $0.pending.removeValue(forKey: token) }
    }

    /// Takes the response to the request's connection. Any thread.
    func complete(_ token: UInt64, with response: HTTPResponse) {
        guard let pending = state.withLock({ $0.pending.removeValue(forKey: token) }) else { return }
        pending.worker.run { pending.connection.value.respond(token, response) }
    }
}
