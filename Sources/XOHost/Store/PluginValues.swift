import GRDB

/// The values that plugins keep between runs. Each plugin instance has its own scope and sees no other's.
struct PluginValues: Sendable {
    static let maximumKeySize = 512
    static let maximumValueSize = 1 << 20
    static let maximumPage = 1000
    static let maximumListSize = 64 << 20

    struct Entry: Sendable, Hashable {
        let key: String
        let value: [UInt8]
        /// Grows with each write, also if the key was removed in between: a revision never stands for two values.
        let revision: Int64
    }

    private let store: Store
    private let scope: String
    private let box: SecretBox

    /// - Parameter scope: the plugin's instance id.
    init(_ store: Store, scope: String) {
        self.store = store
        self.scope = scope
        box = SecretBox(store.key)
    }

    func get(_ key: String) throws -> Entry? {
        let row = try store.read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT key, value, isSecret, revision FROM pluginValue WHERE scope = ? AND key = ?",
                arguments: [scope, key])
        }
        return try row.map(entry)
    }

    /// Stores the value, whatever was there before, and returns its revision.
    @discardableResult
    func put(_ key: String, _ value: [UInt8], isSecret: Bool = false) throws -> Int64 {
        let stored = try prepared(key, value, isSecret: isSecret)
        return try store.write { try write(key, stored, isSecret, $0) }
    }

    /// Stores the value if the present one has the revision `expected`; 0 expects that there is none.
    ///
    /// - Returns: the new revision, or `nil` if the expectation was wrong and nothing was changed.
    func compareAndSet(_ key: String, _ value: [UInt8], expected: Int64, isSecret: Bool = false) throws -> Int64? {
        let stored = try prepared(key, value, isSecret: isSecret)
        return try store.write { database in
            let present = try Int64.fetchOne(
                database, sql: "SELECT revision FROM pluginValue WHERE scope = ? AND key = ?",
                arguments: [scope, key])
            guard present ?? 0 == expected else { return nil }
            return try write(key, stored, isSecret, database)
        }
    }

    /// - Returns: whether there was a value.
    @discardableResult
    func remove(_ key: String) throws -> Bool {
        try store.write { database in
            try database.execute(
                sql: "DELETE FROM pluginValue WHERE scope = ? AND key = ?", arguments: [scope, key])
            return database.changesCount > 0
        }
    }

    /// The values whose key begins with `prefix`, in the order of their keys' bytes.
    ///
    /// - Parameters:
    ///   - after: continues behind this key, the last one of the page before.
    ///   - limit: at most ``maximumPage``.
    func list(prefix: String = "", after: String = "", limit: Int = maximumPage) throws -> [Entry] {
        let limit = min(max(limit, 0), PluginValues.maximumPage)
        return try store.read { database in
            var entries: [Entry] = []
            try forEach(prefix: prefix, after: after, in: database) { entry in
                if entries.count < limit { entries.append(entry) }
                return entries.count < limit
            }
            return entries
        }
    }

    /// All values whose key begins with `prefix`, as of one moment.
    ///
    /// - Throws: an error of the kind `tooLarge` if they have more than ``maximumListSize`` bytes together.
    func all(prefix: String) throws -> [Entry] {
        try store.read { database in
            var entries: [Entry] = []
            var size = 0
            try forEach(prefix: prefix, after: "", in: database) { entry in
                size += entry.key.utf8.count + entry.value.count
                guard size <= PluginValues.maximumListSize else {
                    throw StoreError(
                        .tooLarge,
                        "the values under \"\(prefix)\" have more than \(PluginValues.maximumListSize) bytes together; "
                            + "ask for them with longer prefixes")
                }
                entries.append(entry)
                return true
            }
            return entries
        }
    }

    /// - Parameter body: returns whether to go on.
    private func forEach(
        prefix: String, after: String, in database: Database, _ body: (Entry) throws -> Bool
    ) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT key, value, isSecret, revision FROM pluginValue
                WHERE scope = ? AND key >= ? AND key > ? ORDER BY key
                """,
            arguments: [scope, prefix, after])
        while let row = try rows.next() {
            // Keys with the prefix stand together, so the first without it ends the list. Bytes are compared, as the
            // database does; Swift's `hasPrefix` would take canonically equivalent texts for equal.
            let key: String = row["key"]
            guard key.utf8.starts(with: prefix.utf8), try body(try entry(row)) else { return }
        }
    }

    // MARK: Rows

    private func label(_ key: String) -> String { "\(scope)/\(key)" }

    private func entry(_ row: Row) throws -> Entry {
        let key: String = row["key"]
        let stored = row.bytes("value")
        let value = row["isSecret"] ? try box.open(stored, as: label(key)) : stored
        return Entry(key: key, value: value, revision: row["revision"])
    }

    /// The value as it is stored, sizes checked.
    private func prepared(_ key: String, _ value: [UInt8], isSecret: Bool) throws -> [UInt8] {
        guard (1...PluginValues.maximumKeySize).contains(key.utf8.count) else {
            throw StoreError(
                .tooLarge, "key of \(key.utf8.count) bytes, expected 1 to \(PluginValues.maximumKeySize)")
        }
        guard value.count <= PluginValues.maximumValueSize else {
            throw StoreError(
                .tooLarge, "value of \(key) has \(value.count) bytes, expected at most \(PluginValues.maximumValueSize)"
            )
        }
        return isSecret ? try box.seal(value, as: label(key)) : value
    }

    private func write(_ key: String, _ stored: [UInt8], _ isSecret: Bool, _ database: Database) throws -> Int64 {
        try database.execute(sql: "UPDATE host SET revision = revision + 1")
        let revision = try Int64.fetchOne(database, sql: "SELECT revision FROM host") ?? 0
        try database.execute(
            sql: "INSERT OR REPLACE INTO pluginValue (scope, key, value, isSecret, revision) VALUES (?, ?, ?, ?, ?)",
            arguments: [scope, key, stored.data, isSecret, revision])
        return revision
    }
}
