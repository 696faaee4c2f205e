import CryptoExtras
import SAMLValidation
import X509

/// A configuration of which everything has been read and checked.
struct Settings: Sendable {
    let configuration: Configuration
    let policy: ValidationPolicy
    let signingKey: _RSA.Signing.PrivateKey?
    let decryptionKeys: [DecryptionKey]
    /// PEM or base64, for our metadata.
    let signingCertificates: [TrustedCertificate]
    let encryptionCertificates: [TrustedCertificate]

    /// - Throws: ``ConfigurationError``, which names the member and never shows a key.
    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        policy = configuration.policy
        if let pair = configuration.signRequests {
            let key = try Self.read("signRequests", pair.secretKey, pair.certificate)
            signingKey = key.key
            signingCertificates =
                try [key.certificate]
                + [pair.nextCertificate].compactMap { $0 }.map {
                    try Self.certificate("signRequests.nextCertificate", $0)
                }
        } else {
            signingKey = nil
            signingCertificates = []
        }
        let pairs = try configuration.decryptionKeys.enumerated().map { index, pair in
            let name = "decryptionKeys[\(index)]"
            let certificate = try Self.read(name, pair.secretKey, pair.certificate).certificate
            return try Self.attempt("\(name).secretKey") {
                (key: try DecryptionKey(pem: pair.secretKey), certificate: certificate)
            }
        }
        decryptionKeys = pairs.map(\.key)
        encryptionCertificates = pairs.map(\.certificate)
        try checkTogether()
    }

    private func checkTogether() throws {
        if configuration.logout == .redirect && signingKey == nil {
            throw ConfigurationError(
                description: "logout is redirect, and there are no signRequests: requests to sign out must be signed")
        }
        if configuration.requireEncryption && decryptionKeys.isEmpty {
            throw ConfigurationError(description: "requireEncryption is set, and there are no decryptionKeys")
        }
    }

    private static func read(
        _ name: String, _ secretKey: String, _ certificate: String
    ) throws -> (key: _RSA.Signing.PrivateKey, certificate: TrustedCertificate) {
        guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: secretKey) else {
            throw ConfigurationError(
                description: "\(name).secretKey is no RSA key of 2048 bits or more in PEM without a password")
        }
        let certificate = try Self.certificate("\(name).certificate", certificate)
        guard
            certificate.publicKey.filter({ !$0.isWhitespace })
                == key.publicKey.pemRepresentation.filter({ !$0.isWhitespace })
        else {
            throw ConfigurationError(description: "\(name): the certificate is of another key than secretKey")
        }
        return (key, certificate)
    }

    static func certificate(_ name: String, _ text: String) throws -> TrustedCertificate {
        try attempt(name) { try TrustedCertificate(text) }
    }

    static func attempt<Value>(_ name: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let refusal as Refusal {
            throw ConfigurationError(description: "\(name): \(refusal.detail)")
        }
    }
}
