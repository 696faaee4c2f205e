import GRDB
import Glibc
import Synchronization

/// The host's state: one SQLite database, `host.sqlite`, in the data directory.
///
/// Once a write returns it is on the disk: the write-ahead log is synchronised with every commit. All functions block
/// their thread and may be called from any, except from within another's closure.
final class Store: Sendable {
    /// Who opens the store.
    enum Role: Sendable {
        /// The one that serves. There is one per data directory.
        case daemon
        /// A command that runs for a moment, also beside a daemon.
        case command
    }

    /// Seconds to wait for another process, an administrator's command say, to finish its write.
    static let busyTimeout = 5

    let key: SecretKey
    private let path: String
    private let database: DatabasePool
    private let lock: HostLock?
    private let lastForeignVersion: Mutex<Int64?>

    init(_ directory: DataDirectory, as role: Role) throws(StoreError) {
        lock = role == .daemon ? try HostLock(in: directory) : nil
        path = directory.file("host.sqlite")
        let path = path
        let version: Int64?
        (database, key, version) = try Store.translatingErrors(path) {
            let database = try Store.open(path)
            return (database, try Store.key(in: directory, for: database), try Store.foreignVersion(of: database))
        }
        lastForeignVersion = Mutex(version)
    }

    /// Reads from one unchanging state of the database.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try Store.keepingOthers(path) { try database.read(body) }
    }

    /// Reads and writes in one transaction, which counts wholly, or not at all if `body` throws.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try Store.keepingOthers(path) { try database.write(body) }
    }

    /// Whether another process has written since the last time this was asked, or since the store was opened.
    func wasChangedByOthers() throws -> Bool {
        let version = try Store.keepingOthers(path) { try Store.foreignVersion(of: database) }
        return lastForeignVersion.withLock { last in
            defer { last = version }
            return last != version
        }
    }

    /// SQLite changes this number when another connection than the one that writes here has written, and that one is the
    /// only that writes in this process.
    private static func foreignVersion(of database: DatabasePool) throws -> Int64? {
        try database.writeWithoutTransaction { try Int64.fetchOne($0, sql: "PRAGMA data_version") }
    }

    // MARK: Opening

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(Double(busyTimeout))
        configuration.label = "store"
        // SQLite would let others read it, were it not for the directory; its companions get the same permissions.
        _ = try File(path, O_RDWR | O_CREAT)
        let database = try DatabasePool(path: path, configuration: configuration)
        // GRDB sets NORMAL for the log, with which a commit may be lost when the power goes.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let migrator = DatabaseMigrator.store
        if try database.read(migrator.hasBeenSuperseded) {
            throw StoreError(
                .newerSchema,
                "\(path): was written by a newer version of xo-host; install that version, or restore the backup that "
                    + "was made before the upgrade")
        }
        try migrator.migrate(database)
        return database
    }

    /// The key that belongs to the database, made if nothing has been encrypted yet.
    private static func key(in directory: DataDirectory, for database: DatabasePool) throws -> SecretKey {
        let existing = try SecretKey.existing(in: directory)
        if existing == nil, try database.read(needsKey) {
            throw StoreError(
                .key,
                "\(directory.file("secret.key")): missing, and the database holds secrets and tokens that it protects; "
                    + "restore it from a backup, or move host.sqlite away as well to start with an empty one")
        }
        let key = try existing ?? SecretKey.make(in: directory)
        try database.write { database in
            let expected = try database.bytes("SELECT keyFingerprint FROM host")
            if expected == key.fingerprint { return }
            if expected != nil, try needsKey(database) {
                throw StoreError(
                    .key,
                    "\(directory.file("secret.key")): not the key that the database was written with; restore both "
                        + "from the same backup")
            }
            try database.execute(sql: "UPDATE host SET keyFingerprint = ?", arguments: [key.fingerprint.data])
        }
        return key
    }

    private static func needsKey(_ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT * FROM token) OR EXISTS (SELECT * FROM pluginValue WHERE isSecret)") ?? false
    }

    // MARK: Errors

    private static func keepingOthers<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    private static func translatingErrors<Value>(
        _ path: String, _ body: () throws -> Value
    ) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.other, "\(path): \(error)")
        }
    }
}
