import NIOCore
import NIOPosix

/// An answer, taken apart by hand so that the tests see what is really on the wire.
struct HTTPAnswer {
    let statusLine: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var status: Int { Int(statusLine.split(separator: " ")[1]) ?? 0 }
    var text: String { String(decoding: body, as: UTF8.self) }
}

enum HTTPExchange {
    struct ConnectionClosed: Error {
        /// What had come until then.
        let received: [UInt8]
    }

    /// Sends requests over one connection, each after the answer to the one before.
    static func send(_ requests: [String], port: Int, host: String = "127.0.0.1") async throws -> [HTTPAnswer] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var answers: [HTTPAnswer] = []
            var received: [UInt8] = []
            var parts = inbound.makeAsyncIterator()
            for request in requests {
                try await outbound.write(ByteBuffer(string: request))
                while true {
                    if let (answer, length) = parse(received) {
                        answers.append(answer)
                        received.removeFirst(length)
                        break
                    }
                    guard let part = try await parts.next() else { throw ConnectionClosed(received: received) }
                    received.append(contentsOf: part.readableBytesView)
                }
            }
            return answers
        }
    }

    static func post(_ path: String, _ body: String, extra: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: pool\r\nContent-Length: \(body.utf8.count)\r\n\(extra)\r\n\(body)"
    }

    private static func parse(_ bytes: [UInt8]) -> (HTTPAnswer, length: Int)? {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: separator) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
        }
        let length = end.upperBound + (headers["content-length"].flatMap { Int($0) } ?? 0)
        guard bytes.count >= length else { return nil }
        return (
            HTTPAnswer(
                statusLine: String(lines[0]), headers: headers, body: Array(bytes[end.upperBound..<length])), length
        )
    }
}
