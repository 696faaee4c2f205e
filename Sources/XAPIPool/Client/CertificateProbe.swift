import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Looks at the certificate of a server that is not trusted, so that an administrator can be shown what to compare.
enum CertificateProbe {
    /// The SHA-256 fingerprint; `nil` if there is none to be had. Nothing is sent but the handshake.
    static func fingerprint(
        of address: PoolAddress, within limit: Duration, on eventLoops: any EventLoopGroup
    ) async -> String? {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        guard let context = try? NIOSSLContext(configuration: tls) else { return nil }
        let isName = (try? SocketAddress(ipAddress: address.host, port: address.port)) == nil
        let found = eventLoops.next().makePromise(of: String.self)
        do {
            let channel = try await ClientBootstrap(group: found.futureResult.eventLoop)
                .connectTimeout(.nanoseconds(limit.nanoseconds))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            try NIOSSLClientHandler(context: context, serverHostname: isName ? address.host : nil),
                            Reader(found),
                        ])
                    }
                }
                .connect(host: address.host, port: address.port).get()
            let timer = channel.eventLoop.scheduleTask(in: .nanoseconds(limit.nanoseconds)) {
                channel.close(promise: nil)
            }
            defer {
                timer.cancel()
                channel.close(promise: nil)
            }
            return try await found.futureResult.get()
        } catch {
            found.fail(error)
            return nil
        }
    }

    /// Waits for the end of the handshake.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let found: EventLoopPromise<String>

        init(_ found: EventLoopPromise<String>) { self.found = found }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted? = event as? TLSUserEvent {
                let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
                if let certificate = handler?.peerCertificate,
                    let fingerprint = try? CertificatePin.fingerprint(of: certificate)
                {
                    found.succeed(fingerprint)
                } else {
                    found.fail(ChannelError.inappropriateOperationForState)
                }
            }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            found.fail(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            found.fail(ChannelError.eof)
            context.fireChannelInactive()
        }
    }
}
