/// All connections of clients, of all transports.
final class SessionTable: Sendable {
    private let table: HandleTable<Session>
    private let pool: WorkerPool
    private let callLimit: Int

    init(pool: WorkerPool, limits: Configuration.Limits) {
        self.pool = pool
        callLimit = limits.callsPerSession
        table = HandleTable(limit: limits.sessions)
    }

    var count: Int { table.count }
    var all: [Session] { table.values }

    /// A new session, not signed in; `nil` if there are too many.
    func open(on transport: Incarnation, address: String, isLoopback: Bool) -> Session? {
        let session = Session(
            transport: transport, address: address, isLoopback: isLoopback, lane: pool.makeLane(), callLimit: callLimit)
        return table.insert(session) ? session : nil
    }

    subscript(handle: UInt64) -> Session? { table[handle] }

    func close(_ handle: UInt64) {
        table.remove(handle)?.markClosed()
    }

    /// The sessions in which `userID` is signed in.
    func sessions(of userID: String) -> [Session] {
        sessions { $0.id == userID }
    }

    /// The sessions with such a user.
    func sessions(where isMeant: (User) -> Bool) -> [Session] {
        table.values.filter { $0.principal?.user.map(isMeant) ?? false }
    }
}
