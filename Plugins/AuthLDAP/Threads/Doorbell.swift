import Glibc

/// Wakes threads that wait in `poll`.
final class Doorbell: Sendable {
    /// Readable while somebody has rung and nobody has answered.
    let descriptor: Int32
    private let button: Int32

    struct Problem: Error, CustomStringConvertible {
        let description = "the system has no more descriptors"
    }

    init() throws(Problem) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Problem() }
        descriptor = ends[0]
        button = ends[1]
    }

    deinit {
        close(descriptor)
        close(button)
    }

    func ring() {
        var byte: UInt8 = 0
        write(button, &byte, 1)
    }

    /// Takes one of the rings.
    func answer() {
        var byte: UInt8 = 0
        read(descriptor, &byte, 1)
    }
}
