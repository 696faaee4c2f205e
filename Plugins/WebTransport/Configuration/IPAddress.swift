import NIO

/// A numeric IP address. IPv4 inside IPv6 (`::ffff:192.0.2.1`) counts as IPv4.
struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four or sixteen bytes, in network order.
    let bytes: [UInt8]
    let description: String

    /// Returns `nil` unless `text` is a numeric address; a zone (`%eth0`) is cut off.
    init?(_ text: some StringProtocol) {
        let bare = text.prefix { $0 != "%" }
        guard let address = try? SocketAddress(ipAddress: String(bare), port: 0) else { return nil }
        self.init(address)
    }

    /// Returns `nil` for addresses that are not IP.
    init?(_ address: SocketAddress) {
        let all: [UInt8]
        switch address {
        case .v4(let v4): all = withUnsafeBytes(of: v4.address.sin_addr) { Array($0) }
        case .v6(let v6): all = withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
        case .unixDomainSocket: return nil
        }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        if all.count == 16, all.starts(with: mapped) {
            bytes = Array(all[12...])
            description = bytes.map(String.init).joined(separator: ".")
        } else {
            bytes = all
            description = address.ipAddress ?? ""
        }
    }

    static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// Whether this is an address of this machine's loopback interface.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}
