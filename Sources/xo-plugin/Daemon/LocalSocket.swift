import Glibc

/// Where something on this machine takes connections.
struct LocalAddress: Hashable, Sendable {
    /// 4 bytes of IPv4, or 16 of IPv6, as they go over the network.
    let bytes: [UInt8]
    let port: UInt16

    private static let loopback: [UInt8] = [127, 0, 0, 1]
    private static let loopback6: [UInt8] = Array(repeating: 0, count: 15) + [1]

    /// - Parameter bytes: all zero stands for every address of the machine, of which one is taken.
    init(_ bytes: [UInt8], port: UInt16) {
        let isAny = bytes.allSatisfy { $0 == 0 }
        self.bytes = !isAny ? bytes : bytes.count == 4 ? Self.loopback : Self.loopback6
        self.port = port
    }

    /// - Parameter url: `http://127.0.0.1:PORT`; `nil` if it is anything else.
    init?(url: some StringProtocol) {
        let start = "http://127.0.0.1:"
        guard url.hasPrefix(start), let port = UInt16(url.dropFirst(start.count).prefix { $0 != "/" }) else {
            return nil
        }
        self.init(Self.loopback, port: port)
    }

    /// Lends it in the way the system wants it.
    fileprivate func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        func lend<Address>(_ address: Address) -> Result {
            withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        if bytes.count == 4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
            return lend(address)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes.prefix($0.count)) }
        return lend(address)
    }
}

/// A TCP connection on this machine, on which reading and writing wait.
final class LocalSocket: Sendable {
    private let descriptor: Int32

    init(_ address: LocalAddress) throws {
        let family = address.bytes.count == 4 ? AF_INET : AF_INET6
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.current("a socket", "be made") }
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else {
            let error = SystemError.current("port \(address.port) of this machine", "be reached")
            Glibc.close(descriptor)
            throw error
        }
    }

    deinit { Glibc.close(descriptor) }

    /// - Parameter patience: nanoseconds that ``read()`` waits for something; for ever unless this is called.
    func setPatience(_ patience: Int64) {
        var time = timeval(tv_sec: Int(patience / 1_000_000_000), tv_usec: Int(patience % 1_000_000_000 / 1000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Writes all of it; `false` if the other side is gone.
    func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
    }

    /// Reads what comes next; empty at the end, or when patience is.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            return count > 0 ? Array(buffer[..<count]) : []
        }
    }

    /// Ends the connection; who is reading comes back.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
