package import CXOPlugin

/// Messages one behind the other in one piece of memory, which serves again: a message costs no allocation of its own.
package struct PackedMessages: Sendable {
    private struct Entry {
        var token: UInt64
        /// Where it begins in `bytes`, or which of `apart` it is.
        var position: Int
        var count: Int
        var isApart = false
    }

    /// Bigger ones had better be kept apart: whoever appends may be holding a lock.
    package static let smallMessage = 4096
    /// Beyond this, memory is not kept.
    private static let retainedCapacity = 16_384

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var apart: [[UInt8]] = []
    /// The first entry that has not been removed.
    private var start = 0

    package init() {}

    package var count: Int { entries.count - start }
    package var isEmpty: Bool { count == 0 }

    /// Appends a copy of `text`.
    package mutating func append(token: UInt64, _ text: UnsafeRawBufferPointer) {
        append(token: token) { $0.append(contentsOf: text) }
    }

    /// Appends what `write` adds to the end of its argument.
    package mutating func append(token: UInt64, _ write: (inout [UInt8]) -> Void) {
        let position = bytes.count
        write(&bytes)
        entries.append(Entry(token: token, position: position, count: bytes.count - position))
    }

    /// Appends a big message without copying it.
    package mutating func append(token: UInt64, apart text: [UInt8]) {
        entries.append(Entry(token: token, position: apart.count, count: text.count, isApart: true))
        apart.append(text)
    }

    package mutating func removeFirst(_ count: Int) {
        start += count
        if start >= entries.count { removeAll() }
    }

    /// Removes all; keeps the memory, unless it is much.
    package mutating func removeAll() {
        guard !entries.isEmpty else { return }
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.retainedCapacity)
        entries.removeAll(keepingCapacity: entries.capacity <= Self.retainedCapacity / MemoryLayout<Entry>.stride)
        if !apart.isEmpty { apart = [] }
        start = 0
    }

    /// Lends each message with its token, in order.
    package func forEach(_ body: (UInt64, UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { bytes in
            for entry in entries[start...] {
                if entry.isApart {
                    apart[entry.position].withUnsafeBytes { body(entry.token, $0) }
                } else {
                    body(entry.token, UnsafeRawBufferPointer(rebasing: bytes[entry.position...].prefix(entry.count)))
                }
            }
        }
    }

    /// Lends the messages in the protocol's form, in order: all that follow each other in memory at once, those that
    /// are apart one by one.
    package func forEachRun(_ body: (UnsafeBufferPointer<xo_message>) -> Void) {
        withUnsafeTemporaryAllocation(of: xo_message.self, capacity: count) { run in
            var length = 0
            func flush() {
                if length > 0 { body(UnsafeBufferPointer(rebasing: run[..<length])) }
                length = 0
            }
            func add(_ token: UInt64, _ text: UnsafeRawBufferPointer) {
                run.initializeElement(at: length, to: xo_message(token: token, payload: xo_bytes(text)))
                length += 1
            }
            bytes.withUnsafeBytes { bytes in
                for entry in entries[start...] {
                    if entry.isApart {
                        flush()
                        apart[entry.position].withUnsafeBytes {
                            add(entry.token, $0)
                            flush()
                        }
                    } else {
                        add(entry.token, UnsafeRawBufferPointer(rebasing: bytes[entry.position...].prefix(entry.count)))
                    }
                }
                flush()
            }
        }
    }
}
