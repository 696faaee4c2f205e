import SAMLValidation

/// Where what is known of the identity provider comes from.
enum ProviderSource: Sendable {
    /// It stands in the configuration.
    case fixed(IdentityProvider)
    case file(path: String, MetadataReader)
    case url(MetadataFetch, MetadataReader)

    /// What stands in the configuration.
    var fixed: IdentityProvider? {
        if case .fixed(let provider) = self { provider } else { nil }
    }

    /// - Parameter now: milliseconds since 1970.
    /// - Throws: ``ConfigurationError``.
    init(_ configuration: Configuration.Provider, now: Int64) throws {
        let given = [
            configuration.metadata != nil, configuration.metadataFile != nil, configuration.metadataUrl != nil,
            configuration.ssoUrl != nil,
        ]
        guard given.count(where: { $0 }) == 1 else {
            throw ConfigurationError(
                description: "idp names \(given.count(where: { $0 })) sources, expected one of metadata, metadataFile, "
                    + "metadataUrl, or ssoUrl with entityId and certificates")
        }
        let signer = try configuration.metadataCertificate.map {
            try Settings.certificate("idp.metadataCertificate", $0)
        }
        let reader = MetadataReader(entityID: configuration.entityId, signer: signer)
        if let metadata = configuration.metadata {
            self = .fixed(try Settings.attempt("idp.metadata") { try reader.read(Array(metadata.utf8), now: now) })
        } else if let path = configuration.metadataFile {
            self = .file(path: path, reader)
        } else if let url = configuration.metadataUrl {
            self = .url(
                try MetadataFetch(url, certificateAuthorities: configuration.certificateAuthorities), reader)
        } else {
            self = .fixed(try Self.describe(configuration))
        }
    }

    private static func describe(_ configuration: Configuration.Provider) throws -> IdentityProvider {
        guard let entityID = configuration.entityId, let ssoURL = configuration.ssoUrl,
            let certificates = configuration.certificates
        else {
            throw ConfigurationError(description: "idp has ssoUrl, and needs entityId and certificates with it")
        }
        return IdentityProvider(
            entityID: entityID, ssoURL: ssoURL, sloURL: configuration.sloUrl,
            certificates: try certificates.enumerated().map {
                try Settings.certificate("idp.certificates[\($0)]", $1)
            })
    }
}
