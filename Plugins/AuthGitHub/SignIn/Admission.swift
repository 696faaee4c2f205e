import XOPluginAPI

/// Decides whether a person may come in.
struct Admission: Sendable {
    let configuration: Configuration
    let names: KnownNames
    let client: GitHubClient

    /// What an entry of an allow-list may stand for.
    private struct Candidate {
        let id: Int64
        /// In lower case.
        let name: String
    }

    /// How many organisations are asked about one by one.
    private static let maximumQuestions = 5

    /// - Throws: ``AuthRefusal`` if the person may not; its text says why.
    func admit(_ person: Person, _ token: AccessToken) async throws {
        if configuration.requireVerifiedEmail && person.verifiedEmail == nil {
            throw AuthRefusal.denied(
                "\(person.login) has no verified primary e-mail address at GitHub, or does not show it; "
                    + "requireVerifiedEmail demands one")
        }
        if configuration.allowAnyone { return }
        if try await isListed(person) { return }
        try await explain(person, token)
    }

    private func isListed(_ person: Person) async throws -> Bool {
        let allow = configuration.allow
        let user = [Candidate(id: person.id, name: person.login.lowercased())]
        if try await contains(allow.users, .user, user) { return true }
        let organizations = person.organizations.filter(\.isMember).map {
            Candidate(id: $0.id, name: $0.login.lowercased())
        }
        if try await contains(allow.organizations, .organization, organizations) { return true }
        let teams = person.teams.map { Candidate(id: $0.id, name: $0.name.lowercased()) }
        return try await contains(allow.teams, .team, teams)
    }

    /// Whether one of the entries stands for one of the candidates.
    private func contains(
        _ entries: [AllowList.Entry], _ kind: KnownNames.Kind, _ candidates: [Candidate]
    ) async throws -> Bool {
        for entry in entries {
            var wanted = entry.id
            if wanted == nil { wanted = try await names.id(of: entry.name, kind) }
            if wanted == nil, let bearer = candidates.first(where: { $0.name == entry.name }) {
                wanted = try await names.remember(entry.name, kind, as: bearer.id)
            }
            if candidates.contains(where: { $0.id == wanted }) { return true }
        }
        return false
    }

    // MARK: Why not

    /// Throws the reason why somebody is not let in, which may be that GitHub does not tell.
    private func explain(_ person: Person, _ token: AccessToken) async throws -> Never {
        let who = "\(person.login) (id:\(person.id))"
        if configuration.allow.isEmpty {
            throw AuthRefusal.denied("nobody is let in: the lists under allow are empty; \(who) has tried")
        }
        let needsMemberships = !configuration.allow.organizations.isEmpty || !configuration.allow.teams.isEmpty
        if needsMemberships && !person.showsMemberships {
            throw AuthRefusal.denied("\(who) does not let this app see memberships (scope read:org)")
        }
        for entry in configuration.allow.organizations {
            let id = try await number(of: entry, .organization)
            if let id, person.withheld.contains(id) { throw withheld(entry.description) }
            if person.organizations.contains(where: {
                !$0.isMember && ($0.id == id || $0.login.lowercased() == entry.name)
            }) {
                throw AuthRefusal.denied("\(who) is invited to \(entry), but has not accepted yet")
            }
        }
        // What an organisation hides from this app is missing in the lists; asked for by name, it says why.
        for name in organizationNames.prefix(Self.maximumQuestions)
        where !person.organizations.contains(where: { $0.login.lowercased() == name }) {
            let path = "/user/memberships/orgs/\(FormText.escape(name))"
            let answer = try await client.get(path, token: token.value, accepting: [200, 404])
            guard answer.status == 200, let found = Person.Organization(try client.json(of: answer, path)) else {
                continue
            }
            if person.withheld.contains(found.id) { throw withheld(name) }
        }
        if let other = try await bearerOfKnownName(person) {
            throw AuthRefusal.denied(
                "\(who) comes by the name of \(other), which stood for another number when it was first met here; take "
                    + "the name out of the configuration and put it in again if it has rightly changed hands")
        }
        throw AuthRefusal.denied("\(who) is neither listed under allow, nor in an organisation or team that is")
    }

    private func withheld(_ organization: String) -> AuthRefusal {
        .unavailable(
            "GitHub does not tell who is in \(organization): it demands single sign-on (SAML); the person has to authorise "
                + "this app there first")
    }

    private func number(of entry: AllowList.Entry, _ kind: KnownNames.Kind) async throws -> Int64? {
        if let id = entry.id { return id }
        return try await names.id(of: entry.name, kind)
    }

    /// Those that are named, also by their teams.
    private var organizationNames: [String] {
        let named = configuration.allow.organizations.filter { $0.id == nil }.map(\.name)
        let ofTeams = configuration.allow.teams.compactMap { $0.name.split(separator: "/").first.map(String.init) }
        return (named + ofTeams).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// An entry whose name the person, an organisation or a team has now, and somebody else had before.
    private func bearerOfKnownName(_ person: Person) async throws -> String? {
        for entry in configuration.allow.users where entry.id == nil && entry.name == person.login.lowercased() {
            return entry.description
        }
        for entry in configuration.allow.organizations
        where person.organizations.contains(where: { $0.isMember && $0.login.lowercased() == entry.name }) {
            return entry.description
        }
        for entry in configuration.allow.teams
        where person.teams.contains(where: { $0.name.lowercased() == entry.name }) { return entry.description }
        return nil
    }
}
