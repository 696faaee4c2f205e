import NIO
import XOPluginAPI

/// One client's WebSocket, from the accepted upgrade to its end: hands the client's messages to the host and sends what
/// the session's ``Outbox`` holds.
///
/// Memory is bounded on both sides. Nothing is read while the host is busy with this session or while too much waits for
/// the client; and what waits is limited by ``OutgoingQueue``.
final class WebSocketConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Time for the closing handshake, after which the socket is closed anyway.
    private static let closingTime = TimeAmount.seconds(5)
    /// So many messages of one read are handed over together: enough for the call to pay, and few enough that the host
    /// does not wait for the last ones.
    private static let batch = 32

    private enum Phase {
        case open
        /// A close frame is queued or sent; the client's is awaited.
        case closing
        case closed
    }

    private let service: Service
    private let settings: Configuration
    private let compression: ClientCompression
    private var reader: FrameReader

    private var outbox: Outbox?
    private var context: ChannelHandlerContext?
    private var phase = Phase.open
    private var hasReceivedClose = false
    private var token: UInt64 = 0

    /// Messages of one read, which the host gets together.
    private var messages = MessageBatch()
    /// The host could not take all of `messages`; the bytes behind them wait, and so does reading.
    private var isHeld = false
    private var backlog = ByteBuffer()
    /// The client's close frame, which came behind `messages`.
    private var heldClose: ByteBuffer?
    private var mustRead = false

    private var isDraining = false
    private var isCompressing = false
    private var isPaused = false
    private var hasProgressed = false
    private var slowTimer: Scheduled<Void>?
    private var closingTimer: Scheduled<Void>?

    /// Whether `permessage-deflate` was agreed on.
    enum ClientCompression {
        case none, deflate
    }

    init(service: Service, settings: Configuration, compression: ClientCompression) {
        self.service = service
        self.settings = settings
        self.compression = compression
        reader = FrameReader(
            maximumMessageSize: settings.maximumMessageSize, allowsCompression: compression == .deflate)
    }

    /// Binds the connection to the session that the host opened for it. Call before it joins the pipeline.
    func open(_ session: SessionID, worker: Worker) {
        let threshold =
            compression == .deflate && settings.compressionThreshold > 0 ? settings.compressionThreshold : nil
        let outbox = Outbox(
            session: session, transport: service.transport, worker: worker,
            connection: NIOLoopBound(self, eventLoop: worker.eventLoop),
            limit: settings.outgoingQueueLimit, compressionThreshold: threshold)
        self.outbox = outbox
        service.answers.sessions.add(outbox)
        service.metrics.openSessions.add(1)
    }

    // MARK: - Life in the pipeline

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        service.log.debug("a WebSocket connection failed", ["error": .string("\(error)")])
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ServiceIsStopping {
            close(.goingAway, "the server stops")
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Gives back the session and all that belongs to it. Once is enough; more does no harm.
    func end() {
        phase = .closed
        context = nil
        slowTimer?.cancel()
        closingTimer?.cancel()
        guard let outbox else { return }
        // Breaks the cycle between the two.
        self.outbox = nil
        outbox.discard()
        service.answers.sessions.remove(outbox.session)
        service.transport.close(outbox.session)
        service.metrics.openSessions.add(-1)
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = unwrapInboundIn(data)
        service.metrics.bytesIn.add(Double(input.readableBytes))
        if isHeld {
            backlog.writeBuffer(&input)
        } else {
            process(&input)
        }
    }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { mustRead = true }
    }

    private var mayRead: Bool { !isHeld && !(isPaused && phase == .open) }

    private func readAgain() {
        guard mustRead, mayRead, let context else { return }
        mustRead = false
        context.read()
    }

    private func process(_ input: inout ByteBuffer) {
        do throws(WebSocketViolation) {
            while phase != .closed, !hasReceivedClose, let event = try reader.next(&input) {
                switch event {
                case .message(let opcode, let isCompressed):
                    guard phase == .open else {
                        reader.nextMessage()
                        continue
                    }
                    if isCompressed { try inflate() }
                    if opcode == .text { try checkText(reader.message) }
                    token &+= 1
                    reader.message.withUnsafeReadableBytes { messages.append(token: token, $0) }
                    reader.nextMessage()
                    guard messages.count < Self.batch || dispatch() else {
                        backlog.writeBuffer(&input)
                        return
                    }
                case .ping(let payload): outbox?.pong(payload)
                case .pong: break
                case .close(let payload):
                    guard dispatch() else {
                        heldClose = payload
                        return
                    }
                    try receivedClose(payload)
                }
            }
            dispatch()
        } catch {
            dispatch()
            close(error.code, error.reason)
        }
    }

    private func inflate() throws(WebSocketViolation) {
        do {
            reader.message = try Deflate.inflate(reader.message, limit: settings.maximumMessageSize)
        } catch {
            switch error {
            case .tooBig:
                throw WebSocketViolation(
                    code: .messageTooBig, reason: "a message may have at most \(settings.maximumMessageSize) bytes")
            case .malformed:
                throw WebSocketViolation(code: .invalidText, reason: "the compressed data is malformed")
            }
        }
    }

    private func checkText(_ text: ByteBuffer) throws(WebSocketViolation) {
        let isValid = text.withUnsafeReadableBytes { bytes in
            (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil
        }
        guard isValid else { throw WebSocketViolation(code: .invalidText, reason: "text must be UTF-8") }
    }

    /// Hands over the messages that have been read. Returns false if the host is busy and some must be kept.
    @discardableResult
    private func dispatch() -> Bool {
        guard let outbox, !messages.isEmpty else { return true }
        let count = messages.count
        let outcome = service.transport.dispatch(&messages, of: outbox.session)
        service.metrics.messagesIn.add(Double(count - messages.count))
        switch outcome {
        case .accepted: break
        case .busy:
            isHeld = true
            return false
        case .closed:
            messages.removeAll()
            close(.policyViolation, "the session has ended")
        }
        return true
    }

    /// Hands the kept messages over again, and then what came behind them.
    private func resume() {
        guard isHeld, phase == .open else { return }
        isHeld = false
        guard dispatch() else { return }
        if let payload = heldClose {
            do throws(WebSocketViolation) {
                try receivedClose(payload)
            } catch {
                close(error.code, error.reason)
            }
            return
        }
        var input = backlog
        backlog = ByteBuffer()
        process(&input)
        readAgain()
    }

    // MARK: - Sending

    /// Sends what the outbox holds, as far as the socket takes it.
    func drain() {
        // A flush makes the channel writable again, which leads back here; the loop below notices by itself.
        guard let outbox, let context, !isDraining else { return }
        isDraining = true
        defer { isDraining = false }

        let news = outbox.takeNews()
        if news.messages > 0 { service.metrics.messagesOut.add(Double(news.messages)) }
        if news.isClosing, phase == .open {
            if news.hasOverflowed { noteSlowReader("too much was waiting") }
            beginClosing()
        }

        write(from: outbox, to: context)
        watchReader(outbox)
        if news.hasAnswer { resume() }
    }

    private func write(from outbox: Outbox, to context: ChannelHandlerContext) {
        var unflushed = 0
        var written = 0
        sending: while !isCompressing, context.channel.isWritable {
            switch outbox.next() {
            case .write(let bytes):
                unflushed += bytes.readableBytes
                written += bytes.readableBytes
                context.write(wrapOutboundOut(bytes), promise: nil)
                // TLS encrypts at a flush, and only what is encrypted counts against the channel's water mark.
                if unflushed >= Outbox.slice {
                    context.flush()
                    unflushed = 0
                }
            case .writeLast(let bytes):
                written += bytes.readableBytes
                context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
                    if self.hasReceivedClose { self.context?.close(promise: nil) }
                }
                break sending
            case .compress(let message):
                compress(message, for: outbox)
            case .nothing:
                break sending
            }
        }
        if unflushed > 0 { context.flush() }
        if written > 0 {
            hasProgressed = true
            service.metrics.bytesOut.add(Double(written))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { drain() }
        context.fireChannelWritabilityChanged()
    }

    /// Compresses the first message of the queue aside, because a big one takes longer than other clients should wait.
    private func compress(_ message: ByteBuffer, for outbox: Outbox) {
        guard let eventLoop = context?.eventLoop else { return }
        isCompressing = true
        service.compressor.runIfActive(eventLoop: eventLoop) {
            if let small = Deflate.compress(message) {
                small.withUnsafeReadableBytes { Frame.make(.text, $0, isCompressed: true) }
            } else {
                message.withUnsafeReadableBytes { Frame.make(.text, $0) }
            }
        }.assumeIsolated().whenComplete { result in
            self.isCompressing = false
            switch result {
            case .success(let frame):
                outbox.replaceFirst(with: frame)
                self.drain()
            case .failure:
                // The service stops; its end closes this connection, too.
                break
            }
        }
    }

    // MARK: - Slow readers

    private func watchReader(_ outbox: Outbox) {
        let wasPaused = isPaused
        isPaused = outbox.isPaused
        if isPaused, !wasPaused {
            service.metrics.slowReadersPaused.add(1)
            armSlowTimer()
        } else if wasPaused, !isPaused {
            slowTimer?.cancel()
            readAgain()
        }
    }

    /// Gives the client the configured time to take something; then another, and so on.
    private func armSlowTimer() {
        guard let context else { return }
        hasProgressed = false
        slowTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(seconds: settings.slowReaderTimeout))
        {
            guard self.isPaused, self.phase != .closed else { return }
            if self.hasProgressed || self.isCompressing {
                self.armSlowTimer()
            } else {
                let detail = "nothing was taken for \(self.settings.slowReaderTimeout) s"
                self.noteSlowReader(detail)
                self.outbox?.giveUp(detail)
                self.beginClosing()
                self.drain()
            }
        }
    }

    private func noteSlowReader(_ detail: String) {
        service.metrics.slowReadersClosed.add(1)
        service.log.info("closing a client that reads too slowly", ["detail": .string(detail)])
    }

    // MARK: - Closing

    private func close(_ code: CloseCode?, _ reason: String) {
        guard phase == .open else { return }
        outbox?.close(code, reason)
        beginClosing()
        drain()
    }

    private func beginClosing() {
        guard phase == .open, let context else { return }
        phase = .closing
        isHeld = false
        messages.removeAll()
        backlog = ByteBuffer()
        closingTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.closingTime) {
            self.context?.close(promise: nil)
        }
        readAgain()
    }

    private func receivedClose(_ payload: ByteBuffer) throws(WebSocketViolation) {
        hasReceivedClose = true
        guard phase == .open else {
            // The answer to ours.
            context?.close(promise: nil)
            return
        }
        guard payload.readableBytes > 0 else { return close(nil, "") }
        guard let number: UInt16 = payload.getInteger(at: payload.readerIndex), CloseCode(rawValue: number).isSendable
        else { throw WebSocketViolation(code: .protocolError, reason: "invalid close code") }
        try checkText(payload.getSlice(at: payload.readerIndex + 2, length: payload.readableBytes - 2) ?? payload)
        close(CloseCode(rawValue: number), "")
    }
}

extension TimeAmount {
    init(seconds value: Double) { self = .nanoseconds(Int64(value * 1e9)) }
}
