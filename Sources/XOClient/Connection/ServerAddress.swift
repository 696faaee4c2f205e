/// A host and port, and whether TLS is spoken there.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    public let isSecure: Bool
    /// Name or address; an IPv6 address stands without brackets.
    public let host: String
    public let port: Int

    public init(isSecure: Bool, host: String, port: Int) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }

    /// The value of the `Host` header (RFC 9110, 7.2): the port is left out if it is the scheme's own.
    public var authority: String {
        port == ServerAddress.defaultPort(isSecure: isSecure) ? bracketedHost : "\(bracketedHost):\(port)"
    }

    /// For messages: host and port, always both.
    public var description: String { "\(bracketedHost):\(port)" }

    private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    static func defaultPort(isSecure: Bool) -> Int { isSecure ? 443 : 80 }
}
