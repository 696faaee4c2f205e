import Crypto
import CryptoExtras
import Foundation

/// An `EncryptedAssertion`, made without any library for XML.
struct Encrypting: Sendable {
    enum Mode: String {
        case gcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
        case cbc = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    }

    var mode = Mode.gcm
    var recipient = Identity.service
    var keyMethod = "\(Names.encryption)rsa-oaep-mgf1p"
    /// Puts the key beside the data in place of inside.
    var isKeyApart = false
    /// The last chance to change what was encrypted.
    var changeCipher: @Sendable (Data) -> Data = { $0 }
    /// The last chance to change the element.
    var change: @Sendable (String) -> String = { $0 }

    func element(_ plaintext: String) throws -> String {
        let key = SymmetricKey(size: mode == .gcm ? .bits256 : .bits128)
        let cipher = changeCipher(try encrypt(Data(plaintext.utf8), with: key)).base64EncodedString()
        let publicKey = try _RSA.Encryption.PublicKey(
            pemRepresentation: recipient.key.publicKey.pemRepresentation)
        let wrapped = try publicKey.encrypt(key.withUnsafeBytes { Data($0) }, padding: .PKCS1_OAEP)
            .base64EncodedString()
        let encryptedKey =
            "<xenc:EncryptedKey xmlns:xenc=\"\(Names.encryption)\"><xenc:EncryptionMethod "
            + "Algorithm=\"\(keyMethod)\"></xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>\(wrapped)"
            + "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
        // Canonical: inside, the prefix is declared already.
        let inner = encryptedKey.replacingOccurrences(of: " xmlns:xenc=\"\(Names.encryption)\"", with: "")
        let keyInfo = isKeyApart ? "" : "<ds:KeyInfo xmlns:ds=\"\(Names.signature)\">\(inner)</ds:KeyInfo>"
        return change(
            "<saml:EncryptedAssertion xmlns:saml=\"\(Names.assertion)\"><xenc:EncryptedData "
                + "xmlns:xenc=\"\(Names.encryption)\" Type=\"\(Names.encryption)Element\"><xenc:EncryptionMethod "
                + "Algorithm=\"\(mode.rawValue)\"></xenc:EncryptionMethod>\(keyInfo)<xenc:CipherData><xenc:CipherValue>"
                + "\(cipher)</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>\(isKeyApart ? encryptedKey : "")"
                + "</saml:EncryptedAssertion>")
    }

    private func encrypt(_ data: Data, with key: SymmetricKey) throws -> Data {
        switch mode {
        case .gcm: return try AES.GCM.seal(data, using: key).combined!
        case .cbc:
            let iv = AES._CBC.IV()
            return Data(iv) + (try AES._CBC.encrypt(data, using: key, iv: iv))
        }
    }
}
