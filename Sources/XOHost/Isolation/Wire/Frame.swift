import Glibc

/// What precedes each payload: its length (4 bytes), the function (2), flags (2), in little endian.
enum FrameFormat {
    static let headerSize = 8
    /// Flag: the payload is wiped on both sides.
    static let secret: UInt16 = 1
    /// Flag: a descriptor comes with it.
    static let withDescriptor: UInt16 = 2
    /// The longest payload; a longer one is a lie.
    static let maximumPayload = 256 << 20
}

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
    /// What came with it.
    let descriptor: DescriptorInTransit?

    init(copying source: some Collection<UInt8>, isSecret: Bool, descriptor: DescriptorInTransit? = nil) {
        bytes = .allocate(byteCount: source.count, alignment: 1)
        bytes.copyBytes(from: source)
        self.isSecret = isSecret
        self.descriptor = descriptor
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

/// Finds the frames in what a socket brings.
struct FrameDecoder {
    private var buffer: [UInt8] = []
    private var start = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        buffer.removeFirst(start)
        start = 0
        buffer.append(contentsOf: bytes)
    }

    /// The next frame, if it is complete.
    ///
    /// - Parameter descriptors: those that have come, in order; the frame takes its own.
    mutating func next(_ descriptors: inout [DescriptorInTransit]?) throws(MalformedFrame) -> Frame? {
        guard buffer.count - start >= FrameFormat.headerSize else { return nil }
        let (length, function, flags) = buffer.withUnsafeBytes { bytes in
            (
                Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))),
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt16.self)),
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self))
            )
        }
        guard length <= FrameFormat.maximumPayload,
            flags & ~(FrameFormat.secret | FrameFormat.withDescriptor) == 0
        else { throw MalformedFrame() }
        let end = start + FrameFormat.headerSize + length
        guard buffer.count >= end else { return nil }
        var descriptor: DescriptorInTransit?
        if flags & FrameFormat.withDescriptor != 0 {
            guard descriptors?.isEmpty == false else { throw MalformedFrame() }
            descriptor = descriptors?.removeFirst()
        }
        let payload = FrameBytes(
            copying: buffer[start + FrameFormat.headerSize..<end], isSecret: flags & FrameFormat.secret != 0,
            descriptor: descriptor)
        start = end
        return Frame(function: function, payload: payload)
    }
}
