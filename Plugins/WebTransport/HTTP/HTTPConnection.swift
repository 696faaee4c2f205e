import NIO
import NIOHTTP1
import XOPluginAPI

/// One client's plain HTTP/1.1: requests one after the other, each answered by the host, until the connection ends or
/// becomes a WebSocket.
///
/// Nothing is read while a response is outstanding; requests that a client sent ahead and that are already here wait in
/// `ahead`, which is thereby bounded by what one read brings.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// After a response that refuses what the client still sends: time for it to be read before the socket is closed.
    private static let lingeringTime = TimeAmount.seconds(1)

    private enum Phase {
        case awaitingHead
        case receiving(Exchange)
        /// The host is answering.
        case answering(Exchange, token: UInt64)
        /// The response is on its way.
        case sending
        /// Whatever comes is ignored.
        case ended
    }

    /// A request under way.
    private struct Exchange {
        let head: HTTPRequestHead
        let target: RequestTarget
        var body = ByteBuffer()
        /// The decoder takes no further request after one that asks for another protocol.
        let isUpgrade: Bool

        var keepsAlive: Bool { head.isKeepAlive && !isUpgrade }
    }

    private enum Incoming {
        case part(HTTPServerRequestPart)
        case failure(status: Int, text: String)
    }

    private let service: Service
    private let settings: Configuration
    private let worker: Worker
    private let isEncrypted: Bool
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>

    private var context: ChannelHandlerContext?
    private var phase = Phase.awaitingHead
    private var ahead = CircularBuffer<Incoming>(initialCapacity: 2)
    private var isProcessing = false
    private var mustRead = false
    private var isStopping = false
    private var timer: Scheduled<Void>?

    init(
        service: Service, settings: Configuration, worker: Worker, isEncrypted: Bool,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>
    ) {
        self.service = service
        self.settings = settings
        self.worker = worker
        self.isEncrypted = isEncrypted
        self.decoder = decoder
    }

    // MARK: - Life in the pipeline

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        startTimer(settings.headerTimeout) { $0.refuse(408, "The request's header did not arrive in time.\n") }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        timer?.cancel()
        if case .answering(_, let token) = phase { service.answers.requests.remove(token) }
        phase = .ended
        ahead.removeAll()
        context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ServiceIsStopping else { return context.fireUserInboundEventTriggered(event) }
        isStopping = true
        if case .awaitingHead = phase { context.close(promise: nil) }
    }

    // MARK: - Reading

    func read(context: ChannelHandlerContext) {
        switch phase {
        case .awaitingHead, .receiving, .ended: context.read()
        case .answering, .sending: mustRead = true
        }
    }

    private func readAgain() {
        guard mustRead, let context else { return }
        mustRead = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        ahead.append(.part(unwrapInboundIn(data)))
        process()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder has failed before. What comes after that is not decoded, and no reason to close at once.
        if error is ByteToMessageDecoderError { return }
        guard let error = error as? HTTPParserError else {
            // Nobody is left to be told: the connection broke, or TLS was not spoken.
            service.log.debug(
                "a connection failed",
                ["address": .string(context.remoteAddress?.ipAddress ?? ""), "error": .string("\(error)")])
            return context.close(promise: nil)
        }
        if error == .headerOverflow {
            ahead.append(
                .failure(status: 431, text: "A header may have at most \(settings.maximumHeaderSize) bytes.\n"))
        } else if error == .invalidEOFState {
            return context.close(promise: nil)
        } else {
            ahead.append(.failure(status: 400, text: "This is no valid HTTP/1.1 request.\n"))
        }
        process()
    }

    /// Works off what is here until a response must be waited for.
    private func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while let context {
            switch phase {
            case .ended: return ahead.removeAll()
            case .answering, .sending: return
            case .awaitingHead, .receiving: break
            }
            guard let incoming = ahead.popFirst() else { return }
            switch incoming {
            case .failure(let status, let text): refuse(status, text)
            case .part(.head(let head)): begin(head, context)
            case .part(.body(let bytes)): append(bytes)
            case .part(.end): finish(context)
            }
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard let target = RequestTarget(head.uri) else {
            return refuse(400, "The request's target must be a path.\n")
        }
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else {
            return refuse(400, "A request must have one Host header.\n")
        }
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= settings.maximumBodySize else { return refuseBody() }
        phase = .receiving(
            Exchange(
                head: head, target: target,
                isUpgrade: head.method == .CONNECT || head.headers.contains(name: "upgrade")))
        startTimer(settings.bodyTimeout) { $0.refuse(408, "The request's body did not arrive in time.\n") }
        if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
    }

    private func append(_ bytes: ByteBuffer) {
        guard case .receiving(var exchange) = phase else { return }
        guard exchange.body.readableBytes + bytes.readableBytes <= settings.maximumBodySize else {
            return refuseBody()
        }
        phase = .awaitingHead  // So that the body has one owner while it grows.
        exchange.body.writeImmutableBuffer(bytes)
        phase = .receiving(exchange)
    }

    private func refuseBody() {
        refuse(413, "A request's body may have at most \(settings.maximumBodySize) bytes.\n")
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard case .receiving(let exchange) = phase else { return }
        timer?.cancel()
        let identity = ClientIdentity(
            socket: context.remoteAddress.flatMap { IPAddress($0) }, isEncrypted: isEncrypted,
            headers: exchange.head.headers, trustedProxies: settings.trustedProxies)
        if Handshake.isRequested(by: exchange.head) {
            upgrade(exchange, identity, context)
        } else {
            ask(exchange, identity)
        }
    }

    // MARK: - Answering

    private func ask(_ exchange: Exchange, _ identity: ClientIdentity) {
        let token = service.answers.requests.add(self, on: worker)
        phase = .answering(exchange, token: token)
        service.metrics.httpRequests.add(1)
        let request = HTTPRequest(
            peer: identity.peer(transport: "http"), method: exchange.head.method.rawValue,
            path: exchange.target.path, query: exchange.target.query,
            headers: exchange.head.headers.map { (name: $0.name.lowercased(), value: $0.value) },
            body: Array(exchange.body.readableBytesView))
        guard !service.transport.request(token: token, request) else { return }
        service.answers.requests.remove(token)
        send(
            HTTPResponse(status: 503, text: "The server is busy or stopping. Try again later.\n"),
            to: exchange)
    }

    /// The host's response to the request that it knows by `token`.
    func respond(_ token: UInt64, _ response: HTTPResponse) {
        guard case .answering(let exchange, token) = phase else { return }
        send(response, to: exchange)
    }

    private func send(_ response: HTTPResponse, to exchange: Exchange) {
        guard let context else { return }
        let keepsAlive = exchange.keepsAlive && !isStopping
        // xo-cli cannot save a download whose length it is told.
        let isDownload = exchange.target.path.hasPrefix("/api/") && exchange.head.version != .http1_0
        let writer = ResponseWriter(
            isHead: exchange.head.method == .HEAD, keepsAlive: keepsAlive, framing: isDownload ? .chunked : .length)
        var buffer = ByteBuffer()
        writer.write(response, to: &buffer)
        phase = .sending
        watchSending(leftBefore: .max)
        context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in
            self.sent(keepsAlive: keepsAlive)
        }
    }

    /// The next request is served when the response has been taken, so that nothing piles up for a slow reader.
    private func sent(keepsAlive: Bool) {
        guard case .sending = phase, let context else { return }
        guard keepsAlive, !isStopping else {
            phase = .ended
            return context.close(promise: nil)
        }
        phase = .awaitingHead
        startTimer(settings.idleTimeout) { $0.context?.close(promise: nil) }
        process()
        readAgain()
    }

    /// Closes the connection if the client takes nothing of a response for too long.
    private func watchSending(leftBefore: Int) {
        startTimer(settings.slowReaderTimeout) { connection in
            guard case .sending = connection.phase, let channel = connection.context?.channel else { return }
            let left = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            if left < leftBefore {
                connection.watchSending(leftBefore: left)
            } else {
                connection.service.metrics.slowReadersClosed.add(1)
                channel.close(promise: nil)
            }
        }
    }

    /// Answers without the host, and ends the connection: what the client sent or still sends cannot be relied on.
    private func refuse(_ status: Int, _ text: String) {
        guard let context else { return }
        if case .ended = phase { return }
        phase = .ended
        ahead.removeAll()
        var buffer = ByteBuffer()
        ResponseWriter(isHead: false, keepsAlive: false, framing: .length)
            .write(HTTPResponse(status: status, text: text), to: &buffer)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        // Closing while data of the client is unread would make its kernel throw the response away.
        startTimer(Self.lingeringTime) { $0.context?.close(promise: nil) }
        readAgain()
    }

    // MARK: - WebSocket

    private func upgrade(_ exchange: Exchange, _ identity: ClientIdentity, _ context: ChannelHandlerContext) {
        do throws(Handshake.Refusal) {
            let handshake = try Handshake(exchange.head, settings: settings)
            guard !isStopping, let session = try? service.transport.open(identity.peer(transport: "websocket")) else {
                service.metrics.rejectedForSessions.add(1)
                return send(
                    HTTPResponse(status: 503, text: "The server takes no more sessions now. Try again later.\n"),
                    to: exchange)
            }
            let webSocket = WebSocketConnection(
                service: service, settings: settings, compression: handshake.compression)
            webSocket.open(session, worker: worker)
            switchProtocol(to: webSocket, handshake, context)
        } catch {
            if error.isForOrigin {
                service.metrics.rejectedForOrigin.add(1)
                service.log.info(
                    "refused a WebSocket of a foreign page",
                    [
                        "origin": .string(exchange.head.headers.first(name: "origin") ?? ""),
                        "address": .string(identity.address),
                    ])
            }
            let headers = error.status == 426 ? [(name: "sec-websocket-version", value: "13")] : []
            send(
                HTTPResponse(
                    status: error.status, headers: headers + [("content-type", "text/plain; charset=utf-8")],
                    body: Array(error.text.utf8)), to: exchange)
        }
    }

    /// Hands the channel over. The decoder leaves last and passes on what it has read beyond the request.
    private func switchProtocol(
        to webSocket: WebSocketConnection, _ handshake: Handshake, _ context: ChannelHandlerContext
    ) {
        phase = .ended
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(webSocket, position: .after(self))
            var buffer = ByteBuffer()
            handshake.writeAnswer(to: &buffer)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            if mustRead { context.read() }
            pipeline.removeHandler(self, promise: nil)
            pipeline.removeHandler(decoder, promise: nil)
        } catch {
            webSocket.end()
            service.log.error("a connection could not become a WebSocket", ["error": .string("\(error)")])
            context.close(promise: nil)
        }
    }

    // MARK: - Time

    /// One timer at a time: for the header, the body, the response, the pause between requests.
    private func startTimer(_ seconds: Double, _ action: @escaping (HTTPConnection) -> Void) {
        startTimer(TimeAmount(seconds: seconds), action)
    }

    private func startTimer(_ time: TimeAmount, _ action: @escaping (HTTPConnection) -> Void) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            if let self { action(self) }
        }
    }
}
