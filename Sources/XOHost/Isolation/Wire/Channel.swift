import Glibc
import Synchronization

/// A frame as it has arrived.
struct Frame: Sendable {
    let function: UInt16
    let payload: FrameBytes
}

/// The payload of a frame: constant once it is read, wiped in the end if it is secret.
final class FrameBytes: @unchecked Sendable {
    // Unchecked: written before it is shared, and never again.
    private let bytes: UnsafeMutableRawBufferPointer
    let isSecret: Bool

    init(copying source: some Collection<UInt8>, isSecret: Bool) {
        bytes = .allocate(byteCount: source.count, alignment: 1)
        bytes.copyBytes(from: source)
        self.isSecret = isSecret
    }

    deinit {
        if isSecret, let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        bytes.deallocate()
    }

    /// Lends a reader.
    func read(_ body: (inout WireReader) throws(MalformedFrame) -> Void) throws(MalformedFrame) {
        var reader = WireReader(UnsafeRawBufferPointer(bytes))
        defer { withExtendedLifetime(self) {} }
        try body(&reader)
    }
}

/// One end of the socket between host and runner.
///
/// Sending never waits: what the socket does not take is queued and written by a thread of the channel's own. Receiving
/// is for one thread.
final class Channel: Sendable {
    /// Length of the payload (4 bytes), function (2), flags (2).
    private static let headerSize = 8
    private static let secret: UInt16 = 1
    /// The longest payload; a longer one is a lie.
    static let maximumPayload = 256 << 20

    private struct State {
        var queue: [[UInt8]] = []
        var queuedBytes = 0
        /// The thread is at it, so nobody else may write.
        var isWriting = false
        var hasThread = false
        var isClosed = false
    }

    private let descriptor: Int32
    private let state = Locked(State())

    /// - Parameter descriptor: a connected stream socket; belongs to the channel.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }

    /// How much waits for the other side to read.
    var queuedBytes: Int { state.withLock { $0.queuedBytes } }

    /// Ends both directions: the one who receives sees the end.
    func close() {
        state.withLock { $0.isClosed = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
        state.signal()
    }

    // MARK: Sending

    /// Sends a call; `false` if the other side is gone or the payload is too long.
    @discardableResult
    func send(
        _ function: HostFunction, isSecret: Bool = false, _ write: (inout WireWriter) -> Void = { _ in }
    ) -> Bool { send(function.rawValue, isSecret, write) }

    @discardableResult
    func send(
        _ function: PluginFunction, isSecret: Bool = false, _ write: (inout WireWriter) -> Void = { _ in }
    ) -> Bool { send(function.rawValue, isSecret, write) }

    private func send(_ function: UInt16, _ isSecret: Bool, _ write: (inout WireWriter) -> Void) -> Bool {
        var writer = WireWriter(reserving: 256)
        writer.write(UInt64(0))
        write(&writer)
        var frame = writer.bytes
        let length = frame.count - Channel.headerSize
        guard length <= Channel.maximumPayload else { return false }
        frame.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: function.littleEndian, toByteOffset: 4, as: UInt16.self)
            bytes.storeBytes(of: (isSecret ? Channel.secret : 0).littleEndian, toByteOffset: 6, as: UInt16.self)
        }
        let isSent = transmit(frame)
        if isSecret { frame.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        return isSent
    }

    private func transmit(_ frame: [UInt8]) -> Bool {
        enum Next { case done, closed, startThread, signal }
        let next = state.withLock { state -> Next in
            guard !state.isClosed else { return .closed }
            var sent = 0
            if !state.isWriting {
                // The usual case: the socket takes it, and no other thread is needed.
                sent = Glibc.send(descriptor, frame, frame.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                if sent == frame.count { return .done }
                if sent < 0 {
                    guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { return .closed }
                    sent = 0
                }
            }
            state.queue.append(sent == 0 ? frame : Array(frame[sent...]))
            state.queuedBytes += frame.count - sent
            state.isWriting = true
            defer { state.hasThread = true }
            return state.hasThread ? .signal : .startThread
        }
        switch next {
        case .done: return true
        case .closed: return false
        case .signal: state.signal()
        case .startThread:
            if !Thread.start(name: "channel", { [self] in writeQueued() }) {
                close()
                return false
            }
        }
        return true
    }

    private func writeQueued() {
        while true {
            let frames: [[UInt8]]? = state.wait { state in
                if state.isClosed { return .found(nil) }
                guard !state.queue.isEmpty else {
                    state.isWriting = false
                    return .wait(until: nil)
                }
                defer { state.queue = [] }
                return .found(state.queue)
            }
            guard let frames else { return }
            for frame in frames {
                guard writeAll(frame) else { return close() }
                state.withLock { $0.queuedBytes -= frame.count }
            }
        }
    }

    private func writeAll(_ frame: [UInt8]) -> Bool {
        frame.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
    }

    // MARK: Receiving

    /// Receives frames one after the other, until the end. For one thread.
    ///
    /// - Throws: if a frame is malformed, also by `each`.
    func receive(_ each: (Frame) throws(MalformedFrame) -> Void) throws(MalformedFrame) {
        var buffer: [UInt8] = []
        var start = 0
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            while let frame = try Channel.frame(in: buffer, at: &start) {
                try each(frame)
            }
            buffer.removeFirst(start)
            start = 0
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            buffer.append(contentsOf: chunk[..<count])
        }
    }

    private static func frame(in buffer: [UInt8], at start: inout Int) throws(MalformedFrame) -> Frame? {
        guard buffer.count - start >= headerSize else { return nil }
        let (length, function, flags) = buffer.withUnsafeBytes { bytes in
            (
                Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))),
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt16.self)),
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self))
            )
        }
        guard length <= maximumPayload else { throw MalformedFrame() }
        guard buffer.count - start - headerSize >= length else { return nil }
        let payload = FrameBytes(
            copying: buffer[start + headerSize..<start + headerSize + length], isSecret: flags & secret != 0)
        start += headerSize + length
        return Frame(function: function, payload: payload)
    }
}
