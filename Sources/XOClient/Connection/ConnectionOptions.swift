import NIO

/// How to connect.
public struct ConnectionOptions: Sendable {
    /// Whether any certificate is accepted. Use this only where nobody else could answer.
    public var allowUnauthorized: Bool
    /// Bytes that one incoming WebSocket message may have before the connection is given up.
    public var maximumFrameSize: Int
    /// How long to wait for the TCP connection. Nothing else has a time limit.
    public var connectTimeout: TimeAmount
    /// The threads that serve the connection.
    public var group: any EventLoopGroup

    public init(
        allowUnauthorized: Bool = false, maximumFrameSize: Int = 256 << 20, connectTimeout: TimeAmount = .seconds(10),
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) {
        self.allowUnauthorized = allowUnauthorized
        self.maximumFrameSize = maximumFrameSize
        self.connectTimeout = connectTimeout
        self.group = group
    }
}
