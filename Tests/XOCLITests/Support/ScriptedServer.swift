import Foundation
import NIO
import NIOHTTP1
import NIOSSL
import NIOWebSocket
import Synchronization
import Testing
import XOJSON

/// A server on a real socket that answers as a test tells it: JSON-RPC on a WebSocket at `/api/`, and plain HTTP.
final class ScriptedServer: Sendable {
    typealias Method = @Sendable (Call) -> Void
    typealias Resource = @Sendable (Exchange) -> Answer

    /// A call as it came.
    struct Call: Sendable {
        let method: String
        let params: JSON
        let id: JSON
        let connection: Connection

        func reply(_ result: JSON) {
            connection.send(["jsonrpc": "2.0", "id": id, "result": result])
        }

        func replyWithoutResult() {
            connection.send(["jsonrpc": "2.0", "id": id])
        }

        func fail(_ code: Int, _ message: String, data: JSON? = nil) {
            var error: JSONObject = ["code": JSON(code), "message": JSON(message)]
            error["data"] = data
            connection.send(["jsonrpc": "2.0", "id": id, "error": .object(error)])
        }
    }

    /// One WebSocket.
    struct Connection: Sendable {
        let channel: any Channel

        func notify(_ method: String, _ params: JSON) {
            send(["jsonrpc": "2.0", "method": JSON(method), "params": params])
        }

        func send(_ message: JSON) {
            send(.text, message.serialized())
        }

        func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true) {
            channel.writeAndFlush(
                WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(bytes: bytes)), promise: nil)
        }

        func close(code: UInt16, reason: String) {
            send(.connectionClose, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
        }

        func drop() { channel.close(promise: nil) }
    }

    /// An HTTP request as it came.
    struct Exchange: Sendable {
        let method: String
        let target: String
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    struct Answer: Sendable {
        var status = HTTPResponseStatus.ok
        var headers: HTTPHeaders = [:]
        var body: [UInt8] = []
        /// Whether the length of the body is told.
        var hasLength = true

        static func json(_ value: JSON) -> Answer {
            Answer(headers: ["content-type": "application/json; charset=utf-8"], body: value.serialized())
        }

        static func text(_ text: String, status: HTTPResponseStatus = .ok, type: String = "text/plain") -> Answer {
            Answer(status: status, headers: ["content-type": type], body: Array(text.utf8))
        }
    }

    struct Log: Sendable {
        var calls: [(method: String, params: JSON)] = []
        var exchanges: [Exchange] = []
        var pongs: [[UInt8]] = []
    }

    static let token = "good-token"

    let port: Int
    private let channel: any Channel
    private let log: SharedLog

    /// The calls that came, without those that signed in.
    var calls: [(method: String, params: JSON)] {
        log.value.withLock { $0.calls.filter { $0.method != "session.signIn" } }
    }

    var allCalls: [(method: String, params: JSON)] { log.value.withLock { $0.calls } }
    var exchanges: [Exchange] { log.value.withLock { $0.exchanges } }
    var pongs: [[UInt8]] { log.value.withLock { $0.pongs } }

    /// Waits for the next close frame of a client, if none has come yet.
    func closeFrame() async -> [UInt8]? { await log.closeFrames.stream.first { _ in true } }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Runs a server for as long as `body` runs.
    static func run(
        methods: [String: Method] = [:], resources: [String: Resource] = [:],
        host: String = "127.0.0.1", isEncrypted: Bool = false, _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let server = try await ScriptedServer(
            methods: methods, resources: resources, host: host, isEncrypted: isEncrypted)
        do {
            try await body(server)
        } catch {
            try await server.channel.close()
            throw error
        }
        try await server.channel.close()
    }

    private init(
        methods: [String: Method], resources: [String: Resource], host: String, isEncrypted: Bool
    ) async throws {
        let tls = isEncrypted ? try ScriptedServer.selfSignedContext() : nil
        let log = SharedLog()
        let methods = ScriptedServer.signIn.merging(methods) { _, given in given }
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    let http = HTTPHandler(resources: resources, log: log)
                    let boundHTTP = NIOLoopBound(http, eventLoop: channel.eventLoop)
                    let upgrader = NIOWebSocketServerUpgrader(
                        maxFrameSize: 64 << 20,
                        shouldUpgrade: { channel, head in
                            channel.eventLoop.makeSucceededFuture(head.uri == "/api/" ? [:] : nil)
                        },
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(
                                    WebSocketHandler(methods: methods, log: log))
                            }
                        })
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: { context in
                                context.pipeline.syncOperations.removeHandler(boundHTTP.value, promise: nil)
                            }
                        ))
                    try channel.pipeline.syncOperations.addHandler(http)
                }
            }
            .bind(host: host, port: 0).get()
        port = try #require(channel.localAddress?.port)
        self.log = log
    }

    /// The certificate was made for `localhost` by nobody of note, and is good for a hundred years.
    private static func selfSignedContext() throws -> NIOSSLContext {
        let file = try #require(Bundle.module.path(forResource: "self-signed", ofType: "pem"))
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(file: file, format: .pem))))
    }

    private static let signIn: [String: Method] = [
        "session.signIn": { call in
            if call.params["token"]?.string == token || call.params["password"]?.string == "secret" {
                call.reply(["id": "u1", "email": "alice@example.net", "permission": "admin"])
            } else {
                call.fail(3, "invalid credentials")
            }
        }
    ]
}

/// The log, shared by the handlers of all connections.
final class SharedLog: Sendable {
    let value = Mutex(ScriptedServer.Log())
    let closeFrames = AsyncStream<[UInt8]>.makeStream()
}

private final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    let methods: [String: ScriptedServer.Method]
    let log: SharedLog

    init(methods: [String: ScriptedServer.Method], log: SharedLog) {
        self.methods = methods
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let bytes = Array(buffer: frame.unmaskedData)
        let connection = ScriptedServer.Connection(channel: context.channel)
        switch frame.opcode {
        case .text: receive(bytes, connection)
        case .pong: log.value.withLock { $0.pongs.append(bytes) }
        case .connectionClose:
            log.closeFrames.continuation.yield(bytes)
            connection.send(.connectionClose, bytes)
            context.close(promise: nil)
        default: break
        }
    }

    private func receive(_ bytes: [UInt8], _ connection: ScriptedServer.Connection) {
        guard let message = try? JSON(parsing: bytes), let method = message["method"]?.string else { return }
        let call = ScriptedServer.Call(
            method: method, params: message["params"] ?? .null, id: message["id"] ?? .null, connection: connection)
        log.value.withLock { $0.calls.append((method, call.params)) }
        if let script = methods[method] {
            script(call)
        } else {
            call.fail(-32601, "method not found: \(method)", data: JSON(method))
        }
    }
}

private final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    let resources: [String: ScriptedServer.Resource]
    let log: SharedLog
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(resources: [String: ScriptedServer.Resource], log: SharedLog) {
        self.resources = resources
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part): body += Array(buffer: part)
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        let exchange = ScriptedServer.Exchange(
            method: head.method.rawValue, target: head.uri, headers: head.headers, body: body)
        log.value.withLock { $0.exchanges.append(exchange) }
        let path = head.uri.prefix { $0 != "?" }
        let answer =
            resources["\(head.method.rawValue) \(path)"]?(exchange) ?? .text("nothing here\n", status: .notFound)
        var headers = answer.headers
        headers.add(name: "connection", value: "close")
        if answer.hasLength { headers.add(name: "content-length", value: "\(answer.body.count)") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers))),
            promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        let loopBound = context.loopBound
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in loopBound.value.close(promise: nil) }
    }
}
