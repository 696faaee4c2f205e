import NIOCore
import NIOHTTP1

/// Answers the requests of one connection, one after the other.
final class HTTPRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// xapi accepts no larger call.
    private static let maximumBody = 300 * 1024

    private let server: HTTPServer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false
    /// What the answer to the current request waits for.
    private var waiting: Pending?

    init(_ server: HTTPServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) {
        server.opened(context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.closed(context.channel)
        waiting?.abandon()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.removeAll()
            isTooLarge = false
        case .body(let part):
            isTooLarge = isTooLarge || body.count + part.readableBytes > HTTPRequestHandler.maximumBody
            if isTooLarge { body.removeAll() } else { body.append(contentsOf: part.readableBytesView) }
        case .end:
            guard let head else { return }
            self.head = nil
            handle(head, context)
        }
    }

    private func handle(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch head.method {
        case .POST: call(head, context)
        case .OPTIONS: answerPreflight(head, context)
        case .GET where head.uri == "/":
            let page = "<html><body>A simulated XenServer pool.</body></html>"
            respond(head, context, .ok, "text/html", Array(page.utf8))
        case .GET: respond(head, context, .notFound)
        case .PUT: respond(head, context, .forbidden)
        default: respond(head, context, .notImplemented)
        }
    }

    private func call(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // Bodies without a length are not read, whatever the transfer encoding.
        guard head.headers.contains(name: "Content-Length"), !isTooLarge else {
            return respond(head, context, .internalServerError, closing: true)
        }
        let request: RPCRequest
        do throws(EnvelopeError) {
            request = try RPCRequest(path: head.uri, body: body)
        } catch {
            return respond(head, context, .internalServerError, reason: error.reason)
        }
        body.removeAll()
        let channel = context.channel
        waiting = server.toolstack.perform(request, at: server.agent) { [self] result in
            // The client may have gone while the call was carried out.
            guard channel.isActive else { return }
            deliver(result, to: request, head, context)
        }
    }

    private func deliver(
        _ result: Pending.Result, to request: RPCRequest, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        let type = request.envelope.contentType
        switch server.faults.next() {
        case nil: respond(head, context, .ok, type, request.envelope.wrap(result))
        case .garbage: respond(head, context, .ok, type, Array("\u{1}<<{not an answer".utf8))
        case .dropConnection:
            let answer = request.envelope.wrap(result)
            respond(head, context, .ok, type, answer, sending: answer.count / 2)
        case .latency(let delay):
            let answer = request.envelope.wrap(result)
            let channel = context.channel
            _ = server.toolstack.after(delay) { [self] in
                if channel.isActive { respond(head, context, .ok, type, answer) }
            }
        case .stall:
            let answer = request.envelope.wrap(result)
            let channel = context.channel
            server.faults.held.append { [self] in
                if channel.isActive { respond(head, context, .ok, type, answer) }
            }
        }
    }

    // MARK: Responding

    private func answerPreflight(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let wanted = head.headers.first(name: "Access-Control-Request-Headers").map { $0 + ", " } ?? ""
        respond(
            head, context, .ok, "text/html", [],
            extra: [
                ("Access-Control-Allow-Headers", wanted + "X-Requested-With"),
                ("Access-Control-Allow-Methods", "PUT"),
            ])
    }

    /// An error below the level of calls, as the small page that xapi sends.
    private func respond(
        _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ status: HTTPResponseStatus,
        reason: String = "", closing: Bool = false
    ) {
        let text = "\(status.code) \(status.reasonPhrase)"
        let explanation = reason.isEmpty ? "" : "<p>\(HTTPRequestHandler.escaped(reason))</p>"
        let page = "<html><body><h1>HTTP \(text)</h1>\(explanation)</body></html>"
        respond(head, context, status, "text/html", Array(page.utf8), closing: closing)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// - Parameter sending: bytes of the body to send before the connection is closed amid the answer; all if nil.
    private func respond(
        _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ type: String,
        _ answer: [UInt8], extra: [(String, String)] = [("Access-Control-Allow-Headers", "X-Requested-With")],
        closing: Bool = false, sending: Int? = nil
    ) {
        let keepsAlive = head.isKeepAlive && !closing
        var headers = HTTPHeaders([
            ("connection", keepsAlive ? "keep-alive" : "close"), ("cache-control", "no-cache, no-store"),
            ("content-type", type), ("Access-Control-Allow-Origin", "*"), ("content-length", String(answer.count)),
        ])
        headers.add(contentsOf: extra)
        // To a 1.0 request the answer is a 1.0 one.
        let version: HTTPVersion = head.version.minor == 0 ? .http1_0 : .http1_1
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: version, status: status, headers: headers))),
            promise: nil)
        let body = context.channel.allocator.buffer(bytes: answer.prefix(sending ?? answer.count))
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        guard sending == nil else {
            context.flush()
            return context.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !keepsAlive { context.close(promise: nil) }
    }
}
