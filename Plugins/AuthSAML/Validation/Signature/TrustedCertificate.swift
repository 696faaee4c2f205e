import CXMLSec
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate of an identity provider, whose public key is believed. It stands for the key only: nobody signs for it,
/// so there is no chain; when it expires, administrators are warned.
///
/// Unchecked, because the key is only read after `init`, by functions that copy it.
public final class TrustedCertificate: @unchecked Sendable {
    let key: xmlSecKeyPtr
    public let der: [UInt8]
    /// SHA-256 of the certificate, in hexadecimal digits.
    public let fingerprint: String
    /// Of the public key, PEM.
    public let publicKey: String
    /// Milliseconds since 1970.
    public let expires: Int64
    public let subject: String

    private static let smallestRSAKey: UInt32 = 2048

    /// - Parameter text: PEM, or the base64 of the DER form alone, as metadata has it.
    /// - Throws: ``Refusal`` if it is no certificate, or its key is of another kind or too short.
    public convenience init(_ text: String) throws {
        let bytes: [UInt8]
        do {
            bytes = text.contains("-----BEGIN") ? try PEMDocument(pemString: text).derBytes : try Base64.decode(text)
        } catch {
            throw Refusal(.syntax, "this is no certificate in PEM or base64: \(text.quoted)")
        }
        try self.init(der: bytes)
    }

    private init(der: [UInt8]) throws {
        self.der = der
        guard XMLSecurityLibrary.isReady else { throw Refusal(.syntax, "libxmlsec1 cannot be used") }
        let certificate: Certificate
        do { certificate = try Certificate(derEncoded: der) } catch {
            throw Refusal(
                .syntax,
                "this is no X.509 certificate with a key that is taken (RSA of 2048 bits or more, or ECDSA): \(error)")
        }
        fingerprint = Fingerprint.of(der)
        expires = Int64(certificate.notValidAfter.timeIntervalSince1970 * 1000)
        subject = "\(certificate.subject)"
        publicKey = try certificate.publicKey.serializeAsPEM().pemString
        let loaded = der.withUnsafeBufferPointer {
            xmlSecOpenSSLAppKeyLoadMemory(
                $0.baseAddress, UInt32($0.count), xmlSecKeyDataFormatCertDer, nil, nil, nil)
        }
        guard let loaded else {
            throw Refusal(.algorithm, "the key of the certificate \(subject.quoted) cannot be used")
        }
        key = loaded
        try checkStrength()
    }

    deinit { xmlSecKeyDestroy(key) }

    private func checkStrength() throws {
        guard let value = xmlSecKeyGetValue(key) else {
            throw Refusal(.algorithm, "the certificate \(subject.quoted) has no key")
        }
        let size = xmlSecKeyDataGetSize(value)
        if value.pointee.id == xmlSecOpenSSLKeyDataRsaGetKlass() {
            guard size >= Self.smallestRSAKey else {
                throw Refusal(
                    .algorithm,
                    "the RSA key of the certificate \(subject.quoted) has \(size) bits, "
                        + "expected \(Self.smallestRSAKey) or more")
            }
        } else if value.pointee.id != xmlSecOpenSSLKeyDataEcdsaGetKlass() {
            throw Refusal(.algorithm, "the key of the certificate \(subject.quoted) is neither RSA nor ECDSA")
        }
    }
}
