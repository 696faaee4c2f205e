import Glibc
import Synchronization

/// One end of the socket between host and runner.
///
/// What the socket does not take is queued and written by a thread of the channel's own, so that sending does not wait
/// for the other side, or, in a channel with limited room, only while there is none. Receiving is for one thread.
final class Channel: Sendable {
    /// A frame, or what is left of it, that waits to be written.
    private struct Pending {
        var bytes: ArraySlice<UInt8>
        /// Goes with the first byte.
        var descriptor: DescriptorInTransit?
    }

    private struct State {
        var queue: [Pending] = []
        var queuedBytes = 0
        /// The thread is at it, so nobody else may write.
        var isWriting = false
        var hasThread = false
        var isClosed = false
    }

    private let descriptor: Int32
    private let takesDescriptors: Bool
    private let room: Int
    private let state = Locked(State())

    /// - Parameters:
    ///   - descriptor: a connected stream socket; belongs to the channel.
    ///   - takesDescriptors: whether the other side may pass some.
    ///   - room: so many bytes may be queued before a sender waits. Only for the side whose peer always reads on.
    init(descriptor: Int32, takesDescriptors: Bool, room: Int = .max) {
        self.descriptor = descriptor
        self.takesDescriptors = takesDescriptors
        self.room = room
    }

    deinit { Glibc.close(descriptor) }

    /// How much waits for the other side to read.
    var queuedBytes: Int { state.withLock { $0.queuedBytes } }

    /// Ends both directions: the one who receives sees the end.
    func close() {
        state.withLock { $0.isClosed = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
        state.signalAll()
    }

    // MARK: Sending

    /// Sends a call; `false` if the other side is gone or the payload is too long.
    @discardableResult
    func send(
        _ function: HostFunction, isSecret: Bool = false, _ write: (inout WireWriter) -> Void = { _ in }
    ) -> Bool { send(function.rawValue, isSecret, nil, write) }

    /// - Parameter descriptor: is passed with it.
    @discardableResult
    func send(
        _ function: PluginFunction, isSecret: Bool = false, passing descriptor: DescriptorInTransit? = nil,
        _ write: (inout WireWriter) -> Void = { _ in }
    ) -> Bool { send(function.rawValue, isSecret, descriptor, write) }

    private func send(
        _ function: UInt16, _ isSecret: Bool, _ descriptor: DescriptorInTransit?, _ write: (inout WireWriter) -> Void
    ) -> Bool {
        var writer = WireWriter(reserving: 256)
        writer.write(UInt64(0))
        write(&writer)
        var frame = writer.bytes
        let length = frame.count - FrameFormat.headerSize
        guard length <= FrameFormat.maximumPayload else { return false }
        let flags = (isSecret ? FrameFormat.secret : 0) | (descriptor == nil ? 0 : FrameFormat.withDescriptor)
        frame.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: function.littleEndian, toByteOffset: 4, as: UInt16.self)
            bytes.storeBytes(of: flags.littleEndian, toByteOffset: 6, as: UInt16.self)
        }
        let isSent = transmit(frame, descriptor)
        if isSecret { frame.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        return isSent
    }

    private func transmit(_ frame: [UInt8], _ passed: DescriptorInTransit?) -> Bool {
        enum Next { case done, closed, startThread, signal }
        let next = state.wait { state -> Locked<State>.Look<Next> in
            guard !state.isClosed else { return .found(.closed) }
            guard state.queuedBytes < room else { return .wait(until: nil) }
            var sent = 0
            if !state.isWriting {
                // The usual case: the socket takes it, and no other thread is needed.
                sent = write(frame[...], passed, Int32(MSG_DONTWAIT))
                if sent == frame.count { return .found(.done) }
                if sent < 0 {
                    guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { return .found(.closed) }
                    sent = 0
                }
            }
            state.queue.append(Pending(bytes: frame[sent...], descriptor: sent == 0 ? passed : nil))
            state.queuedBytes += frame.count - sent
            state.isWriting = true
            defer { state.hasThread = true }
            return .found(state.hasThread ? .signal : .startThread)
        }
        switch next {
        case .done: return true
        case .closed: return false
        case .signal: state.signalAll()
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
            let frames: [Pending]? = state.wait { state in
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
                state.withLock { $0.queuedBytes -= frame.bytes.count }
            }
            if room < .max { state.signalAll() }
        }
    }

    private func writeAll(_ frame: Pending) -> Bool {
        var rest = frame
        while !rest.bytes.isEmpty {
            let count = write(rest.bytes, rest.descriptor, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = Pending(bytes: rest.bytes.dropFirst(count), descriptor: nil)
        }
        return true
    }

    /// Returns what `send` does.
    private func write(_ bytes: ArraySlice<UInt8>, _ passed: DescriptorInTransit?, _ flags: Int32) -> Int {
        let flags = flags | Int32(MSG_NOSIGNAL)
        return bytes.withUnsafeBytes { bytes in
            guard let passed else { return Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags) }
            // One that was taken meanwhile cannot be: it is on its way here.
            return passed.withNumber { PassedDescriptors.send(descriptor, bytes, $0, flags: flags) } ?? -1
        }
    }

    // MARK: Receiving

    /// Receives frames one after the other, until the end. For one thread.
    ///
    /// - Throws: if a frame is malformed, also by `each`.
    func receive(_ each: (Frame) throws(MalformedFrame) -> Void) throws(MalformedFrame) {
        var decoder = FrameDecoder()
        var descriptors: [DescriptorInTransit]? = takesDescriptors ? [] : nil
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try PassedDescriptors.receive(descriptor, into: chunk, &descriptors)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            decoder.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            while let frame = try decoder.next(&descriptors) { try each(frame) }
        }
    }
}
