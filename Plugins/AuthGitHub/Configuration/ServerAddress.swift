import FoundationEssentials

/// Where a GitHub is: its pages for people and its REST API, both derived from one address.
///
/// | | pages | API |
/// |---|---|---|
/// | github.com | `https://github.com` | `https://api.github.com` |
/// | Enterprise Cloud with data residency | `https://SUB.ghe.com` | `https://api.SUB.ghe.com` |
/// | Enterprise Server | `https://HOST` | `https://HOST/api/v3` |
struct ServerAddress: Decodable, Sendable, Hashable {
    /// Without a slash at the end.
    let web: String
    /// The same.
    let api: String

    init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// - Throws: ``ConfigurationError``.
    init(_ text: String) throws {
        func wrong(_ reason: String) -> ConfigurationError {
            ConfigurationError(description: "baseUrl: \(reason); expected such as https://github.com")
        }
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host?.lowercased(), !host.isEmpty
        else { throw wrong("'\(text.prefix(200))' is no address") }
        guard scheme == "https" || scheme == "http" else { throw wrong("it begins with \(scheme)://") }
        guard url.user == nil, url.password == nil else { throw wrong("it holds a user name or a password") }
        guard url.query == nil, url.fragment == nil else { throw wrong("it has something behind its path") }
        guard url.path.isEmpty || url.path == "/" else {
            throw wrong("it has the path \(url.path), but the addresses below are known; leave the path out")
        }
        // The client secret and people's tokens travel there.
        guard scheme == "https" || Self.isThisMachine(host) else {
            throw wrong("it is not encrypted; begin it with https://")
        }
        guard host != "api.github.com", !(host.hasPrefix("api.") && host.hasSuffix(".ghe.com")) else {
            throw wrong("it is the address of the API; give that of the pages, without api.")
        }
        let origin = host + (url.port.map { ":\($0)" } ?? "")
        let isOfGitHub = host == "github.com" || host == "www.github.com"
        web = isOfGitHub ? "https://github.com" : "\(scheme)://\(origin)"
        api =
            isOfGitHub
            ? "https://api.github.com"
            : host.hasSuffix(".ghe.com") ? "\(scheme)://api.\(origin)" : "\(web)/api/v3"
    }

    private static func isThisMachine(_ host: String) -> Bool {
        // An IPv4 address, not a name that begins like one.
        let isLoopback = host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        return isLoopback || ["localhost", "[::1]", "::1"].contains(host)
    }
}
