import Glibc

/// A password or another secret. Its memory is wiped when nobody needs it any more; no description shows it.
public final class Secret: Sendable, CustomStringConvertible, CustomReflectable {
    // Constant until deinit.
    private nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

    /// Copies the bytes; wiping the original is its owner's business.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = .allocate(byteCount: bytes.count, alignment: 1)
        self.bytes.copyMemory(from: bytes)
    }

    deinit {
        if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        bytes.deallocate()
    }

    public var count: Int { bytes.count }

    /// Lends the bytes. Copies made of them are the borrower's to wipe.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(bytes))
    }

    public var description: String { "a secret" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
