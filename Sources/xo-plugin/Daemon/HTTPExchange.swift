/// A request on a connection of its own, whose response is read when somebody wants it.
final class HTTPExchange {
    private let socket: LocalSocket

    /// Connects and asks; `nil` if that is refused.
    ///
    /// - Parameter patience: nanoseconds that ``read()`` waits for something.
    init?(_ address: LocalAddress, method: String, target: String, patience: Int64) {
        guard let socket = try? LocalSocket(address) else { return nil }
        socket.setPatience(patience)
        let request =
            "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        guard socket.write(Array(request.utf8)) else { return nil }
        self.socket = socket
    }

    /// What comes until the connection ends.
    func read() -> [UInt8] {
        var bytes: [UInt8] = []
        while case let more = socket.read(), !more.isEmpty { bytes += more }
        return bytes
    }

    /// How many responses come: one behind the other, as a server sends them that answers a request twice.
    func countResponses() -> Int {
        var (rest, count) = (read()[...], 0)
        while let end = HTTPHead.end(in: Array(rest)), let head = HTTPHead(rest.prefix(end)) {
            count += 1
            let length = head.headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }
            // Without a length the body goes on to the end.
            guard let length, length >= 0 else { break }
            rest = rest.dropFirst(end).dropFirst(length)
        }
        return count
    }
}

/// A whole response, read to the end of its connection.
struct HTTPAnswer {
    let head: HTTPHead
    let body: [UInt8]

    /// Asks; `nil` if there is no proper answer.
    init?(_ address: LocalAddress, method: String, target: String, patience: Int64) {
        guard let exchange = HTTPExchange(address, method: method, target: target, patience: patience) else {
            return nil
        }
        let bytes = exchange.read()
        guard let end = HTTPHead.end(in: bytes), let head = HTTPHead(bytes[..<end]) else { return nil }
        self.head = head
        body = Array(bytes[end...])
    }
}
