import Glibc

/// What the system knows of a process.
enum ProcessInformation {
    /// What this one was started with, as `NAME=VALUE`.
    static var environment: [String] {
        guard let content = try? read("environ") else { return [] }
        return content.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a file of /proc, which has no size beforehand.
    ///
    /// - Parameter process: its folder there.
    static func read(_ name: String, of process: String = "self") throws -> [UInt8] {
        let path = "/proc/\(process)/\(name)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError.current(path, "be opened") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return content }
            content += buffer[..<count]
        }
    }
}
