import AsyncHTTPClient

/// How to reach a pool.
public struct PoolSettings: Sendable {
    public var address: PoolAddress
    public var user: String
    public var password: String
    /// Whether a certificate that nobody vouches for is accepted. The first one seen is pinned.
    public var allowsUnauthorized: Bool
    /// SHA-256 fingerprints of the certificates seen earlier, by host.
    public var pins: [String: String]
    /// Addresses of the pool's hosts as they were known earlier: one of them may serve when the first one does not.
    public var members: [String]
    public var proxy: PoolProxy?
    public var timing: PoolTiming

    public init(
        address: PoolAddress, user: String, password: String, allowsUnauthorized: Bool = false,
        pins: [String: String] = [:], members: [String] = [], proxy: PoolProxy? = nil, timing: PoolTiming = PoolTiming()
    ) {
        self.address = address
        self.user = user
        self.password = password
        self.allowsUnauthorized = allowsUnauthorized
        self.pins = pins
        self.members = members
        self.proxy = proxy
        self.timing = timing
    }
}

/// How long to wait for what.
public struct PoolTiming: Sendable {
    /// The unit of the delays between attempts.
    public var retryBase: Duration
    /// How long the objects of a pool that does not answer are kept.
    public var markDisconnectedDelay: Duration
    /// How long the server holds a poll for events back if there are none.
    public var eventPoll: Duration
    public var connect: Duration
    /// The limit of an ordinary call; the first fetch of all records has five times as much.
    public var call: Duration

    public init(
        retryBase: Duration = .seconds(1), markDisconnectedDelay: Duration = .seconds(300),
        eventPoll: Duration = .seconds(60), connect: Duration = .seconds(10), call: Duration = .seconds(60)
    ) {
        self.retryBase = retryBase
        self.markDisconnectedDelay = markDisconnectedDelay
        self.eventPoll = eventPoll
        self.connect = connect
        self.call = call
    }
}

/// An HTTP proxy between here and the server.
public struct PoolProxy: Sendable {
    let configuration: HTTPClient.Configuration.Proxy

    /// Takes `http://[user:password@]host[:port]`.
    ///
    /// - Throws: ``PoolProblem/badAddress(_:)``, without the credentials.
    public init(_ text: String) throws(PoolProblem) {
        let scheme = text.firstRange(of: "://")
        let afterScheme = scheme.map { text[$0.upperBound...] } ?? text[...]
        let at = afterScheme.lastIndex(of: "@")
        let target = at.map { afterScheme[afterScheme.index(after: $0)...] } ?? afterScheme
        let address = try PoolAddress((scheme.map { String(text[..<$0.upperBound]) } ?? "http://") + target)
        guard let at else {
            configuration = .server(host: address.host, port: address.port)
            return
        }
        let credentials = afterScheme[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        configuration = .server(
            host: address.host, port: address.port,
            authorization: .basic(
                username: String(credentials[0]), password: credentials.count > 1 ? String(credentials[1]) : ""))
    }
}
