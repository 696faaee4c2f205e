import XOJSON
import XOPluginAPI

extension Person {
    /// Asks who the bearer of a token is, and what else the configuration wants to know.
    ///
    /// - Throws: ``AuthRefusal``, ``GitHubProblem``.
    static func read(_ token: AccessToken, _ client: GitHubClient, _ configuration: Configuration) async throws
        -> Person
    {
        // Asked anew each time: the browser may be signed in to another account than before.
        let answer = try await client.get("/user", token: token.value)
        let user = try client.json(of: answer, "/user")
        guard let id = identifier(user["id"]), let login = text(user["login"]) else {
            throw GitHubProblem.notUnderstood("/user is answered without a number and a name")
        }
        guard user["type"] == "User" else {
            throw AuthRefusal.denied(
                "\(login) is no person, but of type \(ForeignText.clean("\(user["type"] ?? .null)"))")
        }
        let showsMemberships = token.covers("read:org", "write:org", "admin:org")
        async let email = verifiedEmail(token, client)
        async let organizations =
            showsMemberships && configuration.needsOrganizations
            ? organizations(token, client) : (entries: [], withheld: [])
        async let teams =
            showsMemberships && configuration.needsTeams ? teams(token, client) : (entries: [], withheld: [])
        return try await Person(
            id: id, login: login, name: text(user["name"]), verifiedEmail: email, organizations: organizations.entries,
            teams: teams.entries, withheld: organizations.withheld + teams.withheld, showsMemberships: showsMemberships)
    }

    private static func verifiedEmail(_ token: AccessToken, _ client: GitHubClient) async throws -> String? {
        guard token.covers("user:email", "user") else { return nil }
        do {
            return try await client.list("/user/emails", token: token.value).entries
                .first { $0["primary"] == true && $0["verified"] == true }?["email"]?.string
        } catch GitHubProblem.refused(status: 403...404, _) {
            // A GitHub App without the permission.
            return nil
        }
    }

    private static func organizations(
        _ token: AccessToken, _ client: GitHubClient
    ) async throws -> (entries: [Organization], withheld: [Int64]) {
        let list = try await client.list("/user/memberships/orgs", token: token.value)
        return (list.entries.compactMap(Organization.init), list.withheld)
    }

    private static func teams(
        _ token: AccessToken, _ client: GitHubClient
    ) async throws -> (entries: [Team], withheld: [Int64]) {
        let list = try await client.list("/user/teams", token: token.value)
        var teams: [Team] = []
        for entry in list.entries {
            // Who is in a team is in the one above it, too.
            for json in [entry, entry["parent"] ?? .null] {
                guard let team = Team(json, organization: entry["organization"]), !teams.contains(team) else {
                    continue
                }
                teams.append(team)
            }
        }
        return (teams, list.withheld)
    }

    fileprivate static func identifier(_ json: JSON?) -> Int64? { json?.integer.flatMap { $0 > 0 ? $0 : nil } }

    fileprivate static func text(_ json: JSON?) -> String? {
        json?.string.flatMap { (1...256).contains($0.utf8.count) ? $0 : nil }
    }
}

extension Person.Organization {
    /// Of an answer about a membership; `nil` if it is none.
    init?(_ json: JSON) {
        guard let id = Person.identifier(json["organization"]?["id"]),
            let login = Person.text(json["organization"]?["login"])
        else { return nil }
        (self.id, self.login) = (id, login)
        isMember = json["state"] == "active"
        isOwner = json["role"] == "admin"
    }
}

extension Person.Team {
    fileprivate init?(_ json: JSON, organization: JSON?) {
        guard let id = Person.identifier(json["id"]), let slug = Person.text(json["slug"]),
            let organization = Person.text(organization?["login"])
        else { return nil }
        self.id = id
        name = "\(organization)/\(slug)"
    }
}
