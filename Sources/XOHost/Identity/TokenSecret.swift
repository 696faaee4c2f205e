import Crypto

/// Makes tokens' texts, and the hashes by which the database knows them.
///
/// The contract wants a token's text back after it was given out: a client that registers again gets the token that it
/// has, and a user sees the ids of all own tokens. Yet whoever reads the database, or a backup of it, must not be able
/// to sign in. So the text is not stored, it is computed: HMAC-SHA256, with a key derived from `secret.key`, of the
/// user's id and a random nonce. The database holds the nonce, and the text's SHA-256 to find a token by; both are
/// worthless without the key file. (A plain hash is enough: the text has 256 bits that cannot be guessed.)
struct TokenSecret: Sendable {
    private let key: SymmetricKey

    init(_ key: SecretKey) { self.key = key.derived(for: "tokens") }

    static func nonce() -> [UInt8] { SecretKey.random(count: 32) }

    func text(userID: String, nonce: [UInt8]) -> String {
        // The nonce has a fixed size, so two different pairs never make the same message.
        Base64.url(Array(HMAC<SHA256>.authenticationCode(for: nonce + Array(userID.utf8), using: key)))
    }

    static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Compares in a time that does not depend on where the two differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
