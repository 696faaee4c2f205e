import NIO

/// What waits to be sent to one client: frames in order, their size under control.
///
/// Small frames are gathered in one buffer, because an entry of their own would cost more than their bytes; big ones
/// stay apart, so that a buffer that many clients share is never copied.
struct OutgoingQueue {
    enum Item {
        case bytes(ByteBuffer)
        /// A message that is to be compressed before it can be sent; see ``OutgoingQueue/replaceFirst(with:)``.
        case uncompressed(ByteBuffer)
    }

    private struct Entry {
        var item: ByteBuffer
        var isUncompressed = false
        /// It was let in although the queue was full.
        var isSurplus = false
    }

    /// Frames up to this size are gathered.
    static let smallFrame = 1024
    private static let gatheredCapacity = 65_536

    private let limit: Int
    private var entries = CircularBuffer<Entry>(initialCapacity: 2)
    /// Small frames that come after all of `entries`.
    private var gathered = ByteBuffer()
    private var surplus = 0
    private(set) var byteCount = 0
    /// The first part of a frame has been taken and the rest has not: no other frame may be sent now.
    private var isMidFrame = false

    /// - Parameter limit: bytes that may wait; a message may go beyond while no more than half of them do.
    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { byteCount == 0 }

    /// Appends finished frames, or a message to be compressed. Returns false, and takes nothing, if the queue is full.
    mutating func append(_ item: Item) -> Bool {
        switch item {
        case .bytes(let frames):
            let count = frames.readableBytes
            guard count <= Self.smallFrame, fits(count) else { return append(Entry(item: frames)) }
            if gathered.readableBytes + count > Self.gatheredCapacity { closeGathered() }
            gathered.writeImmutableBuffer(frames)
            byteCount += count
            return true
        case .uncompressed(let message):
            return append(Entry(item: message, isUncompressed: true))
        }
    }

    private mutating func append(_ entry: Entry) -> Bool {
        let count = entry.item.readableBytes
        guard count > 0 else { return true }
        var entry = entry
        if !fits(count) {
            // As long as the client keeps up: what is left of an earlier one must not close the connection.
            guard byteCount <= limit / 2 else { return false }
            surplus += count
            entry.isSurplus = true
        }
        closeGathered()
        entries.append(entry)
        byteCount += count
        return true
    }

    private func fits(_ count: Int) -> Bool { byteCount - surplus + count <= limit }

    private mutating func closeGathered() {
        guard gathered.readableBytes > 0 else { return }
        entries.append(Entry(item: gathered))
        gathered = ByteBuffer()
    }

    /// Takes the next bytes to be sent, at most `maximum`; `nil` if there are none. A message to be compressed stays
    /// where it is.
    mutating func next(maximum: Int) -> Item? {
        guard let first = entries.first else {
            guard gathered.readableBytes > 0 else { return nil }
            let bytes = gathered
            gathered = ByteBuffer()
            byteCount -= bytes.readableBytes
            return .bytes(bytes)
        }
        if first.isUncompressed { return .uncompressed(first.item) }
        var rest = first.item
        let bytes = rest.readSlice(length: min(maximum, rest.readableBytes)) ?? rest
        isMidFrame = rest.readableBytes > 0
        if isMidFrame {
            entries[entries.startIndex].item = rest
        } else {
            entries.removeFirst()
        }
        shrink(by: bytes.readableBytes, isSurplus: first.isSurplus)
        return .bytes(bytes)
    }

    /// Puts the frame made of the first message in its place, if that is still there.
    mutating func replaceFirst(with frame: ByteBuffer) {
        guard let first = entries.first, first.isUncompressed else { return }
        shrink(by: first.item.readableBytes, isSurplus: first.isSurplus)
        byteCount += frame.readableBytes
        if first.isSurplus { surplus += frame.readableBytes }
        entries[entries.startIndex] = Entry(item: frame, isSurplus: first.isSurplus)
    }

    /// Forgets everything but the rest of a frame whose beginning the client has already got.
    mutating func removeWhole() {
        let rest = isMidFrame ? entries.first : nil
        removeAll()
        guard let rest else { return }
        entries.append(rest)
        byteCount = rest.item.readableBytes
        surplus = rest.isSurplus ? byteCount : 0
    }

    mutating func removeAll() {
        entries.removeAll()
        gathered = ByteBuffer()
        byteCount = 0
        surplus = 0
    }

    private mutating func shrink(by count: Int, isSurplus: Bool) {
        byteCount -= count
        if isSurplus { surplus -= count }
    }
}
