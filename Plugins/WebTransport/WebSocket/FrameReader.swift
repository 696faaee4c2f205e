import NIO

/// Reads the frames of a client and puts its messages together.
///
/// Payload is unmasked while it is copied out of the receive buffer, which NIO goes on to use: one pass over the bytes,
/// and no memory beyond what has really arrived, whatever length a header claims.
struct FrameReader {
    enum Event {
        /// ``FrameReader/message`` is complete; call ``FrameReader/nextMessage()`` when done with it.
        case message(Opcode, isCompressed: Bool)
        case ping(ByteBuffer)
        case pong
        case close(ByteBuffer)
    }

    private struct Header {
        var isFinal: Bool
        var opcode: Opcode
        var remaining: Int
        var mask: UInt32
        /// Position in the mask of the next payload byte.
        var phase = 0
    }

    /// Beyond this, a message's memory is not kept for the next one.
    private static let retainedCapacity = 16_384
    private static let maximumControlPayload = 125

    private let maximumMessageSize: Int
    private let allowsCompression: Bool

    /// The bytes of the message, as far as they have come; not inflated.
    var message = ByteBuffer()
    private var kind: (opcode: Opcode, isCompressed: Bool)?
    private var control = ByteBuffer()
    private var header: Header?
    private var partialHeader = ByteBuffer()

    init(maximumMessageSize: Int, allowsCompression: Bool) {
        self.maximumMessageSize = maximumMessageSize
        self.allowsCompression = allowsCompression
    }

    /// The next event in `input`; `nil` when all of it is consumed and more is needed.
    mutating func next(_ input: inout ByteBuffer) throws(WebSocketViolation) -> Event? {
        while true {
            if header == nil {
                guard let parsed = try readHeader(&input) else { return nil }
                header = parsed
                if parsed.opcode.isControl { control.clear() }
            }
            guard var current = header else { return nil }
            if current.opcode.isControl {
                Self.unmask(&input, &current, into: &control)
            } else {
                Self.unmask(&input, &current, into: &message)
            }
            guard current.remaining == 0 else {
                header = current
                return nil
            }
            header = nil
            if let event = finish(current) { return event }
        }
    }

    /// Makes room for the next message.
    mutating func nextMessage() {
        if message.capacity > Self.retainedCapacity { message = ByteBuffer() } else { message.clear() }
    }

    private mutating func finish(_ frame: Header) -> Event? {
        switch frame.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong
        case .close: return .close(control)
        case .text, .binary, .continuation:
            guard frame.isFinal, let kind else { return nil }
            self.kind = nil
            return .message(kind.opcode, isCompressed: kind.isCompressed)
        }
    }

    // MARK: - Header

    private mutating func readHeader(_ input: inout ByteBuffer) throws(WebSocketViolation) -> Header? {
        if partialHeader.readableBytes == 0 {
            if let header = try parseHeader(&input) { return header }
            partialHeader.writeBuffer(&input)
            return nil
        }
        // A header that was cut by the end of a read: at most 14 bytes, completed byte by byte.
        var cut = partialHeader
        partialHeader = ByteBuffer()
        while let byte = input.readInteger(as: UInt8.self) {
            cut.writeInteger(byte)
            if let header = try parseHeader(&cut) { return header }
        }
        partialHeader = cut
        return nil
    }

    /// Consumes a header if it is there in full.
    private mutating func parseHeader(_ input: inout ByteBuffer) throws(WebSocketViolation) -> Header? {
        let start = input.readerIndex
        guard let first: UInt8 = input.getInteger(at: start), let second: UInt8 = input.getInteger(at: start + 1) else {
            return nil
        }
        let lengthBytes = second & 0x7f == 126 ? 2 : second & 0x7f == 127 ? 8 : 0
        guard input.readableBytes >= 2 + lengthBytes + 4 || second & 0x80 == 0 else { return nil }
        guard second & 0x80 != 0 else { throw Self.violation("a client's frames must be masked") }

        let length: UInt64 =
            switch lengthBytes {
            case 0: UInt64(second & 0x7f)
            case 2: input.getInteger(at: start + 2, as: UInt16.self).map(UInt64.init) ?? 0
            default: input.getInteger(at: start + 2) ?? 0
            }
        let mask: UInt32 = input.getInteger(at: start + 2 + lengthBytes, endianness: .host) ?? 0
        let header = try checked(first, length, mask)
        input.moveReaderIndex(forwardBy: 2 + lengthBytes + 4)
        return header
    }

    private mutating func checked(
        _ first: UInt8, _ length: UInt64, _ mask: UInt32
    ) throws(WebSocketViolation) -> Header {
        guard let opcode = Opcode(rawValue: first & 0x0f) else { throw Self.violation("unknown opcode") }
        let isFinal = first & 0x80 != 0
        let isCompressed = first & 0x40 != 0
        guard first & 0x30 == 0 else { throw Self.violation("reserved bits are set") }

        if opcode.isControl {
            guard isFinal, !isCompressed, length <= UInt64(Self.maximumControlPayload) else {
                throw Self.violation("a control frame must be whole, uncompressed and at most 125 bytes long")
            }
            return Header(isFinal: true, opcode: opcode, remaining: Int(length), mask: mask)
        }
        if opcode == .continuation {
            guard kind != nil else { throw Self.violation("a continuation of nothing") }
            guard !isCompressed else { throw Self.violation("only a message's first frame may be marked compressed") }
        } else {
            guard kind == nil else { throw Self.violation("a new message inside a fragmented one") }
            guard !isCompressed || allowsCompression else { throw Self.violation("compression was not agreed on") }
            kind = (opcode, isCompressed)
        }
        guard length <= UInt64(maximumMessageSize - message.readableBytes) else {
            throw WebSocketViolation(
                code: .messageTooBig, reason: "a message may have at most \(maximumMessageSize) bytes")
        }
        return Header(isFinal: isFinal, opcode: opcode, remaining: Int(length), mask: mask)
    }

    private static func violation(_ reason: String) -> WebSocketViolation {
        WebSocketViolation(code: .protocolError, reason: reason)
    }

    // MARK: - Payload

    /// Moves what there is of the frame's payload from `input` to the end of `output`.
    private static func unmask(_ input: inout ByteBuffer, _ frame: inout Header, into output: inout ByteBuffer) {
        let count = min(frame.remaining, input.readableBytes)
        guard count > 0 else { return }
        // The mask as it applies from the first byte to come, repeated to fill eight bytes.
        let turn = UInt32(frame.phase * 8)
        let little = UInt32(littleEndian: frame.mask)
        let mask32 = turn == 0 ? little : little >> turn | little << (32 - turn)
        let mask = UInt64(mask32) << 32 | UInt64(mask32)

        output.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            input.withUnsafeReadableBytes { source in
                var index = 0
                while index + 8 <= count {
                    let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian ^ mask
                    target.storeBytes(of: word.littleEndian, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < count {
                    target[index] = source[index] ^ UInt8(truncatingIfNeeded: mask >> UInt64(index % 8 * 8))
                    index += 1
                }
            }
            return count
        }
        input.moveReaderIndex(forwardBy: count)
        frame.remaining -= count
        frame.phase = (frame.phase + count) % 4
    }
}
