/// Reads the metadata of identity providers (SAML Metadata, §2.3 and §2.4).
public struct MetadataReader: Sendable {
    /// The one to take of several; `nil`: there must be only one.
    private let entityID: String?
    /// By which the document must be signed; `nil`: it need not be.
    private let signer: TrustedCertificate?

    /// Whether it takes only what is signed.
    public var demandsSignature: Bool { signer != nil }

    /// Bytes of a document.
    public static let maximumSize = 2_097_152

    public init(entityID: String?, signer: TrustedCertificate?) {
        self.entityID = entityID
        self.signer = signer
    }

    /// - Parameter now: milliseconds since 1970.
    /// - Throws: ``Refusal``.
    public func read(_ document: [UInt8], now: Int64) throws -> IdentityProvider {
        let tree = try XMLTree(parsing: document, limit: Self.maximumSize)
        guard let root = try signed(tree).root else { throw Refusal(.structure, "the metadata is empty") }
        let (descriptor, validUntil) = try find(in: root)
        guard
            let role = descriptor.children("IDPSSODescriptor", in: SAML.metadata).first(where: { role in
                role.attribute("protocolSupportEnumeration")?.split(separator: " ").contains { $0 == SAML.protocol }
                    == true
            })
        else {
            throw Refusal(
                .structure, "the metadata has no IDPSSODescriptor for SAML 2.0: it is not an identity provider's")
        }
        var provider = try describe(role, entityID: descriptor.attribute("entityID") ?? "")
        provider.validUntil = validUntil
        if let validUntil, validUntil <= now { throw Refusal(.time, "the metadata's validUntil is over") }
        return provider
    }

    private func signed(_ tree: XMLTree) throws -> XMLTree {
        let survey = try Survey(tree)
        guard let signer else { return tree }
        guard let root = tree.root, let signature = survey.signatures.first(where: { $0.parent == root }) else {
            throw Refusal(.missingSignature, "the metadata is not signed, and there is a metadataCertificate")
        }
        let verifier = SignatureVerifier(certificates: [signer], allowsSHA1: false, limit: Self.maximumSize)
        return try verifier.signedView(of: root, signature: signature)
    }

    // MARK: Descriptors

    /// The wanted descriptor, and the earliest end of its validity.
    private func find(in root: XMLElement) throws -> (XMLElement, validUntil: Int64?) {
        var found: [(XMLElement, Int64?)] = []
        var waiting: [(XMLElement, Int64?)] = [(root, nil)]
        while let (element, outer) = waiting.popLast() {
            let end = try [outer, TimeChecks(now: 0, skew: 0).instant("validUntil", of: element)].compactMap { $0 }
                .min()
            if element.isNamed("EntityDescriptor", in: SAML.metadata) {
                if entityID == nil || element.attribute("entityID") == entityID { found.append((element, end)) }
            } else if element.isNamed("EntitiesDescriptor", in: SAML.metadata) {
                waiting += element.children.map { ($0, end) }
            }
        }
        guard found.count == 1, found[0].0.attribute("entityID")?.isEmpty == false else {
            throw Refusal(
                .structure,
                "the metadata has \(found.count) fitting EntityDescriptors, expected one"
                    + (entityID.map { " with the entityID \($0.quoted)" } ?? "; name the one to take by idp.entityId"))
        }
        return found[0]
    }

    private func describe(_ role: XMLElement, entityID: String) throws -> IdentityProvider {
        guard let (ssoURL, _) = try location("SingleSignOnService", in: role) else {
            throw Refusal(.structure, "the metadata has no SingleSignOnService with the redirect binding")
        }
        var provider = IdentityProvider(entityID: entityID, ssoURL: ssoURL, certificates: try certificates(of: role))
        if let (sloURL, responses) = try location("SingleLogoutService", in: role) {
            provider.sloURL = sloURL
            provider.sloResponseURL = responses
        }
        provider.wantsSignedRequests = ["true", "1"].contains(role.attribute("WantAuthnRequestsSigned"))
        return provider
    }

    private func location(_ service: String, in role: XMLElement) throws -> (String, responses: String?)? {
        let endpoint = role.children(service, in: SAML.metadata).first {
            $0.attribute("Binding") == SAML.redirectBinding
        }
        guard let endpoint, let location = endpoint.attribute("Location") else { return nil }
        return (location, endpoint.attribute("ResponseLocation"))
    }

    /// All that may sign. One that cannot be used is passed over if another can.
    private func certificates(of role: XMLElement) throws -> [TrustedCertificate] {
        let texts = try role.children("KeyDescriptor", in: SAML.metadata)
            .filter { $0.attribute("use") == nil || $0.attribute("use") == "signing" }
            .flatMap { $0.children("KeyInfo", in: SAML.signature) }
            .flatMap { $0.children("X509Data", in: SAML.signature) }
            .flatMap { $0.children("X509Certificate", in: SAML.signature) }
            .map { try $0.text() }
        var usable: [TrustedCertificate] = []
        var problem = Refusal(.structure, "the metadata has no certificate for signing")
        for text in texts {
            do {
                let certificate = try TrustedCertificate(text)
                if !usable.contains(where: { $0.fingerprint == certificate.fingerprint }) { usable.append(certificate) }
            } catch let refusal as Refusal { problem = refusal }
        }
        guard !usable.isEmpty else { throw problem }
        return usable
    }
}
