import XOPluginAPI

extension Provider {
    /// How many people GitHub is asked about at the same time.
    private static let width = 8
    /// The host waits for 30 s; what was found out by then is kept for the next time.
    private static let longest = Duration.seconds(25)

    /// Who these are now, by the tokens that were kept when they signed in.
    func lookUp(_ people: [AuthPerson]) async throws -> [AuthStanding] {
        let configuration = configuration
        guard let interval = configuration.recheckInterval else { throw AuthRefusal.unsupported }
        let flow = flow(configuration, deadline: .now + Self.longest)
        let subjects = try await subjects(of: people)
        return try await refusing {
            try await withThrowingTaskGroup(of: (Int, AuthStanding).self) { group in
                var standings = [AuthStanding](repeating: .gone, count: people.count)
                var waiting = subjects.enumerated().makeIterator()
                func addNext() {
                    guard let (index, subject) = waiting.next() else { return }
                    group.addTask { [self] in
                        guard let subject else { return (index, .gone) }
                        let standing = try await rechecks.result(for: subject) { [self] in
                            try await recheck(subject, flow, interval)
                        }
                        return (index, standing)
                    }
                }
                for _ in 0..<Self.width { addNext() }
                while let (index, standing) = try await group.next() {
                    standings[index] = standing
                    addNext()
                }
                return standings
            }
        }
    }

    private func subjects(of people: [AuthPerson]) async throws -> [String?] {
        let hasNames = people.contains { if case .name = $0 { true } else { false } }
        let known = hasNames ? try await tokens.all() : []
        return people.map { person in
            switch person {
            case .subject(let subject): subject
            case .name(let name):
                known.first { $0.person.login.lowercased() == name.lowercased() }?.subject
            }
        }
    }

    private func recheck(_ subject: String, _ flow: WebFlow, _ minutes: Double) async throws -> AuthStanding {
        var (found, change) = try await tokens.token(of: subject)
        // Of somebody who has not signed in since tokens are kept, nothing can be said.
        guard var kept = found else { return .unclear }
        let source = flow.configuration.groupsFrom
        let now = WallClock.milliseconds
        guard kept.checked > now || Double(now - kept.checked) >= minutes * 60_000 else {
            return .present(kept.person.voucher(groupsFrom: source))
        }
        do {
            if let expires = kept.token.expires, expires <= now + 60_000 {
                guard let refreshToken = kept.token.refreshToken else { throw GitHubProblem.tokenRevoked }
                kept.token = try await flow.refreshed(refreshToken)
                // The one that was used is no longer good.
                guard let next = try await tokens.replace(kept, since: change) else {
                    giveBack(kept.token)
                    return try await newest(of: subject, source)
                }
                change = next
            }
            let person = try await examine(kept.token, flow)
            guard String(person.id) == subject else { throw GitHubProblem.tokenRevoked }
            let checked = KeptTokens.Kept(token: kept.token, person: person, checked: now)
            guard try await tokens.replace(checked, since: change) != nil else {
                return try await newest(of: subject, source)
            }
            return .present(person.voucher(groupsFrom: source))
        } catch GitHubProblem.tokenRevoked {
            guard try await tokens.forget(subject, since: change) else { return try await newest(of: subject, source) }
            return .gone
        } catch AuthRefusal.denied {
            guard try await tokens.forget(subject, since: change) else { return try await newest(of: subject, source) }
            giveBack(kept.token)
            return .gone
        } catch GitHubProblem.withheld(let reason), GitHubProblem.rateLimited(let reason),
            GitHubProblem.refused(_, let reason), AuthRefusal.unavailable(let reason)
        {
            // It says nothing of the person, and must not keep others from being looked up.
            note(kept, reason)
            return .present(kept.person.voucher(groupsFrom: source))
        }
    }

    /// The person has signed in while GitHub was asked by the token from before: that was said later.
    private func newest(of subject: String, _ source: Configuration.GroupSource) async throws -> AuthStanding {
        try await tokens.token(of: subject).kept.map { .present($0.person.voucher(groupsFrom: source)) } ?? .unclear
    }
}
