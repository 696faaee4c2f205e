import NIO
import NIOHTTP1
import NIOWebSocket

/// Opens a WebSocket (RFC 6455, 4.1) and puts an ``RPCHandler`` on it.
struct WebSocketHandshake: Sendable {
    let server: ServerURL
    let options: ConnectionOptions

    typealias Peer = NIOLoopBound<RPCHandler>

    func perform(inbox: NotificationInbox) async throws -> (any Channel, Peer) {
        let address = server.address
        let result = try await Dialer(address: address, options: options).connect { channel in
            let upgrade = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                configuration: .init(upgradeConfiguration: upgrade(inbox: inbox)))
            return Upgrade(channel: channel, peer: upgrade)
        }
        do {
            return (result.channel, try await result.peer.get().get())
        } catch {
            try? await result.channel.close()
            throw ConnectionError(error, at: address)
        }
    }

    private struct Upgrade: Sendable {
        let channel: any Channel
        /// The outer future ends with the head of the answer; the inner one, if that refused, with its explanation.
        let peer: EventLoopFuture<EventLoopFuture<Peer>>
    }

    private func upgrade(
        inbox: NotificationInbox
    ) -> NIOTypedHTTPClientUpgradeConfiguration<EventLoopFuture<Peer>> {
        let address = server.address
        let maximumFrameSize = options.maximumFrameSize
        let upgrader = NIOTypedWebSocketClientUpgrader<EventLoopFuture<Peer>>(maxFrameSize: maximumFrameSize) {
            channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let handler = RPCHandler(address: address, inbox: inbox)
                let aggregator = NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 20,
                    maxAccumulatedFrameSize: maximumFrameSize)
                try channel.pipeline.syncOperations.addHandlers(aggregator, handler)
                let peer = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                return channel.eventLoop.makeSucceededFuture(peer)
            }
        }
        return NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: HTTPRequestHead(
                version: .http1_1, method: .GET, uri: server.apiTarget,
                headers: ["Host": address.authority, "Content-Length": "0"]),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = RefusalHandler(
                        address: address, promise: channel.eventLoop.makePromise(of: Peer.self))
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return handler.promise.futureResult
                }
            })
    }
}

/// Reads the status of the answer that refused the WebSocket.
private final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    let address: ServerAddress
    let promise: EventLoopPromise<WebSocketHandshake.Peer>

    init(address: ServerAddress, promise: EventLoopPromise<WebSocketHandshake.Peer>) {
        self.address = address
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        promise.fail(
            ConnectionError(.refused(status: Int(head.status.code)), at: address, head.status.reasonPhrase))
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }
}
