import Glibc

/// An open file, closed when it is let go.
///
/// A few direct calls instead of Foundation's: errors keep their reason, and permissions and durability are explicit.
final class File: Sendable {
    let descriptor: Int32

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        descriptor = open(path, flags | O_CLOEXEC, mode)
        if descriptor < 0 { throw .last }
    }

    deinit { close(descriptor) }

    func status() throws(SystemError) -> stat {
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw .last }
        return status
    }

    /// Reads from the current position to the end.
    ///
    /// - Throws: EFBIG if more than `limit` bytes are there.
    func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw .last }
            if count == 0 { return content }
            content += chunk.prefix(count)
            if content.count > limit { throw SystemError(code: EFBIG) }
        }
    }

    func writeAll(_ content: [UInt8]) throws(SystemError) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw .last }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes sure that what was written is on the disk; of a directory, that its entries are.
    func synchronize() throws(SystemError) {
        if fsync(descriptor) != 0 { throw .last }
    }

    static func content(of path: String, limit: Int) throws(SystemError) -> [UInt8] {
        try File(path, O_RDONLY).readAll(limit: limit)
    }
}
