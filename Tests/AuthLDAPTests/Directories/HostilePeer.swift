import Foundation
import Synchronization

/// Something that listens where a directory is expected, and behaves badly. Written with bare sockets, since a library
/// would behave.
final class HostilePeer: Sendable {
    let port: Int
    private let listener: Int32
    private let received = Mutex<[UInt8]>([])

    /// - Parameter behave: for each connection, on a thread of its own; the connection is closed afterwards.
    init(_ behave: @escaping @Sendable (Connection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else { throw DirectoryProblem(description: "no port is free") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self, listener] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                Thread.detachNewThread {
                    behave(Connection(descriptor, self))
                    Glibc.close(descriptor)
                }
            }
        }
    }

    /// Ends the listening; what it keeps open stays.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    var uri: String { "ldap://127.0.0.1:\(port)" }
    var tlsURI: String { "ldaps://127.0.0.1:\(port)" }
    /// All that anybody has sent to it.
    var bytes: [UInt8] { received.withLock { $0 } }

    /// One connection.
    struct Connection {
        private let descriptor: Int32
        private let peer: HostilePeer

        fileprivate init(_ descriptor: Int32, _ peer: HostilePeer) {
            self.descriptor = descriptor
            self.peer = peer
        }

        /// What comes next, up to 4 KiB; `nil` if the other side has closed it.
        func read() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return nil }
            let part = Array(buffer.prefix(count))
            peer.received.withLock { $0 += part }
            return part
        }

        /// Reads until the other side closes it.
        func drain() { while read() != nil {} }

        /// A message of a client that behaves.
        struct Message {
            let id: UInt8
            /// The tag of the operation: 0x60 a bind, 0x63 a search, 0x77 an extended operation.
            let operation: UInt8
            let text: String
        }

        /// The message that comes next, whole; `nil` if none does. Nothing here sends so many that an id would need a
        /// second byte.
        func readMessage() -> Message? {
            guard let head = readExactly(2), head[0] == 0x30 else { return nil }
            var length = Int(head[1])
            if length >= 0x80 {
                guard let bytes = readExactly(length & 0x7F) else { return nil }
                length = bytes.reduce(0) { $0 << 8 | Int($1) }
            }
            guard let content = readExactly(length), content.count > 3 else { return nil }
            return Message(id: content[2], operation: content[3], text: String(decoding: content, as: UTF8.self))
        }

        private func readExactly(_ count: Int) -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: count)
            guard recv(descriptor, &buffer, count, Int32(MSG_WAITALL)) == count else { return nil }
            peer.received.withLock { $0 += buffer }
            return buffer
        }

        /// Ends the connection at once.
        func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }

        /// The end of an operation (RFC 4511, section 4.1.9).
        ///
        /// - Parameter type: 0x61 of a bind, 0x65 of a search, 0x78 of an extended operation.
        @discardableResult
        func sendResult(_ id: UInt8, _ type: UInt8, code: UInt8 = 0, more: [UInt8] = []) -> Bool {
            send(
                BER.message(
                    id, [type] + BER.length(7 + more.count) + [0x0A, 0x01, code, 0x04, 0x00, 0x04, 0x00] + more))
        }

        /// An entry with one attribute.
        @discardableResult
        func sendEntry(_ id: UInt8, _ name: String, _ attributes: [(String, [[UInt8]])]) -> Bool {
            send(BER.message(id, BER.entry(name, attributes)))
        }
    }
}

/// As much of the encoding of LDAP as it takes to say something wrong.
enum BER {
    static func length(_ count: Int) -> [UInt8] {
        count < 0x80 ? [UInt8(count)] : [0x84] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
    }

    static func value(_ type: UInt8, _ content: [UInt8]) -> [UInt8] { [type] + length(content.count) + content }

    static func message(_ id: UInt8, _ operation: [UInt8]) -> [UInt8] { value(0x30, [0x02, 0x01, id] + operation) }

    static func entry(_ name: String, _ attributes: [(String, [[UInt8]])]) -> [UInt8] {
        let list = attributes.flatMap { name, values in
            value(0x30, value(0x04, Array(name.utf8)) + value(0x31, values.flatMap { value(0x04, $0) }))
        }
        return value(0x64, value(0x04, Array(name.utf8)) + value(0x30, list))
    }
}
