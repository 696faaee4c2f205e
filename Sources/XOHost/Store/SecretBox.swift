import Crypto

/// Encryption of secrets at rest: AES-256-GCM with a random nonce.
struct SecretBox: Sendable {
    private let key: SymmetricKey

    init(_ key: SecretKey) { self.key = key.derived(for: "secrets at rest") }

    /// - Parameter label: what the secret is, for example which plugin's and which key. It is bound to the ciphertext:
    ///   one who can write to the database cannot pass one secret off as another.
    func seal(_ secret: [UInt8], as label: String) throws(StoreError) -> [UInt8] {
        // `combined` lacks only for nonces of an unusual size.
        guard let box = try? AES.GCM.seal(secret, using: key, authenticating: Array(label.utf8)),
            let combined = box.combined
        else { throw StoreError(.key, "the secret \(label) cannot be encrypted") }
        return Array(combined)
    }

    func open(_ sealed: [UInt8], as label: String) throws(StoreError) -> [UInt8] {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let secret = try? AES.GCM.open(box, using: key, authenticating: Array(label.utf8))
        else {
            throw StoreError(
                .key,
                "the secret \(label) cannot be decrypted: it was changed, or written with another secret.key; "
                    + "set it anew, or restore database and key from the same backup")
        }
        return Array(secret)
    }
}
