import Glibc

/// Where something listens on this machine.
struct LoopbackAddress: Sendable {
    let port: UInt16

    /// - Parameter url: `http://127.0.0.1:PORT`; `nil` if it is anything else.
    init?(url: some StringProtocol) {
        let start = "http://127.0.0.1:"
        guard url.hasPrefix(start), let port = UInt16(url.dropFirst(start.count).prefix { $0 != "/" }) else {
            return nil
        }
        self.port = port
    }
}

/// A TCP connection on this machine, on which reading and writing wait.
final class LoopbackSocket: Sendable {
    private let descriptor: Int32

    init(_ address: LoopbackAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.current("a socket", "be made") }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let status = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
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
