import Glibc

/// What the system knows of this process.
enum ProcessInformation {
    /// What it was started with, as `NAME=VALUE`.
    static var environment: [String] {
        guard let content = try? read("environ") else { return [] }
        return content.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a file of /proc/self, which has no size beforehand.
    static func read(_ name: String) throws -> [UInt8] {
        let descriptor = open("/proc/self/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError.current("/proc/self/\(name)", "be opened") }
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
