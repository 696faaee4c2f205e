import XOPluginAPI

/// The way from a name and a password to a voucher, at one server.
struct SignIn {
    private let session: Session
    private let log: Log
    private let search: PersonSearch

    init(_ session: Session, _ log: Log) {
        self.session = session
        self.log = log
        search = PersonSearch(session)
    }

    /// - Throws: `AuthRefusal`, or `DirectoryFailure` for trouble.
    func authenticate(_ name: String, _ password: Secret) throws -> Voucher {
        let entry = try theirs(try candidates(name), password)
        if let reason = AccountState.closed(entry) { throw AuthRefusal.denied("\(entry.dn): \(reason)") }
        return try voucher(entry)
    }

    /// The entries that may be meant.
    private func candidates(_ name: String) throws -> [Entry] {
        let found = try search.named(name)
        guard !found.entries.isEmpty else { throw AuthRefusal.notMine }
        let isOne = found.entries.count == 1 && !found.isIncomplete
        guard isOne || session.settings.people.onMultiple == .tryEach else {
            let names = found.entries.map { Printable.text($0.dn) }.joined(separator: "; ")
            throw AuthRefusal.denied("the name fits several entries, which onMultiple refuses: \(names)")
        }
        return found.entries
    }

    /// The first entry whose password it is.
    private func theirs(_ entries: [Entry], _ password: Secret) throws -> Entry {
        var reasons: [String] = []
        for entry in entries {
            // Before the password is sent anywhere.
            _ = try search.subject(entry)
            guard !entry.dn.isEmpty else { continue }
            let answer = try session.bind(entry, password)
            switch BindVerdict(answer, server: session.server.uri) {
            case .comesIn: return entry
            case .refused(let reason): reasons.append("\(Printable.text(entry.dn)): \(reason)")
            case .trouble(let failure): throw failure
            }
        }
        throw AuthRefusal.denied(reasons.joined(separator: "; "))
    }

    /// What is known of somebody who may come in.
    private func voucher(_ entry: Entry) throws -> Voucher {
        var voucher = try search.voucher(entry)
        guard let settings = session.settings.groups else { return voucher }
        let required = session.settings.requiredGroups
        do {
            let groups = try GroupSearch.groups(of: entry, settings, session)
            guard required.isEmpty || groups.contains(where: { required.contains($0.name) }) else {
                throw AuthRefusal.denied("\(Printable.text(entry.dn)) is in none of requireGroups")
            }
            voucher.groups = groups.map(\.voucher)
        } catch let refusal as AuthRefusal {
            throw refusal
        } catch {
            // Who may come in depends on them: this is trouble, then.
            guard required.isEmpty else { throw error }
            voucher.areGroupsKnown = false
            log.warning(
                "The groups of a person could not be read; the sign-in goes on without.",
                ["person": .string(Printable.text(entry.dn)), "reason": .string("\(error)")])
        }
        return voucher
    }

    // MARK: Who are these now?

    private static let subjectsPerSearch = 100

    func lookUp(_ people: [AuthPerson]) throws -> [AuthStanding] {
        let subjects = Set(people.compactMap { if case .subject(let subject) = $0 { subject } else { nil } })
        let (bySubject, areAllClear) = try self.bySubject(subjects)
        return try people.map { person in
            switch person {
            case .subject(let subject):
                guard let entry = bySubject[subject] else { return areAllClear ? .gone : .unclear }
                return try standing(of: entry)
            case .name(let name):
                guard PersonSearch.isPossibleName(name) else { return .gone }
                let found = try search.named(name)
                guard found.entries.count == 1, !found.isIncomplete else { return .gone }
                return try standing(of: found.entries[0])
            }
        }
    }

    /// - Returns: the entries, and whether it is clear whose all of them are: if not, one that is missing may be there.
    private func bySubject(_ subjects: Set<String>) throws -> (entries: [String: Entry], areAllClear: Bool) {
        var entries: [String: Entry] = [:]
        var areAllClear = true
        var ambiguous: Set<String> = []
        var rest = Array(subjects)[...]
        while !rest.isEmpty {
            let part = rest.prefix(SignIn.subjectsPerSearch)
            rest = rest.dropFirst(part.count)
            for entry in try search.identified(part) {
                guard let subject = try? search.subject(entry) else {
                    areAllClear = false
                    continue
                }
                if entries.updateValue(entry, forKey: subject) != nil { ambiguous.insert(subject) }
            }
        }
        if let one = ambiguous.first {
            throw DirectoryFailure(
                kind: .misconfigured, phase: .search, server: session.server.uri,
                text: "several entries have the userIdAttribute \(Printable.text(one)), so it is no id")
        }
        return (entries, areAllClear)
    }

    /// Gone is also who may not come in any more. Whoever is closed is told even when time is short; trouble with one
    /// keeps nobody else from being looked after.
    private func standing(of entry: Entry) throws -> AuthStanding {
        guard AccountState.closed(entry) == nil else { return .gone }
        guard session.deadline.timeLeft > session.settings.timeouts.total / 10 else { return .unclear }
        do {
            return .present(try voucher(entry))
        } catch AuthRefusal.denied {
            return .gone
        } catch let failure as DirectoryFailure where failure.kind == .interrupted {
            throw failure
        } catch {
            log.warning(
                "A person cannot be looked up; what was known stays.",
                ["person": .string(Printable.text(entry.dn)), "reason": .string("\(error)")])
            return .unclear
        }
    }

    // MARK: Trying it out

    /// What a sign-in would find. Without a password nothing is bound.
    func rehearse(_ name: String, _ password: Secret?) throws -> JSON {
        let entry: Entry
        if let password {
            entry = try theirs(try candidates(name), password)
        } else {
            entry = try candidates(name)[0]
        }
        if let reason = AccountState.closed(entry) { throw AuthRefusal.denied(reason) }
        let voucher = try voucher(entry)
        var members: JSONObject = [
            "dn": .string(entry.dn), "subject": .string(voucher.subject), "name": .string(voucher.name),
        ]
        members["email"] = voucher.email.map(JSON.string)
        members["displayName"] = voucher.displayName.map(JSON.string)
        members["groups"] =
            voucher.areGroupsKnown
            ? .array(voucher.groups.map { ["id": .string($0.id), "name": .string($0.name)] }) : .null
        members["attributes"] = .object(
            JSONObject(uniqueKeysWithValues: voucher.attributes.map { ($0.key, JSON($0.value)) }))
        return .object(members)
    }
}
