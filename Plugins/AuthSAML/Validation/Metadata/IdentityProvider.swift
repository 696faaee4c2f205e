/// What is known of an identity provider.
public struct IdentityProvider: Sendable {
    public var entityID: String
    /// Where browsers are sent to sign in (redirect binding).
    public var ssoURL: String
    /// Where browsers are sent to sign out (redirect binding); `nil`: nowhere.
    public var sloURL: String?
    /// Where answers to its own requests to sign out go, if elsewhere.
    public var sloResponseURL: String?
    /// Several during a rollover: each is as good as the others.
    public var certificates: [TrustedCertificate]
    public var wantsSignedRequests = false
    /// Milliseconds since 1970; from then on it must not be relied on.
    public var validUntil: Int64?

    public init(
        entityID: String, ssoURL: String, sloURL: String? = nil, certificates: [TrustedCertificate]
    ) {
        self.entityID = entityID
        self.ssoURL = ssoURL
        self.sloURL = sloURL
        self.certificates = certificates
    }
}
