import Foundation
import NIO
import XOJSON

/// A TCP connection on which tests write whatever they like: odd HTTP, odd WebSocket frames, or nothing at all.
///
/// Nothing is read from the socket beyond a few buffers unless somebody asks for it, so that one that does not ask is a
/// slow reader.
public final class RawConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var unread = ByteBuffer()

    fileprivate init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    // MARK: Bytes

    public func write(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    public func write(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Everything until the other side closes.
    public func readToEnd() async throws -> String {
        while try await receive() {}
        return unread.readString(length: unread.readableBytes) ?? ""
    }

    /// The head of an HTTP answer, without the empty line.
    public func readHead() async throws -> String {
        let end = Array("\r\n\r\n".utf8)
        while true {
            let bytes = unread.readableBytesView
            if let range = bytes.firstRange(of: end) {
                let head = unread.readString(length: range.lowerBound - bytes.startIndex) ?? ""
                unread.moveReaderIndex(forwardBy: end.count)
                return head
            }
            guard try await receive() else { throw ConnectionEnded() }
        }
    }

    private func receive() async throws -> Bool {
        guard var bytes = try await inbound.next() else { return false }
        unread.discardReadBytes()
        unread.writeBuffer(&bytes)
        return true
    }

    private func need(_ count: Int) async throws {
        while unread.readableBytes < count {
            guard try await receive() else { throw ConnectionEnded() }
        }
    }

    // MARK: WebSocket

    /// What a server sends.
    public enum Frame: Equatable, Sendable {
        case text(String)
        /// A message as `permessage-deflate` has it.
        case compressed([UInt8])
        case pong([UInt8])
        case close(code: Int?, reason: String)
        case other(opcode: UInt8)
    }

    /// Opens a WebSocket; returns the head of the answer.
    @discardableResult
    public func upgrade(target: String = "/api/", headers: String = "") async throws -> String {
        try await write(
            "GET \(target) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)\r\n")
        return try await readHead()
    }

    public func send(_ text: String) async throws { try await send(opcode: 1, Array(text.utf8)) }

    /// Sends one masked frame; by default a whole message.
    public func send(opcode: UInt8, isFinal: Bool = true, _ payload: [UInt8]) async throws {
        try await write(RawConnection.frame(opcode: opcode, isFinal: isFinal, payload))
    }

    /// A masked frame, as clients send it.
    public static func frame(opcode: UInt8, isFinal: Bool = true, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536:
            frame.append(0x80 | 126)
            frame += [UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(0x80 | 127)
            frame += (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
        }
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        frame += key
        return frame + payload.enumerated().map { $0.element ^ key[$0.offset & 3] }
    }

    /// The next frame of the server, whose frames are whole messages.
    public func receiveFrame() async throws -> Frame {
        try await need(2)
        // With the reserved bits, and without the final one.
        let opcode = (unread.readInteger(as: UInt8.self) ?? 0) & 0x7F
        var length = Int(unread.readInteger(as: UInt8.self) ?? 0)
        if length == 126 {
            try await need(2)
            length = Int(unread.readInteger(as: UInt16.self) ?? 0)
        } else if length == 127 {
            try await need(8)
            length = Int(unread.readInteger(as: UInt64.self) ?? 0)
        }
        try await need(length)
        var payload = unread.readSlice(length: length) ?? ByteBuffer()
        switch opcode {
        case 1: return .text(String(buffer: payload))
        case 0x41: return .compressed(Array(buffer: payload))
        case 8:
            let code = payload.readInteger(as: UInt16.self).map(Int.init)
            return .close(code: code, reason: String(buffer: payload))
        case 10: return .pong(Array(buffer: payload))
        default: return .other(opcode: opcode)
        }
    }

    /// Sends a text and returns the text that comes back.
    public func ask(_ text: String) async throws -> String {
        try await send(text)
        return try await receiveText()
    }

    /// Signs in, by default as the administrator.
    public func signIn(
        as name: String = TestHost.adminName, _ password: String = TestHost.adminPassword
    ) async throws {
        let request: JSON = [
            "jsonrpc": "2.0", "id": "sign-in", "method": "session.signIn",
            "params": ["email": .string(name), "password": .string(password)],
        ]
        let answer = try await ask(request.description)
        guard try JSON(parsing: answer)["result"] != nil else { throw HostEnded(description: "no sign-in: \(answer)") }
    }

    public func receiveText() async throws -> String {
        let frame = try await receiveFrame()
        guard case .text(let text) = frame else { throw UnexpectedFrame(frame: frame) }
        return text
    }
}

public struct ConnectionEnded: Error {}

public struct UnexpectedFrame: Error {
    public let frame: RawConnection.Frame
}

/// Connects to `url` (only its host and port count), and closes the connection after `body`.
///
/// - Parameter receiveBuffer: bytes that the kernel may keep for us; `nil` leaves that to it.
public func withConnection<Result: Sendable>(
    to url: String, receiveBuffer: Int? = nil, _ body: (RawConnection) async throws -> sending Result
) async throws -> Result {
    guard let components = URLComponents(string: url), let host = components.host, let port = components.port else {
        throw HostEnded(description: "no address: \(url)")
    }
    var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    if let receiveBuffer {
        bootstrap = bootstrap.channelOption(
            .socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
    }
    let channel = try await bootstrap.connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
    }
    return try await channel.executeThenClose { inbound, outbound in
        try await body(RawConnection(inbound.makeAsyncIterator(), outbound))
    }
}

/// The same, with a WebSocket opened.
public func withWebSocket<Result: Sendable>(
    to url: String, receiveBuffer: Int? = nil, _ body: (RawConnection) async throws -> sending Result
) async throws -> Result {
    try await withConnection(to: url, receiveBuffer: receiveBuffer) { connection in
        let head = try await connection.upgrade()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw HostEnded(description: "no upgrade: \(head)") }
        return try await body(connection)
    }
}
