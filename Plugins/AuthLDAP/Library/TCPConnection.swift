import Glibc

/// Opening connections. The library would do it, too, but it tells neither what has failed nor tries a name's second
/// address, and may wait for ever.
enum TCPConnection {
    /// Tries all addresses of the host, each with its share of the time. Blocks; name lookups as long as the resolver
    /// takes.
    ///
    /// - Returns: a non-blocking socket, which is the caller's to close.
    static func open(_ server: ServerAddress, until deadline: Deadline, interrupt: Int32) throws(DirectoryFailure)
        -> Int32
    {
        let addresses = try lookUp(server)
        defer { freeaddrinfo(addresses) }
        var count = 0
        for _ in sequence(first: addresses, next: { $0.pointee.ai_next }) { count += 1 }
        var problem = "it has no address"
        for (index, address) in sequence(first: addresses, next: { $0.pointee.ai_next }).enumerated() {
            switch connect(to: address.pointee, until: deadline.share(of: count - index), interrupt) {
            case .connected(let socket): return socket
            case .failed(let text): problem = text
            case .interrupted:
                throw DirectoryFailure(kind: .interrupted, phase: .connect, server: server.uri, text: "stopped")
            }
        }
        throw DirectoryFailure(kind: .unreachable, phase: .connect, server: server.uri, text: problem)
    }

    private static func lookUp(_ server: ServerAddress) throws(DirectoryFailure) -> UnsafeMutablePointer<addrinfo> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var addresses: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(server.host, String(server.port), &hints, &addresses)
        guard status == 0, let addresses else {
            throw DirectoryFailure(
                kind: .unreachable, phase: .connect, server: server.uri,
                text: "the name \(server.host) is not known: \(String(cString: gai_strerror(status)))")
        }
        return addresses
    }

    private enum Outcome {
        case connected(Int32)
        case failed(String)
        case interrupted
    }

    private static func connect(to address: addrinfo, until deadline: Deadline, _ interrupt: Int32) -> Outcome {
        let descriptor = socket(
            address.ai_family, address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            address.ai_protocol)
        guard descriptor >= 0 else { return .failed(text(errno)) }
        setUp(descriptor)
        var status = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno
        if status == EINPROGRESS {
            switch Waiting.wait(for: descriptor, POLLOUT, until: deadline, interrupt: interrupt) {
            case .ready:
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size)
            case .tooLate: status = ETIMEDOUT
            case .interrupted:
                close(descriptor)
                return .interrupted
            }
        }
        guard status == 0 else {
            close(descriptor)
            return .failed(text(status))
        }
        return .connected(descriptor)
    }

    /// Kept connections are to notice when the other side has gone without a word; requests are not to wait for more.
    private static func setUp(_ descriptor: Int32) {
        func set(_ level: Int32, _ option: Int32, _ value: Int32) {
            var value = value
            setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        let tcp = Int32(IPPROTO_TCP)
        set(tcp, TCP_NODELAY, 1)
        set(tcp, TCP_KEEPIDLE, 60)
        set(tcp, TCP_KEEPINTVL, 20)
        set(tcp, TCP_KEEPCNT, 3)
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
