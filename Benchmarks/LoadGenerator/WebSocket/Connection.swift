import Glibc
import XOJSON

/// A WebSocket to the server: blocking for preparations, or as part of a ``Poller``.
final class Connection {
    let socket: Int32
    private var reader: FrameReader
    private var lastID = 0

    /// Connects and shakes hands.
    init(to address: ServerAddress) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        reader = FrameReader()
        guard socket >= 0 else { throw BenchError.system("cannot make a socket") }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        try connect(to: address)
        try shakeHands(with: address)
    }

    deinit { if socket >= 0 { close(socket) } }

    // MARK: Sending

    /// Writes bytes wholly; waits if the socket is full.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                rest = .init(rebasing: rest[count...])
            } else if errno == EAGAIN {
                try wait(for: POLLOUT)
            } else if errno != EINTR {
                throw BenchError.system("cannot write to the server")
            }
        }
    }

    func send(_ text: String) throws { try FrameWriter.text(text.utf8).withUnsafeBytes(write) }

    // MARK: Receiving

    /// Hands over every message that has come; returns when the socket has no more.
    func drain(_ receive: (UnsafeRawBufferPointer) throws -> Void) throws {
        while try reader.fill(from: socket) {
            while let message = try reader.next() { try receive(message) }
        }
    }

    /// Hands over the messages of one read: the pace of a client that answers what it has read.
    func drainOnce(_ receive: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard try reader.fill(from: socket) else { return }
        while let message = try reader.next() { try receive(message) }
    }

    /// Waits for the next message that `accept` wants; those before it are dropped.
    func receive<Result>(_ accept: (UnsafeRawBufferPointer) throws -> Result?) throws -> Result {
        while true {
            while let message = try reader.next() {
                if let result = try accept(message) { return result }
            }
            if try !reader.fill(from: socket) { try wait(for: POLLIN) }
        }
    }

    // MARK: Calls

    /// Makes one call and waits for its answer, of which `read` sees the text.
    func call<Result>(
        _ method: String, _ parameters: JSON = [:], read: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        lastID += 1
        let request: JSON = [
            "id": JSON(lastID), "jsonrpc": "2.0", "method": .string(method), "params": parameters,
        ]
        try send(request.description)
        let prefix = Array("{\"id\":\(lastID),".utf8)
        let failure = Array("\"error\":".utf8)
        return try receive { message in
            // Both kinds of answer have the error before or right behind the id; results are not searched.
            let head = UnsafeRawBufferPointer(rebasing: message.prefix(24))
            if head.range(of: failure) != nil {
                throw BenchError("\(method): \(String(decoding: message.prefix(400), as: UTF8.self))")
            }
            return head.starts(with: prefix) ? try read(message) : nil
        }
    }

    /// Makes one call; returns its result.
    func call(_ method: String, _ parameters: JSON = [:]) throws -> JSON {
        try call(method, parameters) { try JSON(parsing: $0)["result"] ?? .null }
    }

    // MARK: Opening

    private func connect(to address: ServerAddress) throws {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        guard inet_pton(AF_INET, address.host, &target.sin_addr) == 1 else {
            throw BenchError("\(address.host) is no IPv4 address")
        }
        let status = withUnsafeBytes(of: &target) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.connect(socket, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return }
        guard errno == EINPROGRESS else { throw BenchError.system("cannot connect") }
        try wait(for: POLLOUT)
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size)
        errno = problem
        guard problem == 0 else { throw BenchError.system("cannot connect") }
    }

    private func shakeHands(with address: ServerAddress) throws {
        let request = """
            GET \(address.path) HTTP/1.1\r
            Host: \(address.host):\(address.port)\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r

            """
        try Array(request.utf8).withUnsafeBytes(write)
        while true {
            if let answer = reader.takePrefix(endingWith: "\r\n\r\n") {
                guard answer.hasPrefix("HTTP/1.1 101") else { throw BenchError("no WebSocket: \(answer)") }
                return
            }
            if try !reader.fill(from: socket) { try wait(for: POLLIN) }
        }
    }

    private func wait(for events: Int32) throws {
        var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
        guard poll(&entry, 1, 30_000) > 0 else { throw BenchError("the server was silent for 30 s") }
    }
}
