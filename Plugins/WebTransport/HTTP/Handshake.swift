import Crypto
import FoundationEssentials
import NIO
import NIOHTTP1

/// The server's side of the WebSocket handshake (RFC 6455, 4.2).
struct Handshake {
    /// Why an upgrade is refused, and what the client is told.
    struct Refusal: Error {
        let status: Int
        let text: String
        var isForOrigin = false
    }

    /// The only target that is a WebSocket; a query or a missing slash is another one.
    private static let target = "/api/"
    private static let magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    let compression: WebSocketConnection.ClientCompression
    private let key: String
    private let extensions: String?

    static func isRequested(by head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    init(_ head: HTTPRequestHead, settings: Configuration) throws(Refusal) {
        let headers = head.headers
        guard head.uri == Self.target else {
            throw Refusal(status: 404, text: "There is no WebSocket at this path. The API is at \(Self.target)\n")
        }
        guard head.method == .GET, head.version != .http1_0 else {
            throw Refusal(status: 400, text: "A WebSocket is opened by GET in HTTP/1.1.\n")
        }
        if let origin = headers.first(name: "origin") {
            let isSame = Origin(origin)?.isSame(asHost: headers.first(name: "host") ?? "") ?? false
            guard isSame || settings.allowedOrigins.contains(where: { $0.matches(origin) }) else {
                throw Refusal(
                    status: 403,
                    text: "Pages of this origin may not connect here. An administrator can add it to allowedOrigins.\n",
                    isForOrigin: true)
            }
        }
        guard headers[canonicalForm: "sec-websocket-version"] == ["13"] else {
            throw Refusal(status: 426, text: "Only version 13 of the WebSocket protocol is spoken here.\n")
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, let key = keys.first, Data(base64Encoded: key)?.count == 16 else {
            throw Refusal(status: 400, text: "Sec-WebSocket-Key must be 16 bytes in Base64.\n")
        }
        self.key = key
        extensions = CompressionOffer.answer(to: headers["sec-websocket-extensions"])
        compression = extensions == nil ? .none : .deflate
    }

    func writeAnswer(to buffer: inout ByteBuffer) {
        let digest = Insecure.SHA1.hash(data: Data((key + Self.magic).utf8))
        buffer.writeString("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n")
        buffer.writeString("sec-websocket-accept: \(Data(digest).base64EncodedString())\r\n")
        if let extensions { buffer.writeString("sec-websocket-extensions: \(extensions)\r\n") }
        buffer.writeString("\r\n")
    }
}
