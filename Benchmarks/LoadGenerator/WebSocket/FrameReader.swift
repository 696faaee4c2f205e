import Glibc

/// Takes frames apart as they come from a socket, without copying them.
struct FrameReader: ~Copyable {
    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    init(capacity: Int = 65_536) { buffer = .allocate(byteCount: capacity, alignment: 16) }

    deinit { buffer.deallocate() }

    /// Reads once what the socket has. False if it has nothing at present.
    ///
    /// - Throws: if the peer has closed the connection, or it broke.
    mutating func fill(from socket: Int32) throws -> Bool {
        if start == end { (start, end) = (0, 0) }
        if end == buffer.count { makeRoom() }
        let count = read(socket, buffer.baseAddress.map { $0 + end }, buffer.count - end)
        guard count > 0 else {
            if count == 0 { throw BenchError("the server closed the connection") }
            if errno == EAGAIN || errno == EINTR { return false }
            throw BenchError.system("cannot read from the server")
        }
        end += count
        return true
    }

    /// The text of the next complete frame; `nil` if none is there yet. Valid until the next call.
    ///
    /// - Throws: if the server says goodbye, or splits messages, which none of those measured here does.
    mutating func next() throws -> UnsafeRawBufferPointer? {
        while let frame = try nextFrame() {
            switch frame.opcode {
            case 0x81: return frame.payload
            case 0x88:
                let reason = String(decoding: frame.payload.dropFirst(2), as: UTF8.self)
                throw BenchError("the server closed the WebSocket: \(reason)")
            case 0x89, 0x8a: continue  // Nothing here lasts so long that a missing pong matters.
            default: throw BenchError("unexpected frame, first byte \(frame.opcode)")
            }
        }
        return nil
    }

    /// Takes bytes before the first frame, up to and including `mark`: the answer to the handshake.
    mutating func takePrefix(endingWith mark: String) -> String? {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        guard let range = bytes.range(of: Array(mark.utf8)) else { return nil }
        start += range.upperBound
        return String(decoding: bytes[..<range.upperBound], as: UTF8.self)
    }

    private mutating func nextFrame() throws -> (opcode: UInt8, payload: UnsafeRawBufferPointer)? {
        let available = end - start
        guard available >= 2 else { return nil }
        var size = Int(buffer[start + 1])
        var header = 2
        if size == 126 {
            header = 4
            guard available >= header else { return nil }
            size = Int(buffer[start + 2]) << 8 | Int(buffer[start + 3])
        } else if size == 127 {
            header = 10
            guard available >= header else { return nil }
            size = (2..<10).reduce(0) { $0 << 8 | Int(buffer[start + $1]) }
        }
        guard available >= header + size else {
            makeRoom(for: header + size)
            return nil
        }
        let opcode = buffer[start]
        let payload = UnsafeRawBufferPointer(rebasing: buffer[(start + header)..<(start + header + size)])
        start += header + size
        return (opcode, payload)
    }

    /// Makes the frame that begins at `start` fit.
    private mutating func makeRoom(for size: Int = 0) {
        guard start + size > buffer.count || end == buffer.count else { return }
        let capacity = max(size, end - start == buffer.count ? 2 * buffer.count : buffer.count)
        let target = capacity > buffer.count ? .allocate(byteCount: capacity, alignment: 16) : buffer
        if let to = target.baseAddress, let from = buffer.baseAddress { memmove(to, from + start, end - start) }
        if capacity > buffer.count {
            buffer.deallocate()
            buffer = target
        }
        (start, end) = (0, end - start)
    }
}

extension UnsafeRawBufferPointer {
    /// Where `pattern` stands first.
    func range(of pattern: [UInt8]) -> Range<Int>? {
        guard let base = baseAddress, let first = pattern.first, count >= pattern.count else { return nil }
        let last = count - pattern.count
        var offset = 0
        while offset <= last, let found = memchr(base + offset, Int32(first), last - offset + 1) {
            if memcmp(found, pattern, pattern.count) == 0 {
                let start = UnsafeRawPointer(found) - base
                return start..<(start + pattern.count)
            }
            offset = UnsafeRawPointer(found) - base + 1
        }
        return nil
    }
}
