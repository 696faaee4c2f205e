import Glibc
import NIO

/// Called with the number of bytes that were moved since the last call.
public typealias TransferObserver = @Sendable (Int) -> Void

/// Bytes to upload from a file descriptor.
public struct FileSource: Sendable {
    public let descriptor: CInt
    /// How many bytes will be sent; `nil` if nobody knows, as with a pipe: then the body is sent in chunks.
    public let size: Int64?
    let observer: TransferObserver

    public init(descriptor: CInt, size: Int64?, observer: @escaping TransferObserver = { _ in }) {
        self.descriptor = descriptor
        self.size = size
        self.observer = observer
    }

    /// Reads all, in chunks, each as soon as `consume` is done with the one before.
    func forEachChunk(_ consume: (ByteBuffer) async throws -> Void) async throws {
        var left = size ?? .max
        while left > 0 {
            let wanted = Int(min(left, Int64(FileIO.chunkSize)))
            let chunk = try await FileIO.read(from: descriptor, upTo: wanted)
            if chunk.readableBytes == 0 {
                guard let size else { return }
                throw FileError("the file ended after \(size - left) of \(size) bytes; was it shortened meanwhile?")
            }
            // Told before it is sent: the answer to the last chunk may be quicker than a word after it.
            observer(chunk.readableBytes)
            try await consume(chunk)
            left -= Int64(chunk.readableBytes)
        }
    }
}

/// A file could not be read or written.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    /// The value of `errno`, if a system call failed.
    public let code: CInt?

    public init(_ description: String) {
        self.description = description
        code = nil
    }

    /// A system call failed.
    ///
    /// - Parameter action: what could not be done, as in `cannot read FILE`.
    public init(failed action: String, code: CInt = errno) {
        description = "\(action): \(String(cString: strerror(code)))"
        self.code = code
    }
}

/// Blocking reads and writes, done where they disturb neither event loops nor Swift's own threads.
enum FileIO {
    static let chunkSize = 256 << 10

    /// - Returns: an empty buffer at the end.
    static func read(from descriptor: CInt, upTo count: Int) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive {
            try ByteBuffer(reading: count) { buffer in
                try retrying("cannot read", descriptor, POLLIN) {
                    Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                }
            }
        }
    }

    static func write(_ bytes: ByteBuffer, to descriptor: CInt) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            try bytes.withUnsafeReadableBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty {
                    let part = UnsafeRawBufferPointer(rebasing: rest)
                    let written = try retrying("cannot write", descriptor, POLLOUT) {
                        Glibc.write(descriptor, part.baseAddress, part.count)
                    }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }

    /// Repeats a system call that was interrupted, or that met a descriptor which somebody else set to not block.
    private static func retrying(
        _ action: String, _ descriptor: CInt, _ event: CInt, _ call: () -> Int
    ) throws(FileError) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wait = pollfd(fd: descriptor, events: Int16(event), revents: 0)
                poll(&wait, 1, -1)
            default: throw FileError(failed: action)
            }
        }
    }
}

extension ByteBuffer {
    fileprivate init(reading count: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        self.init()
        try writeWithUnsafeMutableBytes(minimumWritableBytes: count) { buffer in
            try body(UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)))
        }
    }
}
