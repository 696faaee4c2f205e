import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A key with a certificate.
struct Identity: Sendable {
    let key: _RSA.Signing.PrivateKey
    let certificate: String

    /// - Parameters:
    ///   - serial: fixed, so that somebody else can make a certificate with the same names.
    init(_ name: String, serial: UInt64 = 4711, key: _RSA.Signing.PrivateKey? = nil) throws {
        let key = try key ?? _RSA.Signing.PrivateKey(keySize: .bits2048)
        self.key = key
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(serial), publicKey: .init(key.publicKey),
            notValidBefore: Date(timeIntervalSinceNow: -3600), notValidAfter: Date(timeIntervalSinceNow: 90 * 86_400),
            issuer: subject, subject: subject, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions(), issuerPrivateKey: .init(key))
        self.certificate = try certificate.serializeAsPEM().pemString
    }

    /// The certificate without its armour.
    var certificateBase64: String {
        certificate.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    }

    // Made once: keys take their time.
    static let provider = make("Provider")
    static let next = make("Provider, next key", serial: 4712)
    /// The same names and serial number as the provider's.
    static let attacker = make("Provider")
    static let service = make("Service")
    static let stranger = make("Another service")

    private static func make(_ name: String, serial: UInt64 = 4711) -> Identity {
        do { return try Identity(name, serial: serial) } catch { fatalError("no key can be made: \(error)") }
    }
}
