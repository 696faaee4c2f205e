import Synchronization
import XOJSON

/// A message of the server that answers no call.
public struct Notification: Sendable, Hashable {
    public let method: String
    public let params: JSON
}

/// The notifications of one connection, in the order of their arrival. See ``XOClient/notifications``.
public struct Notifications: AsyncSequence, Sendable {
    /// Keeps the connection open as long as somebody listens.
    let client: XOClient
    let inbox: NotificationInbox

    public struct AsyncIterator: AsyncIteratorProtocol {
        let sequence: Notifications
        var base: AsyncStream<Notification>.AsyncIterator

        public mutating func next() async -> Notification? {
            guard let notification = await base.next() else { return nil }
            if sequence.inbox.noteTaken() { sequence.client.resumeReading() }
            return notification
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(sequence: self, base: inbox.stream.makeAsyncIterator())
    }
}

/// Where notifications wait for their reader. It counts them, so that the connection is read no faster than they are.
final class NotificationInbox: Sendable {
    private static let fullAt = 1024

    let stream: AsyncStream<Notification>
    private let continuation: AsyncStream<Notification>.Continuation
    private let isOpen = Atomic<Bool>(false)
    private let waiting = Atomic<Int>(0)

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// From now on notifications are kept.
    func open() { isOpen.store(true, ordering: .relaxed) }

    func put(_ notification: Notification) {
        guard isOpen.load(ordering: .relaxed) else { return }
        waiting.add(1, ordering: .relaxed)
        continuation.yield(notification)
    }

    var isFull: Bool { waiting.load(ordering: .relaxed) >= NotificationInbox.fullAt }

    /// Tells whether the inbox has just ceased to be full.
    func noteTaken() -> Bool {
        waiting.subtract(1, ordering: .relaxed).newValue == NotificationInbox.fullAt - 1
    }

    func finish() { continuation.finish() }
}
