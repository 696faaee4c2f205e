import Glibc

/// A server, as its URI names it (RFC 4516, without what would follow the port).
struct ServerAddress: Hashable, Sendable {
    /// As the library is to read it.
    let uri: String
    let host: String
    let port: UInt16
    /// TLS from the first byte on.
    let isTLS: Bool

    /// - Parameter key: of the configuration, for the error.
    init(_ text: String, key: String) throws(ConfigurationError) {
        func problem(_ what: String) -> ConfigurationError {
            ConfigurationError(
                "\(key): \(what) in \(Printable.text(text)); expected such as ldaps://ldap.example.org:636")
        }
        let lowered = text.lowercased()
        guard let scheme = ["ldaps://", "ldap://"].first(where: lowered.hasPrefix) else {
            throw problem("found no ldap:// or ldaps://")
        }
        isTLS = scheme == "ldaps://"
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest.removeLast() }
        let host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw problem("found [ without ]") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != ":" }
            rest = rest[host.endIndex...]
        }
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(ServerAddress.isHostCharacter) else {
            throw problem("found no host, or one that cannot be one,")
        }
        if rest.isEmpty {
            port = isTLS ? 636 : 389
        } else {
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else {
                throw problem("found \(Printable.text(String(rest))) behind the host")
            }
            self.port = port
        }
        self.host = String(host)
        uri = "\(scheme)\(host.contains(":") ? "[\(host)]" : String(host)):\(port)"
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        AttributeName.isCharacter(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
    }

    /// Whether it is this machine, to which nobody can listen on the way.
    var isLoopback: Bool {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        return host == "::1" || host.lowercased() == "localhost"
    }
}
