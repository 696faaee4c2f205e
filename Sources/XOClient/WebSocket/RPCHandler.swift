import NIO
import NIOWebSocket
import XOJSON

/// The client's side of JSON-RPC on an open WebSocket: matches responses to calls, and keeps the WebSocket's manners.
///
/// Lives on the event loop of its channel.
final class RPCHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    typealias Completion = @Sendable (Result<JSON?, any Error>) -> Void

    /// How long the server may take to answer a close frame.
    private static let goodbyeTimeout = TimeAmount.seconds(3)

    private let address: ServerAddress
    private let inbox: NotificationInbox
    private var context: ChannelHandlerContext?
    private var pending: [Int64: Completion] = [:]
    /// Set once nothing can be sent any more.
    private var end: ConnectionError?
    private var isFlushScheduled = false
    private var isReadDelayed = false

    init(address: ServerAddress, inbox: NotificationInbox) {
        self.address = address
        self.inbox = inbox
    }

    // MARK: What the client asks for

    func send(_ message: ByteBuffer, id: Int64, completion: @escaping Completion) {
        guard let context, end == nil else {
            completion(.failure(end ?? ConnectionError(.closed, at: address)))
            return
        }
        pending[id] = completion
        write(.text, message, to: context)
        scheduleFlush(context)
    }

    func closeOrderly() {
        guard let context, end == nil else { return }
        end = ConnectionError(.closed, at: address)
        var code = context.channel.allocator.buffer(capacity: 2)
        code.write(webSocketErrorCode: .normalClosure)
        write(.connectionClose, code, to: context)
        context.flush()
        context.eventLoop.assumeIsolated().scheduleTask(in: RPCHandler.goodbyeTimeout) { context.close(promise: nil) }
    }

    func resumeReading() {
        guard isReadDelayed, !inbox.isFull else { return }
        isReadDelayed = false
        context?.read()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if inbox.isFull {
            isReadDelayed = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary: receive(frame.unmaskedData, context)
        case .ping:
            write(.pong, frame.unmaskedData, to: context)
            scheduleFlush(context)
        case .connectionClose: receiveClose(frame.unmaskedData, context)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(with: end ?? ConnectionError(ChannelError.eof, at: address))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A server that goes away without TLS's goodbye is no news once the WebSocket's goodbye was said.
        end = end ?? ConnectionError(error, at: address)
        context.close(promise: nil)
    }

    // MARK: Receiving

    private func receive(_ text: ByteBuffer, _ context: ChannelHandlerContext) {
        do throws(JSONError) {
            dispatch(try text.withUnsafeReadableBytes { bytes throws(JSONError) in try JSON(parsing: bytes) })
        } catch {
            end = end ?? ConnectionError(.protocolViolation, at: address, "a message is not JSON: \(error)")
            context.close(promise: nil)
        }
    }

    /// What is neither a response to one of our calls nor a notification is ignored: the server's API asks nothing of
    /// its clients.
    private func dispatch(_ message: JSON) {
        if let id = message["id"]?.integer, let completion = pending.removeValue(forKey: id) {
            if let error = message["error"], !error.isNull {
                completion(.failure(RemoteError(error)))
            } else {
                completion(.success(message["result"]))
            }
        } else if let method = message["method"]?.string, message["id"] == nil {
            inbox.put(Notification(method: method, params: message["params"] ?? [:]))
        }
    }

    private func receiveClose(_ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        var rest = payload
        let code = rest.readInteger(as: UInt16.self)
        let text = rest.readString(length: rest.readableBytes) ?? ""
        if end == nil {
            end = ConnectionError(.lost(code: code.map(Int.init), text: text), at: address)
            write(.connectionClose, payload, to: context)
            context.flush()
        }
        context.close(promise: nil)
    }

    private func finish(with error: ConnectionError) {
        end = error
        let unanswered = pending
        pending = [:]
        for completion in unanswered.values { completion(.failure(error)) }
        inbox.finish()
    }

    // MARK: Sending

    /// Client frames are masked with a fresh key each (RFC 6455, 5.3).
    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, to context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    /// All that is sent in one turn of the event loop goes out with one system call.
    private func scheduleFlush(_ context: ChannelHandlerContext) {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            context.flush()
        }
    }
}
