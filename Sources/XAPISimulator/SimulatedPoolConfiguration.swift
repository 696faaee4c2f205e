extension SimulatedPool {
    /// What the pool looks like, where it listens and how fast it works.
    public struct Configuration: Sendable {
        /// Number of hosts; the first one is the master. At least 1.
        public var hosts: Int
        /// Number of guests, in all power states; templates, snapshots and control domains come on top.
        public var virtualMachines: Int
        /// Pools with the same seed and size have the same references, UUIDs and names.
        public var seed: UInt64
        public var poolName: String

        /// The address to listen on. Every host's `address` is this one too, or 127.0.0.1 if it is a wildcard.
        public var address: String
        /// Whether the hosts have addresses of their own instead, where members send clients to the coordinator.
        public var hostAddresses: HostAddresses
        /// 0 lets the system choose; see ``SimulatedPool/port``.
        public var port: Int
        /// Whether to serve TLS with self-signed certificates made at start, one for each address.
        public var tls: Bool

        public var user: String
        public var password: String
        /// How long a wrong password is pondered. A real server takes 5 s.
        public var badPasswordDelay: Duration

        /// How long starting, stopping and the like take. While it lasts the operation stands in
        /// `current_operations`, a second one is refused, and the task can be cancelled.
        public var operationDuration: Duration
        /// How long after its start a guest's agent reports.
        public var guestAgentDelay: Duration
        /// How long a toolstack, and a machine, takes to start. Meanwhile it answers `HOST_STILL_BOOTING`, or nothing.
        public var startDuration: Duration
        /// How long it takes until the others take a silent host for dead.
        public var failureDetection: Duration
        /// How long `event.from` waits after the first change for more of them.
        public var eventPause: Duration

        public init(
            hosts: Int = 3, virtualMachines: Int = 20, seed: UInt64 = 1, poolName: String = "Demo pool",
            address: String = "127.0.0.1", hostAddresses: HostAddresses = .shared, port: Int = 0, tls: Bool = false,
            user: String = "root",
            password: String = "password", badPasswordDelay: Duration = .zero, operationDuration: Duration = .zero,
            guestAgentDelay: Duration = .seconds(2), startDuration: Duration = .zero,
            failureDetection: Duration = .zero, eventPause: Duration = .milliseconds(50)
        ) {
            self.hosts = hosts
            self.virtualMachines = virtualMachines
            self.seed = seed
            self.poolName = poolName
            self.address = address
            self.hostAddresses = hostAddresses
            self.port = port
            self.tls = tls
            self.user = user
            self.password = password
            self.badPasswordDelay = badPasswordDelay
            self.operationDuration = operationDuration
            self.guestAgentDelay = guestAgentDelay
            self.startDuration = startDuration
            self.failureDetection = failureDetection
            self.eventPause = eventPause
        }
    }
}
