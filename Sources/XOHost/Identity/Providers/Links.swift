import GRDB
import XOJSON

/// Which user a provider's person is, in the store. All functions block; all changes are on the disk when they return.
struct Links: Sendable {
    struct Link: Sendable, Hashable {
        let provider: String
        let subject: String
        let userID: String
        /// Of the last sign-in or synchronisation.
        let voucher: JSON
        /// Milliseconds since 1970.
        let seenAt: Int64
        /// The provider does not know the person any more, and it was seen to what follows from that.
        let isGone: Bool
    }

    private let store: Store

    init(_ store: Store) { self.store = store }

    func find(provider: String, subject: String) throws -> Link? {
        guard provider.isStorable, subject.isStorable else { return nil }
        return try store.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM link WHERE provider = ? AND subject = ?", arguments: [provider, subject])
        }.map(Links.link)
    }

    func ofUser(_ userID: String) throws -> [Link] {
        try store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM link WHERE userID = ? ORDER BY provider, subject", arguments: [userID])
        }.map(Links.link)
    }

    func ofProvider(_ provider: String) throws -> [Link] {
        try store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM link WHERE provider = ? ORDER BY subject", arguments: [provider])
        }.map(Links.link)
    }

    /// By user.
    func all() throws -> [String: [Link]] {
        let links = try store.read { try Row.fetchAll($0, sql: "SELECT * FROM link ORDER BY provider") }.map(Links.link)
        return Dictionary(grouping: links, by: \.userID)
    }

    /// From now on this person is this user. Replaces what was said of the person before.
    func set(provider: String, subject: String, userID: String, voucher: JSON = [:]) throws {
        try store.write { database in
            try Links.set(provider: provider, subject: subject, userID: userID, voucher: voucher, in: database)
        }
    }

    /// The same as a part of a larger change.
    static func set(
        provider: String, subject: String, userID: String, voucher: JSON, in database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO link (provider, subject, userID, voucher, seenAt) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET userID = excluded.userID, voucher = excluded.voucher,
                    seenAt = excluded.seenAt, isGone = 0
                """,
            arguments: [provider, subject, userID, voucher.description, WallClock.now()])
    }

    func setGone(_ link: Link) throws {
        try store.write { database in
            try database.execute(
                sql: "UPDATE link SET isGone = 1 WHERE provider = ? AND subject = ?",
                arguments: [link.provider, link.subject])
        }
    }

    /// The user leaves the provider's groups, too.
    ///
    /// - Returns: whether the user had a link to that provider.
    func remove(provider: String, ofUser userID: String) throws -> Bool {
        try store.write { database in
            try database.execute(
                sql: """
                    DELETE FROM membership WHERE userID = ?
                        AND groupID IN (SELECT id FROM userGroup WHERE provider = ?)
                    """,
                arguments: [userID, provider])
            try database.execute(
                sql: "DELETE FROM link WHERE provider = ? AND userID = ?", arguments: [provider, userID])
            return database.changesCount > 0
        }
    }

    private static func link(_ row: Row) -> Link {
        let voucher: String = row["voucher"]
        return Link(
            provider: row["provider"], subject: row["subject"], userID: row["userID"],
            voucher: (try? JSON(parsing: voucher)) ?? [:], seenAt: row["seenAt"], isGone: row["isGone"])
    }
}
