import CXOPlugin
import Glibc
import XOProtocol

/// A password or another secret on its way to a provider, wiped when nobody needs it any more.
final class SecretBytes: Sendable {
    // Constant until deinit.
    private nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

    init(_ text: String) {
        var text = text
        bytes = text.withUTF8 { SecretBytes.copy(UnsafeRawBufferPointer($0)) }
    }

    /// Wipes what it is given.
    init(taking content: consuming [UInt8]) {
        bytes = content.withUnsafeMutableBytes { content in
            let copy = SecretBytes.copy(UnsafeRawBufferPointer(content))
            if let base = content.baseAddress { explicit_bzero(base, content.count) }
            return copy
        }
    }

    deinit {
        if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        bytes.deallocate()
    }

    private static func copy(_ content: UnsafeRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 1)
        copy.copyMemory(from: content)
        return copy
    }

    func withView<Result>(_ body: (xo_bytes) -> Result) -> Result { body(xo_bytes(UnsafeRawBufferPointer(bytes))) }
}
