import NIO
import Synchronization
import XOPluginAPI

/// The mailbox of one WebSocket session: the host's threads put in, the connection's event loop takes out.
final class Outbox: Sendable {
    /// What has happened since the event loop last looked.
    struct News {
        /// The host answered a message; one that it could not take before may be handed over again.
        var hasAnswer = false
        /// No more comes; the last frame in the queue closes the connection.
        var isClosing = false
        /// The client left so much unread that what waited was given up.
        var hasOverflowed = false
        /// Messages put in; for the metrics.
        var messages = 0
    }

    enum Step {
        case write(ByteBuffer)
        /// As `write`, and nothing follows: the last frame was a close.
        case writeLast(ByteBuffer)
        case compress(ByteBuffer)
        case nothing
    }

    private struct State {
        var queue: OutgoingQueue
        var news = News()
        /// The worker has been told and has not looked yet.
        var isAnnounced = false
        /// The host has been asked to send nothing unasked for.
        var isPaused = false

        /// Puts a close frame in place of what waits for a slow reader.
        mutating func giveUp(_ detail: String) {
            news.isClosing = true
            queue.removeWhole()
            _ = queue.append(.bytes(Frame.close(.tryAgainLater, "the client reads too slowly: \(detail)")))
        }
    }

    /// How much is handed to the socket at once: enough for a system call to pay, and little enough that what the
    /// client has not taken stays here, where it is counted.
    static let slice = 262_144

    let session: SessionID
    private let transport: Transport
    private let limit: Int
    private let worker: Worker
    private let connection: NIOLoopBound<WebSocketConnection>
    private let state: Mutex<State>
    /// Answers of at least this many bytes are compressed; `nil`: none.
    private let compressionThreshold: Int?

    init(
        session: SessionID, transport: Transport, worker: Worker, connection: NIOLoopBound<WebSocketConnection>,
        limit: Int, compressionThreshold: Int?
    ) {
        self.session = session
        self.transport = transport
        self.limit = limit
        self.worker = worker
        self.connection = connection
        self.compressionThreshold = compressionThreshold
        state = Mutex(State(queue: OutgoingQueue(limit: limit)))
    }

    // MARK: - Any thread

    /// Answers of the host.
    func send(_ answers: Answers) {
        // Frames are made before the lock is taken: the event loop wants it, too.
        var items: [OutgoingQueue.Item] = []
        var frames = ByteBuffer()
        frames.reserveCapacity(answers.reduce(0) { $0 + Frame.maximumHeaderLength + $1.payload.count })
        var messages = 0
        for (_, payload) in answers where !payload.isEmpty {
            messages += 1
            if let compressionThreshold, payload.count >= compressionThreshold {
                if frames.readableBytes > 0 { items.append(.bytes(frames)) }
                frames = ByteBuffer()
                items.append(.uncompressed(ByteBuffer(bytes: payload)))
            } else {
                Frame.write(.text, payload, to: &frames)
            }
        }
        put { state in
            state.news.hasAnswer = true
            state.news.messages += messages
            return items.allSatisfy { state.queue.append($0) } && state.queue.append(.bytes(frames))
        }
    }

    /// A frame that other sessions get, too.
    func send(shared frame: ByteBuffer) {
        put { state in
            state.news.messages += 1
            return state.queue.append(.bytes(frame))
        }
    }

    func pong(_ payload: ByteBuffer) {
        let frame = payload.withUnsafeReadableBytes { Frame.make(.pong, $0) }
        put { $0.queue.append(.bytes(frame)) }
    }

    /// Closes the connection once all that waits has been sent.
    func close(_ code: CloseCode?, _ reason: String) {
        put { state in
            state.news.isClosing = true
            return state.queue.append(.bytes(Frame.close(code, reason)))
        }
    }

    private func put(_ action: (inout State) -> Bool) {
        let mustAnnounce = state.withLock { state in
            guard !state.news.isClosing else { return false }
            if !action(&state) {
                state.news.hasOverflowed = true
                state.giveUp("too much was waiting")
            }
            // At once, and under the lock, so that host and queue agree: a burst would overrun the event loop.
            if !state.isPaused, state.queue.byteCount > limit / 2 {
                state.isPaused = true
                transport.setPaused(session, true)
            }
            guard !state.isAnnounced else { return false }
            state.isAnnounced = true
            return true
        }
        if mustAnnounce { worker.announce(self) }
    }

    // MARK: - Event loop

    /// Lets the connection send what there is.
    func wakeConnection() { connection.value.drain() }

    /// What has happened; from here on the worker is told again.
    func takeNews() -> News {
        state.withLock { state in
            state.isAnnounced = false
            defer {
                state.news.hasAnswer = false
                state.news.messages = 0
            }
            return state.news
        }
    }

    func next() -> Step {
        state.withLock { state in
            switch state.queue.next(maximum: Self.slice) {
            case nil: .nothing
            case .uncompressed(let message): .compress(message)
            case .bytes(let bytes):
                state.news.isClosing && state.queue.isEmpty ? .writeLast(bytes) : .write(bytes)
            }
        }
    }

    func replaceFirst(with frame: ByteBuffer) {
        state.withLock { $0.queue.replaceFirst(with: frame) }
    }

    /// Whether the client has more to read than it should, since the host sent so much; from half of the limit until
    /// only an eighth is left.
    var isPaused: Bool {
        state.withLock { state in
            if state.isPaused, state.queue.byteCount <= limit / 8 {
                state.isPaused = false
                transport.setPaused(session, false)
            }
            return state.isPaused
        }
    }

    /// Sends nothing more of what waits, and closes the connection of a client that reads too slowly.
    func giveUp(_ detail: String) {
        state.withLock { state in
            if !state.news.isClosing { state.giveUp(detail) }
        }
    }

    /// The connection is gone.
    func discard() {
        state.withLock { state in
            state.news.isClosing = true
            state.queue.removeAll()
        }
    }
}
