import NIOSSL
import XOPluginAPI

/// Where to listen, and with what certificate; `nil` for plain HTTP.
struct ServedEndpoint: Sendable {
    let endpoint: ListenAddress.Endpoint
    let tls: NIOSSLContext?
}

/// Loads certificates and makes what connections are encrypted with.
struct TLSContexts {
    let dataDirectory: String
    let log: Log

    /// The context for each of the addresses, in their order; reads every file anew.
    func load(for addresses: [ListenAddress]) throws -> [ServedEndpoint] {
        var contexts: [TLSSource: NIOSSLContext] = [:]
        return try addresses.map { address in
            guard let source = address.tls else { return ServedEndpoint(endpoint: address.endpoint, tls: nil) }
            let context = try contexts[source] ?? makeContext(source)
            contexts[source] = context
            return ServedEndpoint(endpoint: address.endpoint, tls: context)
        }
    }

    private func makeContext(_ source: TLSSource) throws -> NIOSSLContext {
        let identity: TLSIdentity
        switch source {
        case .files(let certificate, let key):
            identity = try TLSIdentity(certificateFile: certificate, keyFile: key)
        case .selfSigned:
            identity = try SelfSignedCertificate(directory: dataDirectory).identity()
            log.info("using a self-signed certificate", ["sha256": .string(identity.fingerprint)])
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: identity.chain.map { .certificate($0) }, privateKey: .privateKey(identity.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationError(
                description: "tls: \(identity.keyFile) is not the key of the certificate in "
                    + "\(identity.certificateFile), or is of a kind that TLS cannot use; give the files that were "
                    + "issued together (\(error))")
        }
    }
}
