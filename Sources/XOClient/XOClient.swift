import NIO
import NIOHTTP1
import NIOWebSocket
import Synchronization
import XOJSON

/// A JSON-RPC 2.0 connection with a server over one WebSocket.
///
/// May be used from any thread, with any number of calls in flight; the server may answer them in any order. When the
/// connection breaks, all of them fail with a ``ConnectionError`` that names the server and its reason. There is no
/// reconnection: the session on the server is bound to the connection.
///
/// The connection is closed by ``close()``, or when the last reference to the client goes away.
public final class XOClient: Sendable {
    public let server: ServerURL
    private let channel: any Channel
    private let peer: NIOLoopBound<RPCHandler>
    private let inbox: NotificationInbox
    private let lastID = Atomic<Int64>(0)

    /// Connects to the API of a server, without signing in.
    ///
    /// - Parameter url: as in ``ServerURL``; `/api/` is appended.
    /// - Throws: ``InvalidURL``, ``ConnectionError``.
    public static func connect(to url: String, options: ConnectionOptions = .init()) async throws -> XOClient {
        try await connect(to: ServerURL(url), options: options)
    }

    /// Connects to the API of a server, without signing in.
    ///
    /// - Throws: ``ConnectionError``.
    public static func connect(to server: ServerURL, options: ConnectionOptions = .init()) async throws -> XOClient {
        let inbox = NotificationInbox()
        let (channel, peer) = try await WebSocketHandshake(server: server, options: options).perform(inbox: inbox)
        return XOClient(server: server, channel: channel, peer: peer, inbox: inbox)
    }

    private init(server: ServerURL, channel: any Channel, peer: NIOLoopBound<RPCHandler>, inbox: NotificationInbox) {
        self.server = server
        self.channel = channel
        self.peer = peer
        self.inbox = inbox
    }

    deinit {
        channel.close(promise: nil)
    }

    // MARK: Calling

    /// Calls a method and waits for its result; a response without result counts as null.
    ///
    /// - Throws: ``RemoteError`` if the method failed, ``ConnectionError`` if there will be no answer.
    @discardableResult
    public func call(_ method: String, params: JSON = [:]) async throws -> JSON {
        try await result(of: method, params: params) ?? .null
    }

    /// As ``call(_:params:)``, but tells a missing result (`nil`) from null.
    public func result(of method: String, params: JSON = [:]) async throws -> JSON? {
        try await withCheckedThrowingContinuation { continuation in
            call(method, params: params) { continuation.resume(with: $0) }
        }
    }

    /// Calls a method without waiting; for those who keep many calls in flight.
    ///
    /// - Parameter completion: called exactly once, on the connection's event loop; must not block.
    public func call(
        _ method: String, params: JSON = [:], completion: @escaping @Sendable (Result<JSON?, any Error>) -> Void
    ) {
        let id = lastID.add(1, ordering: .relaxed).newValue
        let message = ByteBuffer(bytes: XOClient.request(id: id, method: method, params: params))
        let eventLoop = channel.eventLoop
        if eventLoop.inEventLoop {
            peer.value.send(message, id: id, completion: completion)
        } else {
            eventLoop.execute { [peer] in peer.value.send(message, id: id, completion: completion) }
        }
    }

    private static func request(id: Int64, method: String, params: JSON) -> [UInt8] {
        var text: [UInt8] = []
        text.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
        text.appendJSON(id)
        text.append(contentsOf: #","method":"#.utf8)
        text.appendJSON(method)
        text.append(contentsOf: #","params":"#.utf8)
        params.write(to: &text)
        text.append(UInt8(ascii: "}"))
        return text
    }

    // MARK: Listening

    /// What the server tells unasked, beginning with the first use of this property; ends with the connection.
    ///
    /// Until then notifications are discarded. Afterwards they must be read: while many wait unread nothing more is
    /// taken from the connection, responses included, so that memory stays bounded and the server notices.
    /// There is one stream; several readers share it.
    public var notifications: Notifications {
        inbox.open()
        return Notifications(client: self, inbox: inbox)
    }

    /// Takes up reading from the connection again, after unread notifications had stopped it.
    func resumeReading() {
        channel.eventLoop.execute { [peer] in peer.value.resumeReading() }
    }

    // MARK: Closing

    /// Says goodbye, waits a moment for the server's goodbye, and closes. Calls still in flight fail.
    public func close() async {
        channel.eventLoop.execute { [peer] in peer.value.closeOrderly() }
        await closed()
    }

    /// Returns when the connection is closed, by whichever side.
    public func closed() async {
        try? await channel.closeFuture.get()
    }
}
