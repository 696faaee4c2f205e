import GRDB
import XOJSON

/// The second factors of users, in the store. All functions block; all changes are on the disk when they return.
struct SecondFactors: Sendable {
    /// Recovery codes that are made at a time.
    static let recoveryCodes = 10

    private let store: Store
    private let box: SecretBox
    private let now: @Sendable () -> Int64

    /// - Parameter now: milliseconds since 1970.
    init(_ store: Store, now: @escaping @Sendable () -> Int64 = WallClock.now) {
        self.store = store
        self.now = now
        box = SecretBox(store.key)
    }

    func isRequired(of userID: String) throws -> Bool {
        try store.read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT * FROM secondFactor WHERE userID = ?)", arguments: [userID])
                ?? false
        }
    }

    /// From now on codes of this secret are wanted. Recovery codes of an earlier one end.
    func set(_ secret: [UInt8], of userID: String) throws {
        let sealed = try box.seal(secret, as: SecondFactors.label(userID))
        try store.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO secondFactor VALUES (?, ?, 0, '[]')", arguments: [userID, sealed.data])
        }
    }

    func remove(of userID: String) throws {
        try store.write { database in
            try database.execute(sql: "DELETE FROM secondFactor WHERE userID = ?", arguments: [userID])
        }
    }

    /// Makes new recovery codes, each good for one sign-in; older ones end. `nil` if the user has no second factor.
    func makeRecoveryCodes(of userID: String) throws -> [String]? {
        let codes = (0..<SecondFactors.recoveryCodes).map { _ in GeneratedPassword.make() }
        let hashes = JSON(codes.map { Base64.url(RecoveryCode.hash($0)) })
        return try store.write { database in
            try database.execute(
                sql: "UPDATE secondFactor SET recoveryCodes = ? WHERE userID = ?",
                arguments: [hashes.description, userID])
            return database.changesCount > 0 ? codes : nil
        }
    }

    /// Whether `code` is right: the one of now, or a recovery code. It is not right a second time.
    func accept(_ code: String, of userID: String) throws -> Bool {
        try store.write { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT * FROM secondFactor WHERE userID = ?", arguments: [userID])
            else { return false }
            let secret = try box.open(row.bytes("secret"), as: SecondFactors.label(userID))
            if let step = OneTimePassword.matchingStep(code, secret: secret, now: now(), after: row["lastStep"]) {
                try database.execute(
                    sql: "UPDATE secondFactor SET lastStep = ? WHERE userID = ?", arguments: [step, userID])
                return true
            }
            let stored: String = row["recoveryCodes"]
            var left = (try? JSON(parsing: stored))?.array?.compactMap(\.string) ?? []
            let hash = Base64.url(RecoveryCode.hash(code))
            guard let index = left.firstIndex(of: hash) else { return false }
            left.remove(at: index)
            try database.execute(
                sql: "UPDATE secondFactor SET recoveryCodes = ? WHERE userID = ?",
                arguments: [JSON(left).description, userID])
            return true
        }
    }

    private static func label(_ userID: String) -> String { "second factor of \(userID)" }
}

/// What signs in once in place of a one-time password, a ``GeneratedPassword``.
private enum RecoveryCode {
    /// It is long enough that a fast hash does not make it easy to guess.
    static func hash(_ code: String) -> [UInt8] {
        TokenSecret.hash("recovery:" + code.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}
