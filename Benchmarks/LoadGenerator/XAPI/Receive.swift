import ArgumentParser
import Glibc
import XOJSON

/// The floor of a first inventory: all records of some classes are received and read through, and nothing is made of
/// them.
struct Receive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receives all records of a pool's classes and reads them through.")

    @Argument(help: "The pool, such as http://127.0.0.1:40123.")
    var address: String

    @Option(help: "The classes, with commas between them.")
    var classes: String

    @Option var user = "root"
    @Option var password = "password"

    func run() throws {
        guard address.hasPrefix("http://"),
            let server = ServerAddress(argument: "ws://\(address.dropFirst(7))")
        else { throw BenchError("\(address) is no address such as http://127.0.0.1:40123") }
        let (started, ownCPU) = (Time.now, Time.ownCPU)
        let connection = try HTTPConnection(to: server)
        let login = try connection.call("session.login_with_password", [.string(user), .string(password)])
        guard let session = try JSON(parsing: login)["result"] else { throw BenchError("no session") }
        var bytes = 0
        for name in classes.split(separator: ",") {
            let answer = try connection.call("\(name).get_all_records", [session])
            bytes += answer.count
            try answer.withUnsafeBytes { answer in
                var scanner = JSONScanner(answer)
                _ = try scanner.skipValue()
            }
        }
        let report: JSON = [
            "seconds": .number(Double(Time.now - started) / 1e9), "bytes": JSON(bytes),
            "processorSeconds": .number(Double(Time.ownCPU - ownCPU) / 1e9),
        ]
        print(report)
    }
}

/// One HTTP connection that waits for each answer.
private final class HTTPConnection {
    private let socket: Int32
    private let server: ServerAddress

    init(to server: ServerAddress) throws {
        self.server = server
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = server.port.bigEndian
        inet_pton(AF_INET, server.host, &target.sin_addr)
        let status = withUnsafeBytes(of: &target) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                connect(socket, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchError.system("cannot connect to the pool") }
    }

    deinit { close(socket) }

    /// The body of the answer.
    func call(_ method: String, _ parameters: [JSON]) throws -> [UInt8] {
        let body: JSON = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters)]
        let text = body.description
        let request = """
            POST /jsonrpc HTTP/1.1\r
            Host: \(server.host)\r
            Content-Type: application/json\r
            Content-Length: \(text.utf8.count)\r
            \r
            \(text)
            """
        let sent = Array(request.utf8).withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent == request.utf8.count else { throw BenchError.system("cannot write to the pool") }
        return try receive()
    }

    private func receive() throws -> [UInt8] {
        var head: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        let end = Array("\r\n\r\n".utf8)
        while true {
            let count = read(socket, &chunk, chunk.count)
            guard count > 0 else { throw BenchError.system("the pool has closed the connection") }
            head.append(contentsOf: chunk[..<count])
            guard let range = head.withUnsafeBytes({ $0.range(of: end) }) else { continue }
            let fields = String(decoding: head[..<range.lowerBound], as: UTF8.self).lowercased()
            guard let field = fields.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
                let length = Int(field.drop { !$0.isNumber })
            else { throw BenchError("the pool answers without a length: \(fields)") }
            var body = Array(head[range.upperBound...])
            body.reserveCapacity(length)
            while body.count < length {
                let count = read(socket, &chunk, min(chunk.count, length - body.count))
                guard count > 0 else { throw BenchError.system("the pool has closed the connection") }
                body.append(contentsOf: chunk[..<count])
            }
            return body
        }
    }
}
