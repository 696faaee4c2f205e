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
