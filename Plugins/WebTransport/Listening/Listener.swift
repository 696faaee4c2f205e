import NIO
import NIOHTTP1
import NIOSSL
import Synchronization
import XOPluginAPI

/// One socket that takes connections.
final class Listener: Sendable {
    let channel: any Channel
    private let socket: ListeningSocket
    private let tls: TLSSwitch

    private init(channel: any Channel, socket: ListeningSocket, tls: TLSSwitch) {
        self.channel = channel
        self.socket = socket
        self.tls = tls
    }

    /// The certificate that new connections are served with; `nil` for plain HTTP.
    private final class TLSSwitch: Sendable {
        private let current: Mutex<NIOSSLContext?>
        init(_ context: NIOSSLContext?) { current = Mutex(context) }
        var context: NIOSSLContext? {
            get { current.withLock { $0 } }
            set { current.withLock { $0 = newValue } }
        }
    }

    /// How many connections may wait to be accepted.
    private static let backlog: UInt32 = 1024

    static func open(
        _ endpoint: ListenAddress.Endpoint, tls context: NIOSSLContext?, for service: Service
    ) async throws -> Listener {
        let tls = TLSSwitch(context)
        let socket: ListeningSocket
        do {
            socket = try await service.transport.listen(
                at: endpoint.address, port: UInt16(endpoint.port), backlog: backlog)
        } catch let error as ListenError {
            throw ConfigurationError(error, endpoint)
        }
        guard let descriptor = socket.takeDescriptor() else { throw CancellationError() }
        do {
            let channel = try await ServerBootstrap(group: service.group)
                .serverChannelOption(.backlog, value: Int32(backlog))
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 65_536, high: Outbox.slice))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try setUp(channel, tls.context, service) }
                }
                .withBoundSocket(descriptor).get()
            return Listener(channel: channel, socket: socket, tls: tls)
        } catch {
            socket.close()
            throw error
        }
    }

    func setTLS(_ context: NIOSSLContext?) { tls.context = context }

    /// Where it listens, as a URL with the real port.
    func url(of endpoint: ListenAddress.Endpoint) -> String {
        let real = ListenAddress.Endpoint(
            address: channel.localAddress?.ipAddress ?? endpoint.address,
            port: channel.localAddress?.port ?? endpoint.port)
        return "\(tls.context == nil ? "http" : "https")://\(real)"
    }

    func close() async {
        socket.close()
        try? await channel.close().get()
    }

    // MARK: - New connections

    private struct Refused: Error {}

    private static func setUp(_ channel: any Channel, _ tls: NIOSSLContext?, _ service: Service) throws {
        let settings = service.settings
        guard let worker = service.worker(of: channel.eventLoop), service.connections.admit(channel, settings: settings)
        else { throw Refused() }
        try? KeepAlive.enable(on: channel)

        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        let decoder = ByteToMessageHandler(requestDecoder(settings))
        try pipeline.addHandler(decoder)
        try pipeline.addHandler(
            HTTPConnection(
                service: service, settings: settings, worker: worker, isEncrypted: tls != nil, decoder: decoder))
    }

    private static func requestDecoder(_ settings: Configuration) -> HTTPRequestDecoder {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = settings.maximumHeaderSize
        limits.maxHeaderListSize = settings.maximumHeaderSize
        // What follows an accepted upgrade already belongs to the WebSocket.
        return HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)
    }
}
