/// What stands under `configuration` in `plugins.json`; ``schema`` describes it, and the host fills in its defaults.
struct Configuration: Decodable, Sendable {
    /// Where people's teams and organisations become groups.
    enum GroupSource: String, Decodable, Sendable {
        case teams, organizations, both, none

        var includesTeams: Bool { self == .teams || self == .both }
        var includesOrganizations: Bool { self == .organizations || self == .both }
    }

    var label: String
    var clientId: String
    var clientSecret: String
    var baseUrl: ServerAddress
    /// Under which it was known before it was renamed.
    var formerBaseUrl: ServerAddress?
    /// Files, or PEM texts; empty: the system's.
    var certificateAuthorities: [String]
    var allow: AllowList
    var allowAnyone: Bool
    var allowSignup: Bool
    var requireVerifiedEmail: Bool
    var groupsFrom: GroupSource
    /// Minutes; `nil`: tokens are not kept.
    var recheckInterval: Double?
    /// Seconds.
    var callTimeout: Double
    var signInTimeout: Double

    /// What one list must say beside what its schema can.
    ///
    /// - Throws: ``ConfigurationError``.
    func check() throws {
        if allowAnyone && !allow.isEmpty {
            throw ConfigurationError(
                description:
                    "allowAnyone lets everybody in who has an account at \(baseUrl.web), so the lists under allow "
                    + "mean nothing; remove one of the two")
        }
        guard callTimeout <= signInTimeout else {
            throw ConfigurationError(
                description:
                    "callTimeout (\(callTimeout) s) is longer than signInTimeout (\(signInTimeout) s), which is "
                    + "for all calls of a sign-in together; make it shorter")
        }
    }

    /// What is asked of the person, besides who it is. GitHub Apps pass over it: they have permissions instead.
    var scopes: [String] {
        var scopes = ["user:email"]
        if needsMemberships { scopes.append("read:org") }
        return scopes
    }

    var needsMemberships: Bool { needsOrganizations || needsTeams }
    var needsOrganizations: Bool { !allow.organizations.isEmpty || groupsFrom.includesOrganizations }
    var needsTeams: Bool { !allow.teams.isEmpty || groupsFrom.includesTeams }
}

/// A configuration that cannot be applied: what is wrong, where, and what to do.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String
}
