import Glibc

/// The TCP sockets at which processes take connections, as /proc shows them: whoever has opened them, and whether or not
/// anybody says so.
enum ListeningSockets {
    /// One of them.
    struct Socket: Hashable, Sendable {
        /// The system's number of it, the same in all processes that have it.
        let inode: UInt64
        let address: LocalAddress
    }

    /// Those of these processes.
    static func of(_ processes: [pid_t]) -> Set<Socket> { Set(processes.flatMap(sockets)) }

    private static func sockets(of process: pid_t) -> [Socket] {
        let open = Set(Files.names(in: "/proc/\(process)/fd").compactMap { inode("/proc/\(process)/fd/\($0)") })
        let tables = ["net/tcp", "net/tcp6"].map { (try? ProcessInformation.read($0, of: "\(process)")) ?? [] }
        return tables.flatMap { $0.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap(socket) }
            .filter { open.contains($0.inode) }
    }

    /// The socket behind a descriptor; `nil` if there is none.
    ///
    /// - Parameter descriptor: its link in /proc.
    static func inode(_ descriptor: String) -> UInt64? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let text = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard text.hasPrefix("socket:["), text.hasSuffix("]") else { return nil }
        return UInt64(text.dropFirst(8).dropLast())
    }

    /// A line such as `0: 0100007F:1F90 00000000:0000 0A …`; `nil` if it is of a socket that does not listen.
    private static func socket(_ line: some Collection<UInt8>) -> Socket? {
        let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
        let listening = "0A"
        guard fields.count > 9, fields[3] == listening, let inode = UInt64(fields[9]) else { return nil }
        let parts = fields[1].split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
        // Words of the machine, whose bytes are in the order of the network.
        let words = stride(from: 0, to: parts[0].count, by: 8).compactMap {
            UInt32(parts[0].dropFirst($0).prefix(8), radix: 16)
        }
        let bytes = words.flatMap { word in withUnsafeBytes(of: word) { Array($0) } }
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        return Socket(inode: inode, address: LocalAddress(bytes, port: port))
    }
}
