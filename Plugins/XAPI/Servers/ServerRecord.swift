import XAPIPool
import XOJSON
import XOPluginAPI

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

    /// From now on the server has to show this certificate, whoever vouches for it.
    ///
    /// - Parameter fingerprint: SHA-256 in hexadecimal, with colons or without.
    mutating func pin(_ fingerprint: String) throws {
        let digits = fingerprint.filter { $0 != ":" }.uppercased()
        guard digits.count == 64, digits.allSatisfy(\.isHexDigit) else {
            throw MethodError.invalidParameters(
                "invalid parameters: `fingerprint` is no SHA-256 fingerprint; expected 64 hexadecimal digits")
        }
        let pairs = stride(from: 0, to: 64, by: 2).map { start in
            digits.dropFirst(start).prefix(2)
        }
        guard let address = try? PoolAddress(host) else {
            throw MethodError.invalidParameters("invalid parameters: `host` is no address")
        }
        allowUnauthorized = true
        fingerprints[address.host] = pairs.joined(separator: ":")
    }
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
