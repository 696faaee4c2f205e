import Synchronization
import XOPluginAPI

/// Finds a session's mailbox. Any thread; split into parts so that threads seldom wait for each other.
final class Sessions: Sendable {
    private final class Part: Sendable {
        let outboxes = Mutex<[SessionID: Outbox]>([:])
    }

    private let parts = (0..<16).map { _ in Part() }

    subscript(session: SessionID) -> Outbox? { part(session).outboxes.withLock { $0[session] } }

    func add(_ outbox: Outbox) {
        part(outbox.session).outboxes.withLock { $0[outbox.session] = outbox }
    }

    func remove(_ session: SessionID) {
        part(session).outboxes.withLock { _ = $0.removeValue(forKey: session) }
    }

    private func part(_ session: SessionID) -> Part { parts[Int(truncatingIfNeeded: session.id % 16)] }
}
