import Crypto
import Glibc

/// The host's one long-lived secret: 32 random bytes in `secret.key`, outside of the database, so that a copy of the
/// database alone gives nothing away.
///
/// It is never used itself; each purpose has a key derived from it (HKDF, RFC 5869).
struct SecretKey: Sendable {
    static let size = 32

    private let master: SymmetricKey

    init(_ bytes: [UInt8]) { master = SymmetricKey(data: bytes) }

    func derived(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, info: Array("xo-host \(purpose)".utf8), outputByteCount: SecretKey.size)
    }

    /// Tells keys apart without telling anything about them. Kept in the database.
    var fingerprint: [UInt8] {
        derived(for: "fingerprint").withUnsafeBytes { Array(SHA256.hash(data: Array($0))) }
    }

    /// The key of a data directory; `nil` if there is none yet.
    static func existing(in directory: DataDirectory) throws(StoreError) -> SecretKey? {
        let path = directory.file("secret.key")
        let isPrivate: Bool
        let bytes: [UInt8]
        do throws(SystemError) {
            let file = try File(path, O_RDONLY)
            let status = try file.status()
            isPrivate = status.st_uid == geteuid() && status.st_mode & 0o077 == 0
            bytes = try file.readAll(limit: 4096)
        } catch {
            if error.code == ENOENT { return nil }
            throw StoreError(.key, "\(path): cannot be read: \(error)")
        }
        guard isPrivate else {
            throw StoreError(
                .key,
                "\(path): open to others, or not this user's; close it with: chmod 600 '\(path)', and if it was open "
                    + "for long, take the secrets that it protects for known")
        }
        guard bytes.count == size else {
            throw StoreError(.key, "\(path): \(bytes.count) bytes, expected \(size); restore the file from a backup")
        }
        return SecretKey(bytes)
    }

    /// Makes the key of a data directory. If another process is quicker, it is that one's.
    ///
    /// The file appears under its name only when it is complete and on the disk: written beside and linked, which,
    /// like O_EXCL, never replaces a file.
    static func make(in directory: DataDirectory) throws(StoreError) -> SecretKey {
        let path = directory.file("secret.key")
        let draft = directory.file("secret.key.\(getpid()).new")
        defer { unlink(draft) }
        do throws(SystemError) {
            unlink(draft)
            let file = try File(draft, O_WRONLY | O_CREAT | O_EXCL)
            try file.writeAll(SecretKey.random(count: size))
            try file.synchronize()
            if link(draft, path) != 0, errno != EEXIST { throw .last }
            try File(directory.path, O_RDONLY | O_DIRECTORY).synchronize()
        } catch {
            throw StoreError(.key, "\(path): cannot be created: \(error)")
        }
        guard let key = try existing(in: directory) else {
            throw StoreError(.key, "\(path): disappeared while it was being created; try again")
        }
        return key
    }

    /// Random bytes from the system.
    static func random(count: Int) -> [UInt8] {
        SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }
}
