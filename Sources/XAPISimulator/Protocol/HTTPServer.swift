import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Serves the toolstack over HTTP. Confined to the event loop, like the toolstack.
final class HTTPServer {
    /// More connections than this are closed at once.
    private static let maximumConnections = 2048

    let toolstack: Toolstack
    var faults = FaultPlan()
    private(set) var connections: [ObjectIdentifier: any Channel] = [:]

    init(_ toolstack: Toolstack) { self.toolstack = toolstack }

    /// Starts to listen. `server` is used on the loop of `group` only, of which there must be no more than one.
    static func listen(
        _ server: NIOLoopBound<HTTPServer>, on group: MultiThreadedEventLoopGroup, address: String, port: Int,
        tls: NIOSSLContext?
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try server.value.accept(channel, tls: tls)
                }
            }
            .bind(host: address, port: port).get()
    }

    private func accept(_ channel: any Channel, tls: NIOSSLContext?) throws {
        guard connections.count < HTTPServer.maximumConnections else { throw ChannelError.operationUnsupported }
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
        try pipeline.addHandler(HTTPRequestHandler(self))
    }

    func opened(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = channel }
    func closed(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = nil }

    func closeConnections() {
        for channel in Array(connections.values) { channel.close(promise: nil) }
    }
}
