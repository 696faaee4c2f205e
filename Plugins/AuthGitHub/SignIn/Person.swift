import XOPluginAPI

/// What GitHub knows of somebody.
struct Person: Sendable, Codable {
    struct Organization: Sendable, Codable, Hashable {
        let id: Int64
        let login: String
        /// An invitation is none.
        let isMember: Bool
        let isOwner: Bool
    }

    struct Team: Sendable, Codable, Hashable {
        let id: Int64
        /// `organization/slug`
        let name: String
    }

    /// Never changes, and never passes to another account.
    let id: Int64
    /// What the person is called now; somebody else may have it later.
    let login: String
    let name: String?
    /// The primary address, if it is verified.
    let verifiedEmail: String?
    let organizations: [Organization]
    let teams: [Team]
    /// Organisations of which GitHub does not tell, because they demand single sign-on.
    let withheld: [Int64]
    /// Whether the person lets this app see memberships.
    let showsMemberships: Bool

    /// - Parameter source: what becomes a group.
    func voucher(groupsFrom source: Configuration.GroupSource) -> Voucher {
        let member = organizations.filter(\.isMember)
        var voucher = Voucher(subject: String(id), name: login)
        voucher.displayName = name
        voucher.email = verifiedEmail
        voucher.isEmailVerified = verifiedEmail != nil
        if source.includesOrganizations {
            voucher.groups += member.map { Voucher.Group(id: "organization:\($0.id)", name: $0.login) }
        }
        if source.includesTeams {
            voucher.groups += teams.map { Voucher.Group(id: "team:\($0.id)", name: $0.name) }
        }
        voucher.attributes = [
            "organizations": member.map(\.login), "ownedOrganizations": member.filter(\.isOwner).map(\.login),
            "teams": teams.map(\.name),
        ].filter { !$0.value.isEmpty }
        return voucher
    }
}
