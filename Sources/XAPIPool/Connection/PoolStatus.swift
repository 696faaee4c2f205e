/// The state of a connection to a pool.
public struct PoolStatus: Sendable, Hashable {
    public enum Phase: String, Sendable {
        case disconnected, connecting, connected
    }

    public var phase: Phase
    /// Once known.
    public var pool: PoolDescription?
    /// What is wrong at present; the connection may be kept all the same.
    public var error: String?

    public init(phase: Phase, pool: PoolDescription? = nil, error: String? = nil) {
        self.phase = phase
        self.pool = pool
        self.error = error
    }
}

/// What a pool says about itself.
public struct PoolDescription: Sendable, Hashable {
    public let id: String
    public let nameLabel: String
    public let nameDescription: String
    public let memberAddresses: [String]
    /// The id of the host that speaks for the pool.
    public let coordinatorID: String?

    init?(_ cache: RecordCache) {
        guard let pool = cache.pool else { return nil }
        id = pool.uuid
        let coordinator = cache.coordinator
        let name = pool.string("name_label") ?? ""
        nameLabel = name.isEmpty ? coordinator?.string("name_label") ?? "" : name
        nameDescription = pool.string("name_description") ?? ""
        memberAddresses = cache.hosts.values.compactMap { $0.string("address") }.sorted()
        coordinatorID = coordinator?.uuid
    }
}

/// Whoever has opened a connection: decides, and is told.
public protocol PoolOwner: Sendable {
    /// The server has turned out to speak for this pool; a throw refuses it for good.
    func admit(pool id: String) async throws
    /// The status is another than before.
    func statusChanged(_ status: PoolStatus) async
    /// The certificate of a host has been seen for the first time.
    func pinned(_ fingerprints: [String: String]) async
    /// Something odd that does not end the connection.
    func warn(_ text: String) async
}

/// Counts what a connection does. Must not block; may be called on any thread.
public protocol PoolMonitor: Sendable {
    func called(_ method: String, took duration: Duration, failed: Bool)
    /// A batch of events has become objects, this long after its arrival.
    func published(events: Int, after delay: Duration)
}
