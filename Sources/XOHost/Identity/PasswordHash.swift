import CArgon2
import Dispatch

/// Hashing of passwords with Argon2id (RFC 9106), kept as PHC text: `$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH`.
struct PasswordHash: Sendable {
    struct Parameters: Sendable, Hashable {
        var memoryKiB: UInt32 = 65536
        var iterations: UInt32 = 3
        var parallelism: UInt32 = 4
    }

    /// A password longer than this is refused: nobody types it, and hashing it costs time.
    static let maximumPasswordSize = 1024
    private static let saltSize = 16
    private static let hashSize = 32

    let parameters: Parameters

    func hash(_ password: String) throws(PasswordHashError) -> String {
        let salt = SecretKey.random(count: PasswordHash.saltSize)
        let size = argon2_encodedlen(
            parameters.iterations, parameters.memoryKiB, parameters.parallelism, UInt32(PasswordHash.saltSize),
            UInt32(PasswordHash.hashSize), Argon2_id)
        var encoded = [CChar](repeating: 0, count: size)
        let password = Array(password.utf8)
        let result = argon2id_hash_encoded(
            parameters.iterations, parameters.memoryKiB, parameters.parallelism, password, password.count, salt,
            salt.count, PasswordHash.hashSize, &encoded, encoded.count)
        guard result == ARGON2_OK.rawValue else { throw PasswordHashError(code: result) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `password` is the one that `hash` was made from. The comparison takes the same time wherever they differ.
    ///
    /// - Throws: if the hash is of a kind that Argon2's library does not know, or memory lacks.
    func verify(_ password: String, _ hash: String) throws(PasswordHashError) -> Bool {
        let type: Argon2_type
        switch hash.split(separator: "$").first {
        case "argon2id": type = Argon2_id
        case "argon2i": type = Argon2_i
        case "argon2d": type = Argon2_d
        default: throw PasswordHashError(code: ARGON2_INCORRECT_TYPE.rawValue)
        }
        let password = Array(password.utf8)
        let result = argon2_verify(hash, password, password.count, type)
        switch result {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw PasswordHashError(code: result)
        }
    }

    /// Whether a hash is weaker than, or of another kind than, what would be made today.
    func needsRehash(_ hash: String) -> Bool {
        let fields = hash.split(separator: "$")
        guard fields.count == 5, fields[0] == "argon2id", fields[1] == "v=19" else { return true }
        var present: [Substring: UInt32] = [:]
        for field in fields[2].split(separator: ",") {
            let pair = field.split(separator: "=")
            if pair.count == 2 { present[pair[0]] = UInt32(pair[1]) }
        }
        return present["m"] ?? 0 < parameters.memoryKiB || present["t"] ?? 0 < parameters.iterations
            || present["p"] ?? 0 < parameters.parallelism
    }

    /// A hash that no password has, and whose verification takes as long as that of a real one: for names that do not
    /// exist, so that the time of an answer does not tell them from those that do.
    func unmatchable() -> String {
        func field(_ count: Int) -> String { Base64.standard(SecretKey.random(count: count)) }
        return "$argon2id$v=19$m=\(parameters.memoryKiB),t=\(parameters.iterations),p=\(parameters.parallelism)"
            + "$\(field(PasswordHash.saltSize))$\(field(PasswordHash.hashSize))"
    }
}

struct PasswordHashError: Error, Sendable, CustomStringConvertible {
    let code: Int32

    var description: String {
        "password hash: \(argon2_error_message(code).map { String(cString: $0) } ?? "error \(code)")"
    }
}
