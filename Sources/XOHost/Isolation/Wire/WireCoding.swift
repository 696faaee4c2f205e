import CXOPlugin
import XOProtocol

/// Writes the arguments of a function: numbers in little endian, texts and bytes behind their length.
struct WireWriter {
    private(set) var bytes: [UInt8]

    init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ number: Double) { write(number.bitPattern) }

    mutating func write(_ text: String) {
        write(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ content: UnsafeRawBufferPointer) {
        write(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func write(_ content: [UInt8]) {
        write(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// For ``WireReader/text()``.
    mutating func write(view text: String) {
        write(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ view: xo_bytes) { write(view.buffer) }

    /// A text of the other side that has been checked, or is checked where it arrives.
    mutating func write(_ view: xo_str) {
        write(UnsafeRawBufferPointer(view: view.ptr, view.len) ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    mutating func write<Element>(_ elements: some Collection<Element>, _ each: (inout WireWriter, Element) -> Void) {
        write(UInt32(elements.count))
        for element in elements { each(&self, element) }
    }
}

/// A frame whose content is not what its function says.
struct MalformedFrame: Error {}

/// Reads what ``WireWriter`` has written. Views are lent as long as the bytes are.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func take(_ count: Int) throws(MalformedFrame) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else { throw MalformedFrame() }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(MalformedFrame) -> Number {
        Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }

    mutating func double() throws(MalformedFrame) -> Double { Double(bitPattern: try number()) }

    mutating func content() throws(MalformedFrame) -> UnsafeRawBufferPointer {
        try take(Int(clamping: try number(UInt64.self)))
    }

    mutating func view() throws(MalformedFrame) -> xo_bytes { xo_bytes(try content()) }

    mutating func text() throws(MalformedFrame) -> xo_str {
        let content = try content()
        return xo_str(ptr: content.bindMemory(to: CChar.self).baseAddress, len: UInt64(content.count))
    }

    mutating func string() throws(MalformedFrame) -> String {
        let utf8 = try take(Int(try number(UInt32.self)))
        guard let string = xo_str(ptr: utf8.bindMemory(to: CChar.self).baseAddress, len: UInt64(utf8.count)).string
        else {
            throw MalformedFrame()
        }
        return string
    }

    /// A list; `minimum` is how many bytes an element takes at least, so that a count cannot lie for long.
    mutating func list<Element>(
        minimum: Int, _ each: (inout WireReader) throws(MalformedFrame) -> Element
    ) throws(MalformedFrame) -> [Element] {
        let count = Int(try number(UInt32.self))
        guard count <= (bytes.count - position) / minimum else { throw MalformedFrame() }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try each(&self)) }
        return elements
    }

    func expectEnd() throws(MalformedFrame) {
        if position != bytes.count { throw MalformedFrame() }
    }
}
