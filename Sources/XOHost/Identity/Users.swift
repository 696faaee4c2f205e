import FoundationEssentials
import GRDB
import XOJSON

/// The users, in the store. All functions block; all changes are on the disk when they return.
struct Users: Sendable {
    static let maximumNameSize = 255
    static let maximumPreferencesSize = 64 * 1024

    private let store: Store
    let passwords: PasswordHash

    private let minimumPasswordLength: Int

    /// - Parameter minimumPasswordLength: characters that a new password has at least.
    init(_ store: Store, passwords: PasswordHash, minimumPasswordLength: Int) {
        self.store = store
        self.passwords = passwords
        self.minimumPasswordLength = minimumPasswordLength
    }

    // MARK: Finding

    func all() throws -> [User] {
        try store.read { database in
            try Row.fetchAll(database, sql: "SELECT \(User.columns) FROM user ORDER BY nameKey").map(User.init(row:))
        }
    }

    func count() throws -> Int {
        try store.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM user") ?? 0 }
    }

    func find(id: String) throws -> User? {
        try store.read { try Users.find(id, in: $0) }
    }

    /// Upper and lower case are the same.
    func find(name: String) throws -> User? {
        try credentials(of: name)?.user
    }

    /// The user of that name and the hash of the password, `nil` for one who has none.
    func credentials(of name: String) throws -> (user: User, passwordHash: String?)? {
        let row = try store.read { database in
            try Row.fetchOne(
                database, sql: "SELECT \(User.columns), passwordHash FROM user WHERE nameKey = ?",
                arguments: [User.key(of: name)])
        }
        return row.map { (User(row: $0), $0["passwordHash"]) }
    }

    // MARK: Changing

    /// - Parameter onlyFirst: create nothing and return `nil` if there is a user already.
    func create(
        name: String, password: String, permission: Permission = .none, onlyFirst: Bool
    ) throws -> User? {
        try Users.check(name: name)
        // Whoever starts the host for the first time chooses freely.
        try check(password: password, minimum: onlyFirst ? 1 : minimumPasswordLength)
        // Takes its time, so before the transaction.
        let hash = try passwords.hash(password)
        let user = User(
            id: UUID().uuidString.lowercased(), name: name, permission: permission, preferences: [:],
            createdAt: WallClock.now())
        return try store.write { database in
            if onlyFirst, try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT * FROM user)") ?? false {
                return nil
            }
            try Users.requireFree(name, for: user.id, in: database)
            try Users.insert(user, passwordHash: hash, in: database)
            return user
        }
    }

    @discardableResult
    func create(name: String, password: String, permission: Permission = .none) throws -> User {
        guard let user = try create(name: name, password: password, permission: permission, onlyFirst: false) else {
            throw UserError.nameTaken(name)
        }
        return user
    }

    func setPassword(_ password: String, of id: String) throws {
        try check(password: password, minimum: minimumPasswordLength)
        let hash = try passwords.hash(password)
        try store.write { database in
            try database.execute(sql: "UPDATE user SET passwordHash = ? WHERE id = ?", arguments: [hash, id])
            if database.changesCount == 0 { throw UserError.noSuchUser(id) }
        }
    }

    func setName(_ name: String, of id: String) throws {
        try Users.check(name: name)
        try store.write { database in
            try Users.requireFree(name, for: id, in: database)
            try database.execute(
                sql: "UPDATE user SET name = ?, nameKey = ? WHERE id = ?", arguments: [name, User.key(of: name), id])
            if database.changesCount == 0 { throw UserError.noSuchUser(id) }
        }
    }

    /// - Throws: ``UserError/lastAdministrator(_:)`` if nobody else could administer the host afterwards.
    func setPermission(_ permission: Permission, of id: String) throws {
        try store.write { database in
            if permission != .admin { try Users.requireOtherAdministrator(than: id, in: database) }
            try database.execute(
                sql: "UPDATE user SET permission = ? WHERE id = ?", arguments: [permission.rawValue, id])
            if database.changesCount == 0 { throw UserError.noSuchUser(id) }
        }
    }

    /// Merges `changes` into the preferences, member by member; null removes one.
    func setPreferences(_ changes: JSONObject, of id: String) throws {
        try store.write { database in
            guard let user = try Users.find(id, in: database) else { throw UserError.noSuchUser(id) }
            var preferences = user.preferences
            for (key, value) in changes {
                if value.isNull { preferences.removeValue(forKey: key) } else { preferences[key] = value }
            }
            let text = JSON.object(preferences).serialized()
            guard text.count <= Users.maximumPreferencesSize else {
                throw UserError.invalidPreferences("\(text.count) bytes, at most \(Users.maximumPreferencesSize)")
            }
            try database.execute(
                sql: "UPDATE user SET preferences = ? WHERE id = ?",
                arguments: [String(decoding: text, as: UTF8.self), id])
        }
    }

    /// Deletes the user and the user's tokens.
    ///
    /// - Throws: ``UserError/lastAdministrator(_:)`` if nobody else could administer the host afterwards.
    func delete(id: String) throws {
        try store.write { database in
            try Users.requireOtherAdministrator(than: id, in: database)
            try database.execute(sql: "DELETE FROM user WHERE id = ?", arguments: [id])
            if database.changesCount == 0 { throw UserError.noSuchUser(id) }
        }
    }

    /// Replaces the hash of a password by a stronger one of the same password, unless the password was changed since
    /// `old` was read.
    func replaceHash(_ old: String, with new: String, of id: String) throws {
        try store.write { database in
            try database.execute(
                sql: "UPDATE user SET passwordHash = ? WHERE id = ? AND passwordHash = ?", arguments: [new, id, old])
        }
    }

    // MARK: Rules

    static func insert(_ user: User, passwordHash: String?, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO user (id, name, nameKey, passwordHash, permission, preferences, createdAt)
                VALUES (?, ?, ?, ?, ?, '{}', ?)
                """,
            arguments: [
                user.id, user.name, User.key(of: user.name), passwordHash, user.permission.rawValue, user.createdAt,
            ])
    }

    static func find(name: String, in database: Database) throws -> User? {
        try Row.fetchOne(
            database, sql: "SELECT \(User.columns) FROM user WHERE nameKey = ?", arguments: [User.key(of: name)]
        ).map(User.init(row:))
    }

    static func find(_ id: String, in database: Database) throws -> User? {
        try Row.fetchOne(database, sql: "SELECT \(User.columns) FROM user WHERE id = ?", arguments: [id])
            .map(User.init(row:))
    }

    private static func requireFree(_ name: String, for id: String, in database: Database) throws {
        let holder = try String.fetchOne(
            database, sql: "SELECT id FROM user WHERE nameKey = ?", arguments: [User.key(of: name)])
        if let holder, holder != id { throw UserError.nameTaken(name) }
    }

    static func requireOtherAdministrator(than id: String, in database: Database) throws {
        guard let user = try find(id, in: database), user.permission == .admin else { return }
        let others =
            try Int.fetchOne(
                database, sql: "SELECT COUNT(*) FROM user WHERE permission = 'admin' AND id <> ?", arguments: [id])
            ?? 0
        if others == 0 { throw UserError.lastAdministrator(user.name) }
    }

    static func check(name: String) throws {
        guard !name.isEmpty else { throw UserError.invalidName("it is empty") }
        guard name.utf8.count <= maximumNameSize else {
            throw UserError.invalidName("\(name.utf8.count) bytes, at most \(maximumNameSize)")
        }
        let hasControls = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard !hasControls, name.first?.isWhitespace == false, name.last?.isWhitespace == false else {
            throw UserError.invalidName("control characters, or white space at an end")
        }
    }

    private func check(password: String, minimum: Int) throws {
        guard !password.isEmpty else { throw UserError.invalidPassword("it is empty") }
        guard password.count >= minimum else {
            throw UserError.invalidPassword("\(password.count) characters, at least \(minimum)")
        }
        guard password.utf8.count <= PasswordHash.maximumPasswordSize else {
            throw UserError.invalidPassword(
                "\(password.utf8.count) bytes, at most \(PasswordHash.maximumPasswordSize)")
        }
    }
}
