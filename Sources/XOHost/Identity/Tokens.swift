import GRDB
import XOJSON

/// The users' tokens, in the store. All functions block; all changes are on the disk when they return.
struct Tokens: Sendable {
    static let maximumLastUses = 10
    /// Uses from one address within this time are one: a thousand clients that come back at once after a restart must
    /// not cost a thousand synchronised writes.
    static let lastUseResolution: Int64 = 60_000

    private let store: Store
    private let validity: TokenValidity
    private let secret: TokenSecret
    private let now: @Sendable () -> Int64

    /// - Parameter now: milliseconds since 1970.
    init(_ store: Store, validity: TokenValidity, now: @escaping @Sendable () -> Int64 = WallClock.now) {
        self.store = store
        self.validity = validity
        self.now = now
        secret = TokenSecret(store.key)
    }

    // MARK: Making

    /// Makes a token and returns its text. A client that has a live one for this user gets that one again, with a new
    /// description and a new expiration.
    ///
    /// - Parameters:
    ///   - expiresIn: see ``TokenValidity/duration(_:)``.
    ///   - origin: the sign-in at a provider that it ends with.
    ///   - end: it does not live longer than this (milliseconds since 1970), whatever is asked for.
    /// - Throws: ``TokenError`` for a bad duration.
    func create(
        userID: String, clientID: String? = nil, description: String? = nil, expiresIn: JSON? = nil,
        origin: Identified.Origin? = nil, notAfter end: Int64? = nil
    ) throws -> String {
        let now = now()
        let ends = [end, origin?.expires].compactMap(\.self)
        let duration = min(try validity.duration(expiresIn), ends.min().map { max(0, $0 - now) } ?? .max)
        return try store.write { database in
            if let clientID {
                let arguments: StatementArguments = [userID, clientID]
                let present = try Row.fetchOne(
                    database, sql: "SELECT * FROM token WHERE userID = ? AND clientID = ?", arguments: arguments)
                if let present, present["expiration"] > now {
                    try database.execute(
                        sql: "UPDATE token SET description = ?, expiration = ? WHERE userID = ? AND clientID = ?",
                        arguments: [description, now + duration] + arguments)
                    // It is of this sign-in now.
                    try Tokens.set(origin, of: present.bytes("hash"), in: database)
                    return secret.text(userID: userID, nonce: present.bytes("nonce"))
                }
                try database.execute(
                    sql: "DELETE FROM token WHERE userID = ? AND clientID = ?", arguments: arguments)
            }
            var nonce: [UInt8]
            var text: String
            repeat {
                nonce = TokenSecret.nonce()
                text = secret.text(userID: userID, nonce: nonce)
                // Command lines would take it for an option.
            } while text.hasPrefix("-")
            try database.execute(
                sql: """
                    INSERT INTO token (hash, userID, nonce, clientID, description, createdAt, expiration, lastUses)
                    VALUES (?, ?, ?, ?, ?, ?, ?, '{}')
                    """,
                arguments: [
                    TokenSecret.hash(text).data, userID, nonce.data, clientID, description, now, now + duration,
                ])
            try Tokens.set(origin, of: TokenSecret.hash(text), in: database)
            return text
        }
    }

    private static func set(_ origin: Identified.Origin?, of hash: [UInt8], in database: Database) throws {
        try database.execute(sql: "DELETE FROM tokenOrigin WHERE hash = ?", arguments: [hash.data])
        guard let origin else { return }
        try database.execute(
            sql: "INSERT INTO tokenOrigin (hash, provider, subject, session, expires) VALUES (?, ?, ?, ?, ?)",
            arguments: [hash.data, origin.provider, origin.subject, origin.session, origin.expires])
    }

    // MARK: Using

    /// The user whom `text` signs in, and the token; `nil` if there is no such token or it has expired.
    ///
    /// - Parameter address: the client's, noted in the token.
    func authenticate(_ text: String, address: String) throws -> (user: User, token: Token)? {
        let hash = TokenSecret.hash(text)
        let now = now()
        let found = try store.read { database -> (User, Token)? in
            guard let row = try row(of: hash, in: database), TokenSecret.areEqual(row.bytes("hash"), hash),
                row["expiration"] > now
            else { return nil }
            let user = try Row.fetchOne(
                database, sql: "SELECT \(User.columns) FROM user WHERE id = ?", arguments: [row["userID"] as String])
            return user.map { (User(row: $0), token(row)) }
        }
        guard let (user, token) = found else { return nil }
        let lastUse = token.lastUses.first { $0.address == address }?.timestamp ?? .min
        if lastUse < now - Tokens.lastUseResolution { try noteUse(of: hash, from: address, at: now) }
        return (user, token)
    }

    private func noteUse(of hash: [UInt8], from address: String, at now: Int64) throws {
        try store.write { database in
            // Read again: another use may have been noted meanwhile.
            guard let row = try row(of: hash, in: database) else { return }
            let others = token(row).lastUses.filter { $0.address != address }
            let newest = ([Token.Use(address: address, timestamp: now)] + others)
                .sorted { $0.timestamp > $1.timestamp }.prefix(Tokens.maximumLastUses)
            let uses = JSON.object(
                JSONObject(uniqueKeysWithValues: newest.map { ($0.address, JSON($0.timestamp)) }))
            try database.execute(
                sql: "UPDATE token SET lastUses = ? WHERE hash = ?", arguments: [uses.description, hash.data])
        }
    }

    // MARK: Looking after

    /// The tokens of a user, or of all, that have not expired.
    func list(userID: String?) throws -> [Token] {
        try store.read { try list(userID, in: $0) }
    }

    /// - Returns: whether the user has that token.
    func setDescription(_ description: String?, ofToken text: String, userID: String) throws -> Bool {
        try store.write { database in
            try database.execute(
                sql: "UPDATE token SET description = ? WHERE hash = ? AND userID = ? AND expiration > ?",
                arguments: [description, TokenSecret.hash(text).data, userID, now()])
            return database.changesCount > 0
        }
    }

    /// Deletes the tokens with these ids, and those whose record matches `pattern` (``ValuePattern``). Unknown ids are
    /// passed over.
    ///
    /// - Parameter userID: deletes only among this user's tokens; `nil`: among all.
    /// - Throws: ``TokenError/nothingSelected`` if there are neither ids nor a pattern.
    func delete(ids: [String]?, matching pattern: JSON?, userID: String?) throws {
        guard ids != nil || pattern != nil else { throw TokenError.nothingSelected }
        try store.write { database in
            var ids = ids ?? []
            if let pattern {
                ids += try list(userID, in: database).filter { ValuePattern.matches(pattern, $0.record) }.map(\.id)
            }
            for id in ids {
                try database.execute(
                    sql: "DELETE FROM token WHERE hash = ? AND (? IS NULL OR userID = ?)",
                    arguments: [TokenSecret.hash(id).data, userID, userID])
            }
        }
    }

    /// Deletes the tokens that came of sign-ins at a provider.
    ///
    /// - Parameter session: of this one only; `nil`: of all of the person.
    func delete(provider: String, subject: String, session: String?) throws {
        try store.write { database in
            try database.execute(
                sql: """
                    DELETE FROM token WHERE hash IN (SELECT hash FROM tokenOrigin
                        WHERE provider = ? AND subject = ? AND (? IS NULL OR session = ?))
                    """,
                arguments: [provider, subject, session, session])
        }
    }

    /// Deletes all of a user's.
    func deleteAll(ofUser userID: String) throws {
        try store.write { try $0.execute(sql: "DELETE FROM token WHERE userID = ?", arguments: [userID]) }
    }

    /// Deletes what has expired; for a look now and then.
    func removeExpired() throws {
        let now = now()
        try store.write { try $0.execute(sql: "DELETE FROM token WHERE expiration <= ?", arguments: [now]) }
    }

    // MARK: Rows

    private static let selection =
        "SELECT token.*, provider, subject, session, expires FROM token LEFT JOIN tokenOrigin USING (hash)"

    private func row(of hash: [UInt8], in database: Database) throws -> Row? {
        try Row.fetchOne(database, sql: "\(Tokens.selection) WHERE hash = ?", arguments: [hash.data])
    }

    private func list(_ userID: String?, in database: Database) throws -> [Token] {
        try Row.fetchAll(
            database,
            sql: "\(Tokens.selection) WHERE (? IS NULL OR userID = ?) AND expiration > ? ORDER BY createdAt, hash",
            arguments: [userID, userID, now()]
        ).map(token)
    }

    private func token(_ row: Row) -> Token {
        let lastUses: String = row["lastUses"]
        let uses = (try? JSON(parsing: lastUses))?.object ?? [:]
        return Token(
            id: secret.text(userID: row["userID"], nonce: row.bytes("nonce")), userID: row["userID"],
            clientID: row["clientID"], description: row["description"], createdAt: row["createdAt"],
            expiration: row["expiration"],
            lastUses: uses.map { Token.Use(address: $0.key, timestamp: $0.value.integer ?? 0) },
            origin: (row["provider"] as String?).map { provider in
                Identified.Origin(
                    provider: provider, subject: row["subject"], session: row["session"], expires: row["expires"])
            })
    }
}
