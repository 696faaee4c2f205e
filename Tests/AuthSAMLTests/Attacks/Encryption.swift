import Foundation

extension Forgery {
    /// Encrypted assertions: encryption is no proof of anything, everybody has our public key.
    static let encryption: [Forgery] = [
        encrypted("unsigned inside", "missing-signature") { $0.forged.assertion() },
        encrypted("signed by the attacker inside", "signature") {
            var forged = $0.forged
            forged.assertionSigning = Signing(key: Identity.attacker.key)
            return try forged.signedAssertion()
        },
        encrypted("wrapping inside", "structure") {
            $0.forged.assertion().appendingInside(try $0.signedAssertion())
        },
        encrypted("a response inside", "structure") { try $0.xml() },
        encrypted("two elements inside", "decryption") { try $0.signedAssertion() + $0.forged.assertion() },
        encrypted("a document type inside", "decryption") { "<!DOCTYPE r>" + (try $0.signedAssertion()) },
        encrypted("nothing inside", "decryption") { _ in "" },
        encrypted("an encrypted assertion inside", "structure") {
            try Encrypting().element($0.signedAssertion())
        },
        encrypted("broken tag", "decryption", Encrypting(changeCipher: { flip($0, $0.count - 1) })) {
            try $0.signedAssertion()
        },
        encrypted(
            "broken padding", "decryption", Encrypting(mode: .cbc, changeCipher: { flip($0, $0.count - 17) }),
            signed: true
        ) {
            try $0.signedAssertion()
        },
        encrypted("cut short", "decryption", Encrypting(changeCipher: { $0.prefix(5) })) { try $0.signedAssertion() },
        encrypted("CBC without a signature around it", "decryption", Encrypting(mode: .cbc)) {
            try $0.signedAssertion()
        },
        encrypted("RSA-1_5", "decryption", Encrypting(keyMethod: "\(Names.encryption)rsa-1_5")) {
            try $0.signedAssertion()
        },
        encrypted("another recipient", "decryption", Encrypting(recipient: Identity.stranger)) {
            try $0.signedAssertion()
        },
        encrypted(
            "an unknown cipher", "decryption",
            Encrypting(change: { $0.replacingOccurrences(of: "aes256-gcm", with: "rot13") })
        ) { try $0.signedAssertion() },
        encrypted(
            "a CipherReference by http", "decryption",
            Encrypting(change: {
                $0.replacingOccurrences(
                    of: "<xenc:CipherValue>[^<]*</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>",
                    with: "<xenc:CipherReference URI=\"\(SilentListener.shared.url)\"></xenc:CipherReference>"
                        + "</xenc:CipherData></xenc:EncryptedData>", options: .regularExpression)
            })
        ) { try $0.signedAssertion() },
        encrypted(
            "a key by RetrievalMethod", "decryption",
            Encrypting(change: {
                $0.replacingOccurrences(
                    of: "<xenc:EncryptedKey>.*</xenc:EncryptedKey>",
                    with: "<ds:RetrievalMethod URI=\"\(SilentListener.shared.url)\"></ds:RetrievalMethod>",
                    options: .regularExpression)
            })
        ) { try $0.signedAssertion() },
        encrypted(
            "two keys", "decryption",
            Encrypting(change: {
                $0.replacingOccurrences(
                    of: "(<xenc:EncryptedKey>.*</xenc:EncryptedKey>)", with: "$1$1", options: .regularExpression)
            })
        ) { try $0.signedAssertion() },
        encrypted(
            "another type of content", "decryption",
            Encrypting(change: { $0.replacingOccurrences(of: "xmlenc#Element", with: "xmlenc#Content") })
        ) { try $0.signedAssertion() },
        Forgery("encrypted and plain together", "structure") {
            $0.response(try Encrypting().element($0.signedAssertion()) + $0.forged.assertion())
        },
        Forgery("two encrypted ones", "structure") {
            let element = try Encrypting().element($0.signedAssertion())
            return $0.response(element + element)
        },
        Forgery("encrypted, and there is no key", "decryption", ["decryptionKeys": []]) {
            $0.response(try Encrypting().element($0.signedAssertion()))
        },
        Forgery("encrypted, signed outside, where both must be", "missing-signature", ["require": "both"]) {
            var draft = $0
            draft.responseSigning = Signing()
            return try draft.signedResponse(Encrypting().element($0.assertion()))
        },
        Forgery("the ciphertext exchanged in a signed response", "signature") {
            var draft = $0
            draft.responseSigning = Signing()
            let genuine = try Encrypting().element($0.signedAssertion())
            return try draft.signedResponse(genuine).replacing(
                first: genuine, with: Encrypting().element($0.forged.assertion()))
        },
    ]

    private static func encrypted(
        _ name: String, _ reason: String, _ encrypting: Encrypting = Encrypting(), signed: Bool = false,
        _ plaintext: @escaping @Sendable (Draft) throws -> String
    ) -> Forgery {
        Forgery(name, reason) { draft in
            var draft = draft
            draft.responseSigning = signed ? Signing() : nil
            return try draft.signedResponse(encrypting.element(plaintext(draft)))
        }
    }

    private static func flip(_ data: Data, _ index: Int) -> Data {
        var data = data
        data[data.startIndex + index] ^= 0x55
        return data
    }
}
