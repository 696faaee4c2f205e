import XOJSON

/// What GitHub gives out for a person: a key to the API, for a time.
struct AccessToken: Sendable, Codable {
    var value: String
    /// Of GitHub Apps whose tokens expire: what another one is had for.
    var refreshToken: String?
    /// Milliseconds since 1970; `nil`: for as long as nobody revokes it.
    var expires: Int64?
    /// Those of an OAuth App; `nil` for a GitHub App, which has permissions instead.
    var scopes: [String]?

    /// Reads the answer of the token's address.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Returns: `nil` if it is none.
    init?(_ json: JSON, now: Int64) {
        guard let value = json["access_token"]?.string, Self.isFitForHeader(value),
            json["token_type"]?.string?.lowercased() == "bearer"
        else { return nil }
        self.value = value
        refreshToken = json["refresh_token"]?.string
        expires = json["expires_in"]?.integer.flatMap { (1...1_000_000_000).contains($0) ? now + $0 * 1000 : nil }
        let isOfGitHubApp = value.hasPrefix("ghu_")
        let scope = json["scope"]?.string ?? ""
        scopes = isOfGitHubApp ? nil : scope.split { $0 == "," || $0 == " " }.map(String.init)
    }

    /// Whether it lets this app see what one of these scopes is for.
    func covers(_ oneOf: String...) -> Bool { scopes.map { $0.contains(where: oneOf.contains) } ?? true }

    /// It becomes part of a header, which must not end in the middle of it.
    private static func isFitForHeader(_ value: String) -> Bool {
        (1...1024).contains(value.utf8.count) && value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
