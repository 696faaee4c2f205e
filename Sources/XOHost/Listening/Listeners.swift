import Synchronization

/// One socket at which an instance takes connections.
final class Listener: HandleHolder {
    nonisolated(unsafe) var handle: UInt64 = 0
    let owner: PluginInstance
    let endpoint: ListenEndpoint
    let backlog: UInt32
    /// Its place among all that were ever asked for.
    fileprivate let number: UInt64
    /// The life that uses it; `nil` while none does.
    fileprivate let user: Mutex<Incarnation?>
    private let descriptor = Mutex<OwnedDescriptor?>(nil)

    fileprivate init(_ number: UInt64, _ endpoint: ListenEndpoint, backlog: UInt32, for life: Incarnation) {
        self.number = number
        owner = life.owner
        self.endpoint = endpoint
        self.backlog = backlog
        user = Mutex(life)
    }

    /// A descriptor for the transport; opens the socket if that has not been done. Blocks.
    func lend() throws(ListenError) -> OwnedDescriptor {
        try descriptor.withLock { (descriptor) throws(ListenError) in
            let opened: OwnedDescriptor
            if let present = descriptor.take() {
                opened = present
            } else {
                opened = try ListeningSocket.open(endpoint, backlog: backlog)
            }
            let lent = try opened.duplicate()
            descriptor = consume opened
            return lent
        }
    }
}

/// The sockets at which transports take connections.
///
/// The host keeps a descriptor of each. So what connects while a transport is being started again waits in the socket,
/// and a transport that has crashed finds its ports as it left them.
final class Listeners: Sendable {
    /// In each part of the table.
    private static let limit = 1000

    private let table = HandleTable<Listener>(limit: Listeners.limit)
    private let asked = Atomic<UInt64>(0)

    /// Makes room for a socket, or finds the one that the instance had before it crashed; `nil` if there are too many.
    func listener(at endpoint: ListenEndpoint, backlog: UInt32, for life: Incarnation) -> Listener? {
        // In the order in which they were asked for: several may be at port 0 of one address, each for something else.
        let kept = table.values.sorted { $0.number < $1.number }.first { listener in
            guard listener.owner === life.owner, listener.endpoint == endpoint else { return false }
            return listener.user.withLock { user in
                guard user == nil else { return false }
                user = life
                return true
            }
        }
        if let kept { return kept }
        let number = asked.add(1, ordering: .relaxed).newValue
        let listener = Listener(number, endpoint, backlog: backlog, for: life)
        return table.insert(listener) ? listener : nil
    }

    func close(_ handle: UInt64, of life: Incarnation) {
        _ = table.remove(handle) { $0.user.withLock { $0 === life } }
    }

    /// The instance has crashed and is started again: its sockets wait for it.
    func orphanAll(of owner: PluginInstance) {
        for listener in table.values where listener.owner === owner { listener.user.withLock { $0 = nil } }
    }

    /// Closes what an instance that runs again has not asked for.
    func closeOrphans(of owner: PluginInstance) {
        for listener in table.values where listener.owner === owner {
            _ = table.remove(listener.handle) { $0.user.withLock { $0 == nil } }
        }
    }

    func closeAll(of owner: PluginInstance) {
        for listener in table.values where listener.owner === owner { _ = table.remove(listener.handle) }
    }
}
