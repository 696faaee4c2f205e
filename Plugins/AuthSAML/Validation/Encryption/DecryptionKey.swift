import CXMLSec

/// A private RSA key of ours, for what is encrypted to us.
///
/// Unchecked, because the key is only read after `init`, by functions that copy it.
public final class DecryptionKey: @unchecked Sendable {
    let key: xmlSecKeyPtr

    /// - Parameter pem: PKCS #8 or PKCS #1, without a password.
    /// - Throws: ``Refusal`` if it is no such key. The text is not shown.
    public init(pem: String) throws {
        guard XMLSecurityLibrary.isReady else { throw Refusal(.decryption, "libxmlsec1 cannot be used") }
        let loaded = Array(pem.utf8).withUnsafeBufferPointer {
            xmlSecOpenSSLAppKeyLoadMemory($0.baseAddress, UInt32($0.count), xmlSecKeyDataFormatPem, "", nil, nil)
        }
        guard let loaded else { throw Refusal(.decryption, "this is no private key in PEM without a password") }
        key = loaded
        guard let value = xmlSecKeyGetValue(key), value.pointee.id == xmlSecOpenSSLKeyDataRsaGetKlass(),
            xmlSecKeyGetType(key) & xmlSecKeyDataType(xmlSecKeyDataTypePrivate) != 0
        else { throw Refusal(.decryption, "the key is no private RSA key") }
    }

    deinit { xmlSecKeyDestroy(key) }
}
