package import CXOPlugin

// Borrowed views and owned buffers of the protocol, checked in both directions: lengths that lie and texts that are not
// UTF-8 stop here. For the host and the SDK only; plugin authors never see a pointer.

extension xo_str {
    /// The text; `nil` if the view is malformed or not UTF-8.
    package var string: String? {
        guard let bytes = UnsafeRawBufferPointer(view: ptr, len) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension xo_bytes {
    /// The bytes; empty if the view is malformed.
    package var buffer: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(view: ptr, len) ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    package init(_ buffer: UnsafeRawBufferPointer) {
        self.init(ptr: buffer.bindMemory(to: UInt8.self).baseAddress, len: UInt64(buffer.count))
    }
}

extension UnsafeRawBufferPointer {
    package init?(view pointer: UnsafeRawPointer?, _ length: UInt64) {
        guard length <= UInt64(Int.max), pointer != nil || length == 0 else { return nil }
        self.init(start: pointer, count: Int(length))
    }
}

extension String {
    /// Lends this text to the host for the duration of `body`.
    package func withView<Result>(_ body: (xo_str) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { utf8 in
            try utf8.withMemoryRebound(to: CChar.self) { try body(xo_str(ptr: $0.baseAddress, len: UInt64($0.count))) }
        }
    }
}

extension [UInt8] {
    package func withView<Result>(_ body: (xo_bytes) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { try body(xo_bytes($0)) }
    }
}

extension xo_buf {
    package static var empty: xo_buf { xo_buf(ptr: nil, len: 0, owner: nil, release: nil, flags: 0, reserved: 0) }

    /// A buffer of its own, freed by whoever receives it.
    package init(copying bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            self = .empty
            return
        }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
        bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
        self.init(
            ptr: UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)), len: UInt64(bytes.count), owner: memory,
            release: { $0?.deallocate() }, flags: 0, reserved: 0)
    }
}

/// Strings that live as long as the library, for descriptors.
package enum Immortal {
    package static func view(_ text: String) -> xo_str {
        let utf8 = Array(text.utf8)
        let memory = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(utf8.count, 1))
        for (index, byte) in utf8.enumerated() { memory[index] = CChar(bitPattern: byte) }
        return xo_str(ptr: UnsafePointer(memory.baseAddress), len: UInt64(utf8.count))
    }

    package static func views(_ texts: [String]) -> UnsafePointer<xo_str>? {
        guard !texts.isEmpty else { return nil }
        let memory = UnsafeMutableBufferPointer<xo_str>.allocate(capacity: texts.count)
        _ = memory.initialize(from: texts.map(view))
        return UnsafePointer(memory.baseAddress)
    }

    package static func value<T>(_ value: T) -> UnsafePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        memory.initialize(to: value)
        return UnsafePointer(memory)
    }
}
