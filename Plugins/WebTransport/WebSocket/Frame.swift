import NIO

/// What a frame is (RFC 6455, 5.2).
enum Opcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    var isControl: Bool { rawValue & 0x8 != 0 }
}

/// Writes frames as a server sends them: whole messages, not masked.
enum Frame {
    static let maximumHeaderLength = 10

    static func headerLength(payload count: Int) -> Int { count < 126 ? 2 : count <= 0xffff ? 4 : 10 }

    /// Appends one frame. `isCompressed` sets RSV1 (RFC 7692, 6).
    static func write(
        _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isCompressed: Bool = false, to buffer: inout ByteBuffer
    ) {
        let first = 0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue
        let count = payload.count
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: maximumHeaderLength + count) { bytes in
            bytes[0] = first
            let header: Int
            if count < 126 {
                bytes[1] = UInt8(count)
                header = 2
            } else if count <= 0xffff {
                bytes[1] = 126
                bytes.storeBytes(of: UInt16(count).bigEndian, toByteOffset: 2, as: UInt16.self)
                header = 4
            } else {
                bytes[1] = 127
                bytes.storeBytes(of: UInt64(count).bigEndian, toByteOffset: 2, as: UInt64.self)
                header = 10
            }
            UnsafeMutableRawBufferPointer(rebasing: bytes[header..<(header + count)]).copyMemory(from: payload)
            return header + count
        }
    }

    /// One frame in a buffer of its own.
    static func make(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isCompressed: Bool = false) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(maximumHeaderLength + payload.count)
        write(opcode, payload, isCompressed: isCompressed, to: &buffer)
        return buffer
    }

    /// A close frame; without a code it is empty. `reason` is cut to what a control frame can hold.
    static func close(_ code: CloseCode?, _ reason: String) -> ByteBuffer {
        guard let code else { return make(.close, UnsafeRawBufferPointer(start: nil, count: 0)) }
        var payload = [UInt8(code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
        var room = 123
        for character in reason {
            room -= character.utf8.count
            guard room >= 0 else { break }
            payload.append(contentsOf: character.utf8)
        }
        return payload.withUnsafeBytes { make(.close, $0) }
    }
}
