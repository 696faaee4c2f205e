import Synchronization

/// The handles that a runner has given out, and those of the host behind them.
///
/// A function that returns a handle cannot wait for the host, so the runner makes the number itself.
final class RemoteHandles: Sendable {
    private let hosts = Mutex<[UInt64: UInt64]>([:])

    subscript(local: UInt64) -> UInt64? { hosts.withLock { $0[local] } }
    func set(_ local: UInt64, _ host: UInt64) { hosts.withLock { $0[local] = host } }
    /// Unless it has been removed meanwhile.
    func replace(_ local: UInt64, _ host: UInt64) {
        hosts.withLock { hosts in
            if hosts[local] != nil { hosts[local] = host }
        }
    }
    @discardableResult
    func remove(_ local: UInt64) -> UInt64? { hosts.withLock { $0.removeValue(forKey: local) } }
}

/// The sessions of a transport in a runner, in both directions.
final class RemoteSessions: Sendable {
    private let handles = Mutex<(hosts: [UInt64: UInt64], locals: [UInt64: UInt64])>(([:], [:]))

    func host(_ local: UInt64) -> UInt64? { handles.withLock { $0.hosts[local] } }
    func local(_ host: UInt64) -> UInt64? { handles.withLock { $0.locals[host] } }

    func add(local: UInt64, host: UInt64) {
        handles.withLock { handles in
            handles.hosts[local] = host
            handles.locals[host] = local
        }
    }

    func remove(local: UInt64) -> UInt64? {
        handles.withLock { handles in
            let host = handles.hosts.removeValue(forKey: local)
            if let host { handles.locals[host] = nil }
            return host
        }
    }
}
