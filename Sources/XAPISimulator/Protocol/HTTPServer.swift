import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Serves the toolstack over HTTP at one address. Confined to the event loop, like the toolstack.
final class HTTPServer {
    /// More connections than this are closed at once.
    private static let maximumConnections = 2048

    let toolstack: Toolstack
    /// The address to listen on, and the one that clients are told.
    private let address: String
    private let publicAddress: String
    var port: Int
    private(set) var certificate: ServerCertificate?
    /// The host that is reached here; `nil` if it is the coordinator, whichever that is.
    weak var agent: HostAgent?
    var faults = FaultPlan()
    private var listener: (any Channel)?
    private var isWanted = false
    private var connections: [ObjectIdentifier: any Channel] = [:]

    init(_ toolstack: Toolstack, address: String, publicAddress: String, port: Int, certificate: ServerCertificate?) {
        self.toolstack = toolstack
        self.address = address
        self.publicAddress = publicAddress
        self.port = port
        self.certificate = certificate
    }

    var url: String { (certificate == nil ? "http://" : "https://") + authority(publicAddress, port) }

    /// Starts to listen; if it did before, at the same port.
    func open() -> EventLoopFuture<Void> {
        isWanted = true
        let server = NIOLoopBound(self, eventLoop: toolstack.eventLoop)
        return ServerBootstrap(group: toolstack.eventLoop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
            }
            .bind(host: address, port: port).map { listener in server.value.opened(listener: listener) }
    }

    private func opened(listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? port
        if !isWanted { close() }
    }

    /// Ends listening and all connections.
    func close() {
        isWanted = false
        listener?.close(promise: nil)
        listener = nil
        closeConnections()
    }

    /// From the next connection on the certificate is another one; the present ones end.
    func replaceCertificate() throws {
        certificate = try ServerCertificate(name: publicAddress)
        closeConnections()
    }

    private func accept(_ channel: any Channel) throws {
        guard connections.count < HTTPServer.maximumConnections else { throw ChannelError.operationUnsupported }
        let pipeline = channel.pipeline.syncOperations
        if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context)) }
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
        try pipeline.addHandler(HTTPRequestHandler(self))
    }

    func opened(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = channel }
    func closed(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = nil }

    func closeConnections() {
        for channel in Array(connections.values) { channel.close(promise: nil) }
    }
}
