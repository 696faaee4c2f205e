import XOPluginAPI

extension Provider {
    /// How many people GitHub is asked about at the same time.
    private static let width = 8
    /// The host waits for 30 s; what was found out by then is kept for the next time.
    private static let longest = Duration.seconds(25)

    /// Who these are now, by the tokens that were kept when they signed in.
    func lookUp(_ people: [AuthPerson]) async throws -> [Voucher?] {
        let configuration = configuration
        guard let interval = configuration.recheckInterval else { throw AuthRefusal.unsupported }
        let flow = flow(configuration, deadline: .now + Self.longest)
        let subjects = try await subjects(of: people)
        return try await refusing {
            try await withThrowingTaskGroup(of: (Int, Voucher?).self) { group in
                var vouchers = [Voucher?](repeating: nil, count: people.count)
                var waiting = subjects.enumerated().makeIterator()
                func addNext() {
                    guard let (index, subject) = waiting.next() else { return }
                    group.addTask { [self] in
                        guard let subject else { return (index, nil) }
                        return (index, try await recheck(subject, flow, interval))
                    }
                }
                for _ in 0..<Self.width { addNext() }
                while let (index, voucher) = try await group.next() {
                    vouchers[index] = voucher
                    addNext()
                }
                return vouchers
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
                known.first { $0.person.login.lowercased() == name.lowercased() }.map { String($0.person.id) }
            }
        }
    }

    private func recheck(_ subject: String, _ flow: WebFlow, _ minutes: Double) async throws -> Voucher? {
        // Nobody who has signed in since tokens are kept; or somebody who was found to be gone.
        guard var kept = try await tokens.token(of: subject) else { return nil }
        let source = flow.configuration.groupsFrom
        let now = WallClock.milliseconds
        guard kept.checked > now || Double(now - kept.checked) >= minutes * 60_000 else {
            return kept.person.voucher(groupsFrom: source)
        }
        do {
            if let expires = kept.token.expires, expires <= now + 60_000 {
                guard let refreshToken = kept.token.refreshToken else { throw GitHubProblem.tokenRevoked }
                kept.token = try await flow.refreshed(refreshToken)
                // The one that was used is no longer good.
                try await tokens.keep(kept)
            }
            let person = try await examine(kept.token, flow)
            guard String(person.id) == subject else { throw GitHubProblem.tokenRevoked }
            try await tokens.keep(KeptTokens.Kept(token: kept.token, person: person, checked: now))
            return person.voucher(groupsFrom: source)
        } catch GitHubProblem.tokenRevoked {
            try await tokens.forget(subject)
            return nil
        } catch AuthRefusal.denied {
            giveBack(kept.token)
            try await tokens.forget(subject)
            return nil
        } catch GitHubProblem.withheld(let reason), GitHubProblem.rateLimited(let reason),
            GitHubProblem.refused(_, let reason), AuthRefusal.unavailable(let reason)
        {
            // It says nothing of the person, and must not keep others from being looked up.
            note(kept, reason)
            return kept.person.voucher(groupsFrom: source)
        }
    }
}
