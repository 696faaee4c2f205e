import CXOPlugin
import Glibc
import XOJSON
import XOProtocol

/// A host of one instance: all tables of the contract, small, in memory, and suspicious of everything that comes in.
///
/// It does what the header says; it does not authenticate, persist or forward. Whatever the plugin does against the
/// contract is noted in the journal, and answered as the contract says.
final class CheckedHost: Sendable {
    let plan: HostPlan
    let journal = Journal()
    let lane: Lane
    let releaser: Releaser
    let operations: Operations
    let handles: Handles
    let store = Monitor<[String: Stored]>([:])
    let subscriptions = Monitor<[UInt64: Subscription]>([:])
    let routes = Monitor<[UInt64: Route]>([:])
    let sessions = Monitor<[UInt64: TransportSession]>([:])
    /// The sockets that a transport has asked for.
    let listeners = Monitor<[UInt64: Listener]>([:])
    /// How many requests a transport has brought in.
    let requests = Monitor(0)
    /// What it offers as a provider of identities; `nil`: it is none, or none with a good offer.
    let offer = Monitor<Offer?>(nil)
    /// What was logged, with its fields, as far as it is not too much.
    let log = Monitor<[String]>([])
    /// What must not be seen again, in no log and no message.
    let secrets = Monitor<[String]>([])
    /// Where a transport says that clients can connect.
    let urls = Monitor<[String]>([])
    let life = Monitor(Life())
    let instanceID: String
    let dataDirectory: String
    /// What the plugin offers; known once it is set up.
    let tables = Monitor<PluginTables?>(nil)

    /// A step or callback that takes longer than this holds up everybody else, on whatever machine.
    private static let longestCall: Int64 = 1_000_000_000

    /// - Parameters:
    ///   - number: among the hosts of this process.
    ///   - name: of the plugin.
    init(_ plan: HostPlan, number: Int, name: String, dataDirectory: String) {
        self.plan = plan
        instanceID = "\(name)-\(number)"
        self.dataDirectory = dataDirectory
        let journal = journal
        lane = Lane(plan.lane) { name, nanoseconds in
            guard nanoseconds > Self.longestCall else { return }
            journal.note(.laneBlocked, "\(name) took \(nanoseconds / 1_000_000) ms.")
        }
        releaser = Releaser(journal: journal, isPatient: plan.holdsPayloads)
        operations = Operations(host: number, journal: journal)
        handles = Handles(host: number)
    }

    /// Calls back into the plugin in its lane, unless it has stopped by then. Never inside a function of the host.
    func callBack(_ name: String, _ body: @escaping (PluginTables) -> Void) {
        lane.run(name) { [self] in
            guard life.withLock({ $0.isOpen }), let tables = tables.withLock({ $0 }) else { return }
            body(tables)
        }
    }

    /// Lends in the way of this host's plan.
    func lend<Result>(_ body: (Loan) -> Result) -> Result { Loan.lend(plan.loans, body) }

    // MARK: Functions of the host

    /// What every function of the host begins and ends with.
    ///
    /// - Parameters:
    ///   - function: its name, such as `xo_host.log`.
    ///   - ifRefused: what it answers if it may not be called now.
    ///   - body: throws a ``BadArgument`` if it is given something that breaks the contract.
    static func serve<Result>(
        _ context: UnsafeMutableRawPointer?, _ table: HostTable, _ function: String, _ window: Life.Window,
        ifRefused: (xo_status) -> Result, _ body: (CheckedHost) throws -> Result
    ) -> Result {
        let host = Contexts.host(context, table, function)
        let life = host.life.withLock { $0 }
        if life.phase == .creating || life.phase == .created {
            host.journal.note(.calledInCreate, "It calls \(function) before setup.")
        }
        if life.phase == .destroyed {
            host.journal.note(.calledAfterDestroy, "It calls \(function) after destroy has returned.")
        }
        if host.releaser.isReleasing {
            host.journal.note(.calledInRelease, "It calls \(function) inside the release function of a payload.")
        }
        guard life.isInside(window), life.phase != .destroyed else { return ifRefused(.wrongState) }
        if host.plan.refuses && table != .core { return ifRefused(.resourceExhausted) }
        do {
            return try body(host)
        } catch let error as BadArgument {
            host.journal.note(.badArgument, "It passes \(function) \(error.description).")
        } catch {
            host.journal.note(.badArgument, "It passes \(function) what is malformed: \(error).")
        }
        return ifRefused(.invalidArgument)
    }

    /// The same for functions that return a status.
    static func serve(
        _ context: UnsafeMutableRawPointer?, _ table: HostTable, _ function: String,
        _ window: Life.Window = .serving, _ body: (CheckedHost) throws -> xo_status
    ) -> xo_status {
        serve(context, table, function, window, ifRefused: { $0 }, body)
    }

    /// The same for functions that return nothing.
    static func serve(
        _ context: UnsafeMutableRawPointer?, _ table: HostTable, _ function: String,
        _ window: Life.Window = .serving, _ body: (CheckedHost) throws -> Void
    ) {
        serve(context, table, function, window, ifRefused: { _ in }, body)
    }

    /// Checks a handle that the plugin uses.
    func check(_ handle: UInt64, _ kind: Handles.Kind) throws -> xo_status {
        switch handles.standing(handle, kind) {
        case .open: return .ok
        case .closed: return .staleHandle
        case .foreign: throw BadArgument("the \(kind.rawValue) \(handle), which the host has never given it")
        }
    }
}
