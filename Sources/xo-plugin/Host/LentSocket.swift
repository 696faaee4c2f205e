import Glibc

/// A socket that takes connections, made for a transport: its own from then on, so nothing here closes it.
struct LentSocket: Sendable {
    let descriptor: Int32
    let address: LocalAddress
    /// By which it is known among all descriptors, also if its number has become another's.
    private let inode: UInt64

    /// At a free port of the loopback interface; `nil` if there is none.
    init?() {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return nil }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &name) { [descriptor] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, SOMAXCONN) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isOpen, let inode = ListeningSockets.inode("/proc/self/fd/\(descriptor)") else {
            close(descriptor)
            return nil
        }
        self.inode = inode
        address = LocalAddress([127, 0, 0, 1], port: UInt16(bigEndian: name.sin_port))
    }

    /// Whether somebody in this process has it.
    var isOpen: Bool {
        Files.names(in: "/proc/self/fd").contains { ListeningSockets.inode("/proc/self/fd/\($0)") == inode }
    }
}
