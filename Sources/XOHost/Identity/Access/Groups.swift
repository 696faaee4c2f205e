import FoundationEssentials
import GRDB

/// The groups, in the store. All functions block; all changes are on the disk when they return.
struct Groups: Sendable {
    private let store: Store

    init(_ store: Store) { self.store = store }

    // MARK: Finding

    func all() throws -> [Group] {
        try store.read { database in
            try Row.fetchAll(database, sql: "SELECT \(Group.columns) FROM userGroup ORDER BY nameKey")
                .map(Group.init(row:))
        }
    }

    func find(id: String) throws -> Group? {
        try store.read { try Groups.find(id, in: $0) }
    }

    // MARK: Changing

    /// Makes a group and returns its id.
    func create(name: String) throws -> String {
        try Groups.check(name)
        let id = UUID().uuidString.lowercased()
        try store.write { try Groups.insert(id, name, nil, in: $0) }
        return id
    }

    func setName(_ name: String, of id: String) throws {
        try Groups.check(name)
        try store.write { database in
            try Groups.requireOwn(id, in: database)
            try Groups.rename(id, name, in: database)
        }
    }

    /// Deletes the group, its memberships and its entries of access lists. A provider's group comes back when one of its
    /// users signs in the next time.
    ///
    /// - Returns: who was in it.
    func delete(id: String) throws -> [String] {
        try store.write { database in
            guard let group = try Groups.find(id, in: database) else { throw GroupError.noSuchGroup(id) }
            try database.execute(sql: "DELETE FROM userGroup WHERE id = ?", arguments: [id])
            return group.members
        }
    }

    func add(_ userID: String, to id: String) throws {
        try store.write { database in
            try Groups.requireOwn(id, in: database)
            try Groups.requireUser(userID, in: database)
            try Groups.join(userID, id, in: database)
        }
    }

    /// A user who is not in it is no error.
    func remove(_ userID: String, from id: String) throws {
        try store.write { database in
            try Groups.requireOwn(id, in: database)
            if userID.isStorable { try Groups.leave(userID, id, in: database) }
        }
    }

    /// Makes these, and nobody else, the users of the group.
    ///
    /// - Returns: those who came or went.
    func setMembers(_ userIDs: Set<String>, of id: String) throws -> Set<String> {
        try store.write { database in
            let members = Set(try Groups.requireOwn(id, in: database).members)
            for userID in userIDs.subtracting(members) {
                try Groups.requireUser(userID, in: database)
                try Groups.join(userID, id, in: database)
            }
            for userID in members.subtracting(userIDs) { try Groups.leave(userID, id, in: database) }
            return members.symmetricDifference(userIDs)
        }
    }

    // MARK: Rules

    private static func check(_ name: String) throws {
        if let problem = SubjectName.problem(of: name) { throw GroupError.invalidName(problem) }
    }

    @discardableResult
    private static func requireOwn(_ id: String, in database: Database) throws -> Group {
        guard let group = try find(id, in: database) else { throw GroupError.noSuchGroup(id) }
        if let origin = group.origin { throw GroupError.kept(byProvider: origin.provider) }
        return group
    }

    private static func requireUser(_ id: String, in database: Database) throws {
        let exists = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT * FROM user WHERE id = ?)", arguments: [id])
        guard id.isStorable, exists == true else { throw GroupError.noSuchUser(id) }
    }
}

// What the synchronisation with providers uses, too.
extension Groups {
    /// Changes of several groups that count together, or not at all.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value { try store.write(body) }

    static func find(_ id: String, in database: Database) throws -> Group? {
        guard id.isStorable else { return nil }
        return try Row.fetchOne(database, sql: "SELECT \(Group.columns) FROM userGroup WHERE id = ?", arguments: [id])
            .map(Group.init(row:))
    }

    static func holder(ofName name: String, in database: Database) throws -> String? {
        try String.fetchOne(
            database, sql: "SELECT id FROM userGroup WHERE nameKey = ?", arguments: [User.key(of: name)])
    }

    static func insert(_ id: String, _ name: String, _ origin: Group.Origin?, in database: Database) throws {
        if try holder(ofName: name, in: database) != nil { throw GroupError.nameTaken(name) }
        try database.execute(
            sql: "INSERT INTO userGroup (id, name, nameKey, provider, providerGroupID) VALUES (?, ?, ?, ?, ?)",
            arguments: [id, name, User.key(of: name), origin?.provider, origin?.id])
    }

    static func rename(_ id: String, _ name: String, in database: Database) throws {
        if let holder = try holder(ofName: name, in: database), holder != id { throw GroupError.nameTaken(name) }
        try database.execute(
            sql: "UPDATE userGroup SET name = ?, nameKey = ? WHERE id = ?", arguments: [name, User.key(of: name), id])
    }

    static func join(_ userID: String, _ id: String, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO membership (groupID, userID) VALUES (?, ?)", arguments: [id, userID])
    }

    static func leave(_ userID: String, _ id: String, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM membership WHERE groupID = ? AND userID = ?", arguments: [id, userID])
    }
}
