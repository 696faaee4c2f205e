import CXOPlugin
import Glibc

/// Which table a context belongs to. Each has a context of its own, so that mixing them up is found out.
enum HostTable: String, CaseIterable, Sendable {
    case core, calls, objects, events, http, transport, store, metrics, auth
}

/// Whose context a pointer is. The plugin's threads may come with one at any time, so they are kept for ever.
enum Contexts {
    private static let known = Monitor<[UInt: (host: CheckedHost, table: HostTable)]>([:])

    /// The first argument of all functions of a table.
    static func make(for host: CheckedHost, _ table: HostTable) -> UnsafeMutableRawPointer {
        let context = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
        known.withLock { $0[UInt(bitPattern: context)] = (host, table) }
        return context
    }

    /// Ends the process if it is nobody's: there is nothing sensible to answer, and the report says why.
    static func host(_ context: UnsafeMutableRawPointer?, _ table: HostTable, _ function: String) -> CheckedHost {
        guard let found = known.withLock({ $0[UInt(bitPattern: context)] }), found.table == table else {
            Console.complain("\(function) is called with a ctx that is not that of its table")
            abort()
        }
        return found.host
    }
}
