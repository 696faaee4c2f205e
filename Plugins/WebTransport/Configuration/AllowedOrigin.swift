/// The origin of web pages (RFC 6454) that may open a WebSocket here though they come from another server.
struct AllowedOrigin: Decodable, Sendable {
    /// In lower case, without the scheme's standard port; `*` stands for all.
    private let text: String

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard text == "*" || text == "null" || Origin(text) != nil else {
            throw ConfigurationError(
                description: "allowedOrigins: \"\(text)\" is no origin; write scheme and host, and the port if it is "
                    + "not the standard one, without a path: https://xo.example.com")
        }
        self.text = Origin(text)?.description ?? text
    }

    func matches(_ origin: String) -> Bool {
        text == "*" || text == Origin(origin)?.description ?? origin
    }
}

/// What a browser says in the header `Origin`, normalised for comparison.
struct Origin: CustomStringConvertible {
    let scheme: String
    /// Host, with the port unless it is the scheme's own; as a browser writes it in `Host`.
    let authority: String

    init?(_ text: String) {
        let lower = text.lowercased()
        guard let separator = lower.firstRange(of: "://") else { return nil }
        scheme = String(lower[..<separator.lowerBound])
        let authority = lower[separator.upperBound...]
        guard !scheme.isEmpty, !authority.isEmpty, !authority.contains(where: { "/?#@ ".contains($0) }) else {
            return nil
        }
        self.authority = Self.withoutStandardPort(String(authority), scheme: scheme)
    }

    var description: String { "\(scheme)://\(authority)" }

    /// Whether the page came from the server that the request with this `Host` header reached. The scheme is left out
    /// of the comparison: behind a proxy that ends TLS this server does not see it.
    func isSame(asHost host: String) -> Bool {
        authority == Self.withoutStandardPort(host.lowercased(), scheme: scheme)
    }

    private static func withoutStandardPort(_ authority: String, scheme: String) -> String {
        let standard = scheme == "https" ? ":443" : ":80"
        return authority.hasSuffix(standard) ? String(authority.dropLast(standard.count)) : authority
    }
}
