import Glibc

/// A failed system call, in the system's words.
struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    let code: Int32

    /// The error of the call just made.
    static var last: SystemError { SystemError(code: errno) }

    var description: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
