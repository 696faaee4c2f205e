import Glibc

/// What addresses are one customer's: an IPv4 address by itself, of IPv6 the network of /64 that each household has.
enum AddressBlock {
    /// - Parameter address: numeric; anything else is a block of its own.
    static func of(_ address: String) -> String {
        guard address.contains(":") else { return address }
        var bytes = in6_addr()
        // Without the zone that a link-local address may have.
        let numeric = String(address.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, numeric, &bytes) == 1 else { return address }
        return withUnsafeBytes(of: bytes) { bytes in
            let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            let shown = isMapped ? bytes[12..<16] : bytes[0..<8]
            return shown.map { String($0, radix: 16) }.joined(separator: isMapped ? "." : ":")
        }
    }
}
