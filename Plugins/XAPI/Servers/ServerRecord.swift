import XOJSON

/// A registered server, as it is stored.
struct ServerRecord: Codable, Hashable, Sendable {
    let id: String
    var label: String?
    var host: String
    var username: String
    var enabled: Bool
    var readOnly: Bool
    var allowUnauthorized: Bool
    /// SHA-256 fingerprints of accepted certificates, by host.
    var fingerprints: [String: String]
    var poolNameLabel: String?
    var poolNameDescription: String?
    var poolMembersAddresses: [String]?
}

/// What of a server is stored encrypted and never told.
struct ServerSecrets: Codable, Sendable {
    var password: String
    /// A proxy's address may hold a password.
    var httpProxy: String?

    /// The proxy's address for people.
    var maskedProxy: String? { httpProxy.map(Self.mask) }

    private static func mask(_ proxy: String) -> String {
        guard let at = proxy.lastIndex(of: "@") else { return proxy }
        let start = proxy.firstRange(of: "://")?.upperBound ?? proxy.startIndex
        guard start < at, let colon = proxy[start..<at].firstIndex(of: ":") else { return proxy }
        return "\(proxy[...colon])***\(proxy[at...])"
    }
}
