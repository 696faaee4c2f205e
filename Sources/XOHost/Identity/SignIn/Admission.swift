import FoundationEssentials
import GRDB
import XOJSON

/// Turns what a provider vouches for into a user of this host.
///
/// Who the person is here depends on (provider, subject) alone: a name never makes two people one, unless the rules say
/// so (`link`), and then never for an administrator. All functions block.
struct Admission: Sendable {
    /// Why somebody for whom a provider vouches does not come in; for the log and the administrator.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// What it comes to.
    struct Outcome: Sendable {
        let user: User
        /// What has changed here, for the log; empty: nothing.
        let changes: [String]
    }

    let services: Services

    /// - Throws: ``Refusal``; ``StoreError``.
    func admit(_ voucher: Voucher, by provider: String, _ rules: IdentityRules) throws -> Outcome {
        let earlier = try services.links.find(provider: provider, subject: voucher.subject)?.voucher
        let voucher = try voucher.completed(by: earlier ?? [:])
        let mapped = rules.map(voucher)
        guard mapped.isAllowed else {
            throw Refusal(description: "no rule of the provider \(provider) with `allow` matches \(voucher.name)")
        }
        var changes: [String] = []
        let user = try services.store.write { database in
            let known = try String.fetchOne(
                database, sql: "SELECT userID FROM link WHERE provider = ? AND subject = ?",
                arguments: [provider, voucher.subject])
            let id: String
            if let known {
                id = known
            } else {
                (id, changes) = try firstSight(of: voucher, named: mapped.name, by: provider, rules, in: database)
            }
            try Links.set(
                provider: provider, subject: voucher.subject, userID: id, voucher: voucher.json, in: database)
            changes += try update(id, mapped, in: database)
            guard let user = try Users.find(id, in: database) else { throw UserError.noSuchUser(id) }
            return user
        }
        let moves = try services.groups.setGroups(
            of: user.id, provider: provider, mapped.groups.map { ($0.id, $0.name) })
        if !moves.isEmpty {
            changes.append(
                "\(user.name) joined \(moves.joined.count) groups of \(provider) and left \(moves.left.count)")
        }
        return Outcome(user: try services.users.find(id: user.id) ?? user, changes: changes)
    }

    /// Who a person becomes that comes for the first time.
    private func firstSight(
        of voucher: Voucher, named name: String, by provider: String, _ rules: IdentityRules, in database: Database
    ) throws -> (id: String, changes: [String]) {
        if let found = try Admission.namesake(of: voucher, named: name, rules, in: database) {
            let isLinked =
                try Bool.fetchOne(
                    database, sql: "SELECT EXISTS (SELECT * FROM link WHERE userID = ?)", arguments: [found.id])
                ?? false
            guard found.permission != .admin, !isLinked else {
                throw Refusal(
                    description:
                        "the user \(found.name) is \(isLinked ? "linked already" : "an administrator"), and is "
                        + "linked by an administrator only: xo-cli user.addAuthProvider id=\(found.id) "
                        + "authProvider=\(provider) subject=\(ShellWord.quoted(voucher.subject))")
            }
            return (found.id, ["linked \(found.name) to \(provider)"])
        }
        if let holder = try Users.find(name: name, in: database) {
            throw Refusal(
                description: "the name \(name) is another user's; if it is the same person, link the two: xo-cli "
                    + "user.addAuthProvider id=\(holder.id) authProvider=\(provider) "
                    + "subject=\(ShellWord.quoted(voucher.subject))")
        }
        guard rules.creates else {
            throw Refusal(
                description: "\(name) is no user here, and the provider \(provider) makes none (create: false)")
        }
        let user = User(
            id: UUID().uuidString.lowercased(), name: name, permission: .none, preferences: [:],
            createdAt: WallClock.now())
        do {
            try Users.check(name: name)
        } catch {
            throw Refusal(description: "\(provider) names somebody whom no user can be named after: \(error)")
        }
        try Users.insert(user, passwordHash: nil, in: database)
        return (user.id, ["created \(name)"])
    }

    private static func namesake(
        of voucher: Voucher, named name: String, _ rules: IdentityRules, in database: Database
    ) throws -> User? {
        switch rules.linking {
        case .never: nil
        case .byName: try Users.find(name: name, in: database)
        case .byVerifiedEmail:
            try voucher.isEmailVerified ? voucher.email.flatMap { try Users.find(name: $0, in: database) } : nil
        }
    }

    /// What ``admit(_:by:_:)`` would change of a user whom it knows.
    static func plannedChanges(
        of user: User, to mapped: MappedIdentity, of provider: String, _ services: Services
    ) throws -> [String] {
        var changes: [String] = []
        if try services.store.read({ try canRename(user, to: mapped.name, in: $0) }) {
            changes.append("would be renamed to \(mapped.name)")
        }
        if let permission = mapped.permission, permission != user.permission {
            changes.append("would have the permission \(permission.rawValue) in place of \(user.permission.rawValue)")
        }
        let present = try services.groups.all().filter {
            $0.origin?.provider == provider && $0.members.contains(user.id)
        }
        for group in mapped.groups where !present.contains(where: { $0.origin?.id == group.id }) {
            changes.append("would join the group \(group.name)")
        }
        for group in present where !mapped.groups.contains(where: { $0.id == group.origin?.id }) {
            changes.append("would leave the group \(group.name)")
        }
        return changes
    }

    /// Whether the name is another one, can be one, and is nobody else's.
    private static func canRename(_ user: User, to name: String, in database: Database) throws -> Bool {
        guard user.name != name, SubjectName.problem(of: name) == nil else { return false }
        return try Users.find(name: name, in: database).map { $0.id == user.id } ?? true
    }

    /// Gives the user the name and the permission that the rules say.
    private func update(_ id: String, _ mapped: MappedIdentity, in database: Database) throws -> [String] {
        guard let user = try Users.find(id, in: database) else { return [] }
        var changes: [String] = []
        if try Admission.canRename(user, to: mapped.name, in: database) {
            try database.execute(
                sql: "UPDATE user SET name = ?, nameKey = ? WHERE id = ?",
                arguments: [mapped.name, User.key(of: mapped.name), id])
            changes.append("renamed \(user.name) to \(mapped.name)")
        }
        if let permission = mapped.permission, permission != user.permission {
            do {
                if permission != .admin { try Users.requireOtherAdministrator(than: id, in: database) }
                try database.execute(
                    sql: "UPDATE user SET permission = ? WHERE id = ?", arguments: [permission.rawValue, id])
                changes.append("gave \(mapped.name) the permission \(permission.rawValue)")
            } catch let error as UserError {
                changes.append("left \(mapped.name) the permission admin: \(error)")
            }
        }
        return changes
    }
}
