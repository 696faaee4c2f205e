import GRDB

/// Why the store cannot be opened, read or written. The description says what was found, where, and what to do.
struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable {
        /// The data directory or a file in it is not ours, not private, or not there.
        case inaccessible
        /// Another xo-host serves from this directory.
        case inUse
        /// `secret.key` is missing, unusable, or belongs to another database.
        case key
        case newerSchema
        case corrupt
        case diskFull
        /// Another process held the database for longer than we wait.
        case busy
        /// A value, or a key, is larger than the store takes.
        case tooLarge
        case other
    }

    let kind: Kind
    let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// What SQLite reported about the database at `path`.
    init(_ error: DatabaseError, path: String) {
        let detail = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.diskFull, "\(path): the disk is full, nothing was changed; make room and try again")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                .corrupt,
                "\(path): damaged (\(detail)); restore it from a backup, or move it away to start with an empty one")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "\(path): held by another process for more than \(Store.busyTimeout) s; try again")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            self.init(
                .inaccessible,
                "\(path): \(detail); the file and its -wal and -shm companions must be writable for this user")
        case .SQLITE_IOERR:
            self.init(.other, "\(path): \(detail) (\(error.extendedResultCode)); check the disk and the system's log")
        default:
            self.init(.other, "\(path): \(detail)")
        }
    }
}
