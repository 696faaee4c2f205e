/// What an administrator demands of answers.
public struct ValidationPolicy: Sendable {
    /// What must be signed.
    public enum Requirement: String, Sendable, Decodable {
        /// A signature that covers the assertion: its own or the response's.
        case any
        case assertion, response, both
    }

    public var require = Requirement.any
    public var requiresEncryption = false
    public var allowsUnsolicited = false
    /// How far clocks may differ, in milliseconds.
    public var clockSkew: Int64 = 60_000
    /// How long ago the person may have proved who they are, in milliseconds; `nil`: however long.
    public var maximumAuthenticationAge: Int64?
    public var allowsSHA1 = false
    /// Takes AES-CBC also outside of signed responses.
    public var allowsUnsignedCBC = false
    /// Of the document, in bytes.
    public var maximumSize = 262_144
    /// Authentication context classes of which each statement must have one; empty: whatever it is.
    public var contexts: [String] = []

    public init() {}
}

/// What an answer must fit.
public struct Expectations: Sendable {
    /// Milliseconds since 1970.
    public var now: Int64
    /// Where answers are posted to.
    public var acsURL: String
    /// Our entity id.
    public var audience: String
    /// The identity provider's entity id.
    public var issuer: String
    /// Of the request that this must be an answer to; `nil`: nobody asked here.
    public var requestID: String?
    public var certificates: [TrustedCertificate]
    public var decryptionKeys: [DecryptionKey]

    public init(
        now: Int64, acsURL: String, audience: String, issuer: String, requestID: String?,
        certificates: [TrustedCertificate], decryptionKeys: [DecryptionKey]
    ) {
        self.now = now
        self.acsURL = acsURL
        self.audience = audience
        self.issuer = issuer
        self.requestID = requestID
        self.certificates = certificates
        self.decryptionKeys = decryptionKeys
    }
}
