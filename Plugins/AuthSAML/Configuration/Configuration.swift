import SAMLValidation

/// What stands under `configuration` in `plugins.json`; see ``schema``.
struct Configuration: Decodable, Sendable {
    struct Provider: Decodable, Sendable {
        let entityId: String?
        let ssoUrl: String?
        let sloUrl: String?
        let certificates: [String]?
        let metadata: String?
        let metadataFile: String?
        let metadataUrl: String?
        let metadataCertificate: String?
        let certificateAuthorities: String?
        let acceptNewCertificates: Bool
    }

    struct SigningKey: Decodable, Sendable {
        let secretKey: String
        let certificate: String
        let nextCertificate: String?
    }

    struct EncryptionKey: Decodable, Sendable {
        let secretKey: String
        let certificate: String
    }

    enum NameIDFormat: String, Decodable, Sendable {
        case unspecified, email, persistent
    }

    enum Logout: String, Decodable, Sendable {
        case off, redirect
    }

    let label: String
    let idp: Provider
    let spEntityId: String?
    let subjectFrom: String?
    let nameFrom: String
    let mailFrom: String?
    let mailIsVerified: Bool
    let displayNameFrom: String?
    let groupsFrom: String?
    let attributes: [String]
    let nameIdFormat: NameIDFormat
    let requestedAuthnContext: [String]
    let forceAuthn: Bool
    let signRequests: SigningKey?
    let decryptionKeys: [EncryptionKey]
    let require: ValidationPolicy.Requirement
    let requireEncryption: Bool
    let allowIdpInitiated: Bool
    let clockSkew: Int64
    let maxAuthnAge: Int64?
    let allowSha1: Bool
    let allowCbc: Bool
    let maxBytes: Int
    let rememberedAssertions: Int
    let logout: Logout

    var policy: ValidationPolicy {
        var policy = ValidationPolicy()
        policy.require = require
        policy.requiresEncryption = requireEncryption
        policy.allowsUnsolicited = allowIdpInitiated
        policy.clockSkew = clockSkew * 1000
        policy.maximumAuthenticationAge = maxAuthnAge.map { $0 * 1000 }
        policy.allowsSHA1 = allowSha1
        policy.allowsUnsignedCBC = allowCbc
        policy.maximumSize = maxBytes
        policy.contexts = requestedAuthnContext
        return policy
    }
}

/// A configuration that fits the schema and still makes no sense.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String
}
