import Crypto
import Foundation
import SwiftASN1
import X509

/// An authority that nobody knows but who is told.
struct CertificateAuthority {
    /// PEM.
    let certificate: String
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName

    init() throws {
        name = try DistinguishedName { CommonName("Test authority \(UUID().uuidString)") }
        certificate = try CertificateAuthority.make(
            subject: name, key: key.publicKey, issuer: name, issuerKey: key,
            Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            })
    }

    /// Of a server at 127.0.0.1; PEM of both.
    func serverCertificateAndKey() throws -> String {
        let serverKey = P256.Signing.PrivateKey()
        let certificate = try CertificateAuthority.make(
            subject: DistinguishedName { CommonName("127.0.0.1") }, key: serverKey.publicKey, issuer: name,
            issuerKey: key,
            Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))])
            })
        return "\(certificate)\n\(serverKey.pemRepresentation)\n"
    }

    private static func make(
        subject: DistinguishedName, key: P256.Signing.PublicKey, issuer: DistinguishedName,
        issuerKey: P256.Signing.PrivateKey, _ extensions: Certificate.Extensions
    ) throws -> String {
        let now = Date()
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key), notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(86_400), issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: .init(issuerKey)
        ).serializeAsPEM().pemString
    }
}
