/// A client's side of a WebSocket (RFC 6455) without extensions.
///
/// One thread may read while others write.
final class WebSocket: Sendable {
    private enum Opcode {
        static let text: UInt8 = 1, close: UInt8 = 8, ping: UInt8 = 9, pong: UInt8 = 10
    }

    private let socket: LocalSocket
    /// What has come and is not a whole frame yet.
    private let unread: Monitor<[UInt8]>
    /// Frames go out one after the other.
    private let writing = Monitor(())

    init(_ address: LocalAddress, path: String, patience: Int64) throws {
        socket = try LocalSocket(address)
        socket.setPatience(patience)
        let head = """
            GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(address.port)\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eG8tcGx1Z2luIGNoZWNrIQ==\r\n\r\n
            """
        guard socket.write(Array(head.utf8)) else { throw SystemError("a WebSocket is closed before it is open") }
        var bytes: [UInt8] = []
        while true {
            let more = socket.read()
            bytes += more
            if let end = HTTPHead.end(in: bytes) {
                guard bytes.starts(with: Array("HTTP/1.1 101".utf8)) else {
                    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
                    throw SystemError("a WebSocket is answered with '\(line)'")
                }
                unread = Monitor(Array(bytes[end...]))
                break
            }
            guard !more.isEmpty else { throw SystemError("a WebSocket gets no answer to its handshake") }
        }
        socket.setPatience(0)
    }

    deinit { socket.shutDown() }

    /// Sends a message; `false` if the connection is gone.
    func send(_ text: [UInt8]) -> Bool { send(Opcode.text, text) }

    /// The next message; `nil` at the end of the connection. Waits.
    func receive() -> [UInt8]? {
        var message: [UInt8] = []
        while let frame = nextFrame() {
            switch frame.opcode {
            case Opcode.close:
                // Who closes waits for the answer.
                _ = send(Opcode.close, frame.payload)
                return nil
            case Opcode.ping: guard send(Opcode.pong, frame.payload) else { return nil }
            case Opcode.pong: continue
            default:
                message += frame.payload
                if frame.isFinal { return message }
            }
        }
        return nil
    }

    /// Goes away without a word, as a client does whose machine is switched off.
    func vanish() { socket.shutDown() }

    // MARK: Frames

    private struct Frame {
        let opcode: UInt8
        let isFinal: Bool
        let payload: [UInt8]
    }

    private func send(_ opcode: UInt8, _ payload: [UInt8]) -> Bool {
        var frame: [UInt8] = [0x80 | opcode]
        let masked: UInt8 = 0x80
        switch payload.count {
        case ..<126: frame.append(masked | UInt8(payload.count))
        case ..<65_536: frame += [masked | 126] + Self.bigEndian(UInt64(payload.count), 2)
        default: frame += [masked | 127] + Self.bigEndian(UInt64(payload.count), 8)
        }
        // A mask of zeros changes nothing. It is to protect proxies, and there is none on this machine.
        frame += [0, 0, 0, 0]
        return writing.withLock { _ in socket.write(frame + payload) }
    }

    private static func bigEndian(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private func nextFrame() -> Frame? {
        while true {
            if let frame = unread.withLock({ Self.takeFrame(from: &$0) }) { return frame }
            let more = socket.read()
            guard !more.isEmpty else { return nil }
            unread.withLock { $0 += more }
        }
    }

    /// The first whole frame, if there is one. Servers do not mask.
    private static func takeFrame(from bytes: inout [UInt8]) -> Frame? {
        guard bytes.count >= 2 else { return nil }
        let short = Int(bytes[1] & 0x7F)
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= 2 + lengthBytes else { return nil }
        let long = bytes[2..<2 + lengthBytes].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let (start, count) = (2 + lengthBytes, lengthBytes == 0 ? short : Int(clamping: long))
        guard bytes.count - start >= count else { return nil }
        defer { bytes.removeFirst(start + count) }
        return Frame(
            opcode: bytes[0] & 0x0F, isFinal: bytes[0] & 0x80 != 0, payload: Array(bytes[start..<start + count]))
    }
}
