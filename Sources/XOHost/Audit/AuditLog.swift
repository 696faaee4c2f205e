import Crypto
import FoundationEssentials
import GRDB
import XOJSON

/// What has happened, in the store: sign-ins, failures, changes of rights. Only ever appended to.
///
/// Each record carries the hash of itself together with the hash before it, so a record that is changed, removed or
/// put in between shows at the next check; and who keeps the newest hash elsewhere can tell that the whole was rewritten.
/// All functions block.
struct AuditLog: Sendable {
    struct Record: Sendable, Hashable {
        let number: Int64
        /// Names the record: `$5$$` and the hash in hexadecimal, as Xen Orchestra's clients know it.
        let id: String
        let previousID: String
        let json: JSON

        /// As clients see it.
        var shown: JSON {
            var members = json.object ?? [:]
            members["id"] = .string(id)
            members["previousId"] = .string(previousID)
            return .object(members)
        }
    }

    enum Problem: Error, Sendable {
        case missing(id: String)
        case altered(id: String, validRecords: Int)
    }

    /// The id before the first one.
    static let noID = "nullId"

    private let store: Store

    init(_ store: Store) { self.store = store }

    /// Appends a record; it is on the disk when this returns.
    func append(_ event: String, subject: JSON, data: JSON) throws {
        let text = JSON.object([
            "time": JSON(WallClock.now()), "event": .string(event), "subject": subject, "data": data,
        ])
        .description
        try store.write { database in
            let previous = try database.bytes("SELECT hash FROM audit ORDER BY number DESC LIMIT 1") ?? []
            try database.execute(
                sql: "INSERT INTO audit (record, hash) VALUES (?, ?)",
                arguments: [text, AuditLog.hash(text, after: previous).data])
        }
    }

    /// The newest first.
    ///
    /// - Parameters:
    ///   - id: begins with this one; `nil`: with the newest.
    func records(from id: String? = nil, limit: Int = 1000) throws -> [Record] {
        try store.read { database in
            var newest = Int64.max
            if let id {
                guard let number = try AuditLog.number(of: id, in: database) else { throw Problem.missing(id: id) }
                newest = number
            }
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT number, record, hash, (SELECT hash FROM audit AS before WHERE before.number < audit.number
                        ORDER BY number DESC LIMIT 1) AS previous
                    FROM audit WHERE number <= ? ORDER BY number DESC LIMIT ?
                    """,
                arguments: [newest, limit])
            return rows.map(AuditLog.record)
        }
    }

    /// Computes all hashes anew.
    ///
    /// - Parameters:
    ///   - newest: up to this one; `nil`: the newest.
    ///   - oldest: from the one behind this; `nil`: from the first.
    /// - Returns: how many records there are, all as they were written.
    func verify(newest: String? = nil, oldest: String? = nil) throws -> (count: Int, newest: String) {
        try store.read { database in
            func number(_ id: String?) throws -> Int64? {
                guard let id, id != AuditLog.noID else { return nil }
                guard let number = try AuditLog.number(of: id, in: database) else { throw Problem.missing(id: id) }
                return number
            }
            let last = try number(newest) ?? .max
            let first = try number(oldest) ?? 0
            var previous =
                try database.bytes("SELECT hash FROM audit WHERE number <= \(first) ORDER BY number DESC LIMIT 1") ?? []
            var expected = try Int64.fetchOne(
                database, sql: "SELECT MIN(number) FROM audit WHERE number > ?", arguments: [first])
            var count = 0
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM audit WHERE number > ? AND number <= ? ORDER BY number",
                arguments: [first, last])
            while let row = try rows.next() {
                let (number, text, hash): (Int64, String, [UInt8]) = (row["number"], row["record"], row.bytes("hash"))
                guard number == expected, hash == AuditLog.hash(text, after: previous) else {
                    throw Problem.altered(id: AuditLog.id(hash), validRecords: count)
                }
                previous = hash
                expected = number + 1
                count += 1
            }
            return (count, count == 0 ? AuditLog.noID : AuditLog.id(previous))
        }
    }

    private static func number(of id: String, in database: Database) throws -> Int64? {
        guard let hash = AuditLog.bytes(of: id) else { return nil }
        return try Int64.fetchOne(database, sql: "SELECT number FROM audit WHERE hash = ?", arguments: [hash.data])
    }

    private static func record(_ row: Row) -> Record {
        let text: String = row["record"]
        let previous: Data? = row["previous"]
        return Record(
            number: row["number"], id: id(row.bytes("hash")), previousID: previous.map { id(Array($0)) } ?? noID,
            json: (try? JSON(parsing: text)) ?? [:])
    }

    private static func hash(_ text: String, after previous: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: previous)
        hash.update(data: Array(text.utf8))
        return Array(hash.finalize())
    }

    private static func id(_ hash: [UInt8]) -> String {
        "$5$$" + hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(of id: String) -> [UInt8]? {
        let digits = Array(id.dropFirst(4).utf8)
        guard id.hasPrefix("$5$$"), digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
