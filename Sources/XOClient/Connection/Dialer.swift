import NIO
import NIOSSL

/// Makes TCP connections, with TLS where the address asks for it.
struct Dialer: Sendable {
    let address: ServerAddress
    let options: ConnectionOptions

    /// Connects and lets `configure` set up what stands above TCP and TLS.
    ///
    /// - Throws: ``ConnectionError``.
    func connect<Output: Sendable>(
        _ configure: @escaping @Sendable (any Channel) throws -> Output
    ) async throws -> Output {
        do {
            let tls = address.isSecure ? try TLSContexts.context(verifying: !options.allowUnauthorized) : nil
            return try await ClientBootstrap(group: options.group)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connectTimeout(options.connectTimeout)
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            try channel.pipeline.syncOperations.addHandler(tlsHandler(tls))
                        }
                        return try configure(channel)
                    }
                }
        } catch {
            throw ConnectionError(error, at: address)
        }
    }

    /// The name goes into the handshake (SNI), which knows no addresses; those are checked against the peer's address.
    private func tlsHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : address.host)
    }
}

/// One context for all connections: reading the authorities' certificates takes longer than a handshake.
private enum TLSContexts {
    private static let verifying = Result { try make(.fullVerification) }
    private static let accepting = Result { try make(.none) }

    static func context(verifying isVerifying: Bool) throws -> NIOSSLContext {
        try (isVerifying ? verifying : accepting).get()
    }

    private static func make(_ verification: CertificateVerification) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = verification
        return try NIOSSLContext(configuration: configuration)
    }
}
