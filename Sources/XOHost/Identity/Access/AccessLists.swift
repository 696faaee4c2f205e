import GRDB

/// The access lists, in the store. All functions block; all changes are on the disk when they return.
struct AccessLists: Sendable {
    /// Characters of an object's or a subject's id.
    static let maximumIDLength = 512

    private let store: Store
    private let compiled = AccessTable()

    init(_ store: Store) { self.store = store }

    func all() throws -> [AccessEntry] {
        try store.read { database in
            try Row.fetchAll(database, sql: "SELECT subject, object, role FROM access ORDER BY subject, object, role")
                .compactMap { row in
                    Role(rawValue: row["role"]).map {
                        AccessEntry(subject: row["subject"], object: row["object"], role: $0)
                    }
                }
        }
    }

    /// Adds an entry; one that is there already is no error.
    ///
    /// - Returns: whether the subject exists. If not, nothing is added: whoever got that id later would have the right.
    func add(_ entry: AccessEntry) throws -> Bool {
        try store.write { database in
            let isKnown = try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (SELECT * FROM user WHERE id = ?) OR EXISTS (SELECT * FROM userGroup WHERE id = ?)
                    """,
                arguments: [entry.subject, entry.subject])
            guard isKnown == true else { return false }
            try database.execute(
                sql: "INSERT OR IGNORE INTO access (id, subject, object, role) VALUES (?, ?, ?, ?)",
                arguments: [entry.id, entry.subject, entry.object, entry.role.rawValue])
            return true
        }
    }

    /// Removes an entry; one that is not there is no error.
    func remove(_ entry: AccessEntry) throws {
        try store.write { database in
            try database.execute(
                sql: "DELETE FROM access WHERE subject = ? AND object = ? AND role = ?",
                arguments: [entry.subject, entry.object, entry.role.rawValue])
        }
    }

    /// The highest right that a user and its groups are granted on each object, without what follows from them.
    func grants(of userID: String) throws -> [String: ObjectRight] {
        try store.read { database in
            var grants: [String: ObjectRight] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT object, role FROM access
                    WHERE subject = ? OR subject IN (SELECT groupID FROM membership WHERE userID = ?)
                    """,
                arguments: [userID, userID])
            while let row = try rows.next() {
                guard let right = Role(rawValue: row["role"])?.right else { continue }
                let object: String = row["object"]
                grants[object] = max(right, grants[object] ?? right)
            }
            return grants
        }
    }

    /// What a user may do with objects. Users with the same rights get the same instance.
    func access(of user: User) throws -> Access {
        user.permission == .admin ? .everything : compiled.access(granting: try grants(of: user.id))
    }
}
