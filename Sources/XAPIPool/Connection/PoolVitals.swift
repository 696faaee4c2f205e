import Synchronization

/// How a connection is doing, for people. Kept apart from the connection, so that looking never waits for it.
public final class PoolVitals: Sendable {
    public struct Reading: Sendable, Hashable {
        /// How long the server took for a small call, when it was last tried.
        public var latency: Duration?
        /// By how much its clock is ahead of ours, to a second.
        public var clockOffset: Duration?
        /// Milliseconds since 1970.
        public var lastEvent: Int64?
        /// Records by XenServer's class; empty while nothing is known.
        public var records: [String: Int] = [:]
        /// Records that could not be used, since the connection was made.
        public var brokenRecords = 0
    }

    private let state = Mutex(Reading())

    public init() {}

    public var reading: Reading { state.withLock { $0 } }

    func update(_ change: (inout sending Reading) -> Void) { state.withLock { change(&$0) } }
}
