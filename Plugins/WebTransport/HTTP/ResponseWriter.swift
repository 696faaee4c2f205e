import NIO
import NIOHTTP1
import XOPluginAPI

/// Writes responses as HTTP/1.1 has them. What frames a response is decided here; the host's headers cannot change it.
struct ResponseWriter {
    /// How the client knows where the body ends.
    enum BodyFraming {
        case length, chunked
    }

    let isHead: Bool
    let keepsAlive: Bool
    let framing: BodyFraming

    private static let ownHeaders: Set<String> = [
        "connection", "content-length", "date", "keep-alive", "server", "trailer", "transfer-encoding", "upgrade",
        "x-content-type-options",
    ]

    func write(_ response: HTTPResponse, to buffer: inout ByteBuffer) {
        let status = (200...599).contains(response.status) ? response.status : 500
        let mayHaveBody = status != 204 && status != 304
        // A head request is told the length; a chunked one would need a body to end.
        let isChunked = framing == .chunked && mayHaveBody && !isHead

        buffer.reserveCapacity(buffer.readableBytes + 512 + response.body.count)
        buffer.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
        buffer.writeString("date: \(HTTPDate.now())\r\nserver: xo-host\r\nx-content-type-options: nosniff\r\n")
        for (name, value) in response.headers {
            guard !Self.ownHeaders.contains(name.lowercased()), Self.isToken(name), Self.isValue(value) else {
                continue
            }
            buffer.writeString("\(name): \(value)\r\n")
        }
        if isChunked {
            buffer.writeString("transfer-encoding: chunked\r\n")
        } else if mayHaveBody {
            buffer.writeString("content-length: \(response.body.count)\r\n")
        }
        buffer.writeString(keepsAlive ? "connection: keep-alive\r\n\r\n" : "connection: close\r\n\r\n")

        guard mayHaveBody, !isHead else { return }
        if !isChunked {
            buffer.writeBytes(response.body)
        } else {
            if !response.body.isEmpty {
                buffer.writeString("\(String(response.body.count, radix: 16))\r\n")
                buffer.writeBytes(response.body)
                buffer.writeString("\r\n")
            }
            buffer.writeString("0\r\n\r\n")
        }
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// Nothing that could begin another header.
    private static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
