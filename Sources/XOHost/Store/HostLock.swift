import Glibc

/// Keeps a second host from serving out of the same data directory. Released when let go, and by the system when the
/// process ends in whatever way.
final class HostLock: Sendable {
    private let file: File

    init(in directory: DataDirectory) throws(StoreError) {
        let path = directory.file("host.lock")
        do throws(SystemError) {
            file = try File(path, O_RDWR | O_CREAT)
            guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .last }
            // Only for the message that the next one gets.
            ftruncate(file.descriptor, 0)
            try file.writeAll(Array("\(getpid())\n".utf8))
        } catch {
            guard error.code == EWOULDBLOCK else { throw StoreError(.inaccessible, "\(path): \(error)") }
            let holder = (try? File.content(of: path, limit: 32)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let process = holder.filter(\.isNumber)
            throw StoreError(
                .inUse,
                "data directory \(directory.path): another xo-host\(process.isEmpty ? "" : " (process \(process))") is "
                    + "serving from it; stop that one, or set \"dataDirectory\" in the configuration to another place")
        }
    }
}
