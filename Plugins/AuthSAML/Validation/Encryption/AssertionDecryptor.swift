import CXMLSec
import Glibc

/// Decrypts an `EncryptedAssertion`.
///
/// `KeyInfo` is never processed by the library: the one `EncryptedKey` is found here, decrypted with our keys in turn, and
/// what is in it decrypts the data. So there is nothing that a message could have fetched or looked up.
struct AssertionDecryptor {
    let keys: [DecryptionKey]
    let limit: Int

    private static let galoisCounterMode = [
        "http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2009/xmlenc11#aes192-gcm",
        "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    ]
    private static let cipherBlockChaining = [
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc", "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    ]
    private static let oaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"

    /// - Parameter allowsCBC: whether a mode is taken that does not notice changes. Somebody who may send changed texts
    ///   and sees how they fail reads the message; a signature around it prevents that.
    /// - Returns: what was in it, a document of its own, of which nothing has been checked.
    /// - Throws: ``Refusal``; whatever goes wrong while decrypting is told in the same words.
    func decrypt(_ encrypted: XMLElement, allowsCBC: Bool) throws -> XMLTree {
        guard !keys.isEmpty else {
            throw Refusal(.decryption, "the assertion is encrypted, and there are no decryptionKeys")
        }
        guard let data = try encrypted.child("EncryptedData", in: SAML.encryption, .decryption) else {
            throw Refusal(.decryption, "the EncryptedAssertion has no EncryptedData")
        }
        try checkData(data, allowsCBC: allowsCBC)
        let encryptedKey = try findKey(in: encrypted, data)
        try checkKey(encryptedKey)
        let failure = Refusal(.decryption, "the assertion cannot be decrypted with any of our \(keys.count) keys")
        guard let sessionKey = sessionKey(from: encryptedKey) else { throw failure }
        defer { xmlSecKeyDestroy(sessionKey) }
        guard let bytes = decrypt(data, with: sessionKey, mode: xmlEncCtxModeEncryptedData) else { throw failure }
        do { return try XMLTree(parsing: bytes, limit: limit) } catch { throw failure }
    }

    // MARK: Shape

    private func checkData(_ data: XMLElement, allowsCBC: Bool) throws {
        guard data.attribute("Type") == SAML.encryption + "Element" else {
            throw Refusal(.decryption, "the EncryptedData is of the type \(data.attribute("Type").quoted)")
        }
        let method = try data.child("EncryptionMethod", in: SAML.encryption, .decryption)?.attribute("Algorithm")
        let isCBC = method.map(Self.cipherBlockChaining.contains) == true
        guard let method, isCBC || Self.galoisCounterMode.contains(method) else {
            throw Refusal(.decryption, "the encryption method \(method.quoted) is not taken, expected AES-GCM")
        }
        guard !isCBC || allowsCBC else {
            throw Refusal(
                .decryption,
                "AES-CBC is taken only inside a signed response: have the provider sign responses or use AES-GCM")
        }
        try checkCipherData(data)
    }

    private func checkKey(_ key: XMLElement) throws {
        guard let method = try key.child("EncryptionMethod", in: SAML.encryption, .decryption),
            method.attribute("Algorithm") == Self.oaep
        else {
            throw Refusal(
                .decryption, "the key's encryption method is not taken, expected RSA-OAEP (rsa-oaep-mgf1p)")
        }
        try checkCipherData(key)
    }

    private func checkCipherData(_ element: XMLElement) throws {
        guard let cipher = try element.child("CipherData", in: SAML.encryption, .decryption),
            cipher.children.count == 1, cipher.children[0].isNamed("CipherValue", in: SAML.encryption)
        else { throw Refusal(.decryption, "the CipherData of \(element.localName) is not one CipherValue") }
    }

    /// In the `KeyInfo` of the data or beside the data.
    private func findKey(in encrypted: XMLElement, _ data: XMLElement) throws -> XMLElement {
        let inside =
            try data.child("KeyInfo", in: SAML.signature, .decryption)?
            .children("EncryptedKey", in: SAML.encryption) ?? []
        let found = inside + encrypted.children("EncryptedKey", in: SAML.encryption)
        guard found.count == 1 else {
            throw Refusal(.decryption, "there are \(found.count) elements EncryptedKey, expected one")
        }
        return found[0]
    }

    // MARK: Decryption

    private func sessionKey(from encryptedKey: XMLElement) -> xmlSecKeyPtr? {
        for key in keys {
            guard var bytes = decrypt(encryptedKey, with: key.key, mode: xmlEncCtxModeEncryptedKey) else { continue }
            defer { wipe(&bytes) }
            guard [16, 24, 32].contains(bytes.count) else { continue }
            return bytes.withUnsafeBufferPointer {
                xmlSecKeyReadMemory(xmlSecOpenSSLKeyDataAesGetKlass(), $0.baseAddress, UInt32($0.count))
            }
        }
        return nil
    }

    private func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
        }
    }

    private func decrypt(_ element: XMLElement, with key: xmlSecKeyPtr, mode: xmlEncCtxMode) -> [UInt8]? {
        guard let context = xmlSecEncCtxCreate(nil) else { return nil }
        defer { xmlSecEncCtxDestroy(context) }
        context.pointee.mode = mode
        context.pointee.encKey = xmlSecKeyDuplicate(key)
        context.pointee.transformCtx.enabledUris = xmlSecTransformUriType(xmlSecTransformUriTypeNone)
        guard context.pointee.encKey != nil, let buffer = xmlSecEncCtxDecryptToBuffer(context, element.node) else {
            return nil
        }
        return SignatureVerifier.bytes(buffer)
    }
}
