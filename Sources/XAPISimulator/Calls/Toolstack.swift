import NIOCore
import XOJSON

/// What xapi is to a pool: it carries out calls on the database.
///
/// Everything here happens on one event loop, so nothing is locked; this is what makes the order of events simple.
/// The calls themselves stand in extensions, one file for each idea.
final class Toolstack {
    typealias Handler = @Sendable (Toolstack, Call) throws -> Outcome

    let configuration: SimulatedPool.Configuration
    let database: Database
    let eventLoop: any EventLoop
    let loop: NIOIsolatedEventLoop
    /// Identifiers of objects made after the start.
    var random: SplitMix64
    /// The hosts, in the order of their addresses.
    var agents: [HostAgent] = []
    var taskFaults = TaskFaults()
    /// If set, this server is a mere member of a pool whose master is there.
    var masterAddress: String?

    /// The number of the last domain made on any host.
    var lastDomain: Int64 = 0
    /// Operations that take their time, by the reference of their task.
    var operations: [String: Pending] = [:]
    /// Tasks that stay until somebody destroys them, the oldest first.
    var lastingTasks: [String] = []
    /// Tasks to be destroyed as soon as they end.
    var abandonedTasks: Set<String> = []
    /// Sessions, the oldest first.
    var sessionOrder: [String] = []
    var eventWaiters: [EventWaiter] = []
    private var willLookAtEvents = false

    init(_ configuration: SimulatedPool.Configuration, database: Database, random: SplitMix64, loop: any EventLoop) {
        self.configuration = configuration
        self.database = database
        self.random = random
        eventLoop = loop
        self.loop = loop.assumeIsolated()
        database.onChange = { [unowned self] in noteChange() }
    }

    /// Waiting clients are served after the current call, not amid it.
    private func noteChange() {
        guard !willLookAtEvents, !eventWaiters.isEmpty else { return }
        willLookAtEvents = true
        loop.execute {
            self.willLookAtEvents = false
            self.wakeEventWaiters()
        }
    }

    /// Calls `action` after `delay`; at once, before returning, if there is none.
    func after(_ delay: Duration, _ action: @escaping () -> Void) -> Scheduled<Void>? {
        guard delay > .zero else {
            action()
            return nil
        }
        return loop.scheduleTask(in: TimeAmount(delay), action)
    }

    /// Makes an object with a fresh reference and UUID.
    func create(_ className: String, _ fields: KeyValuePairs<String, JSON>) throws(XAPIFailure) -> Row {
        guard let model = database.model[className] else { throw .internalError("no class \(className)") }
        let reference = Reference.make(using: &random)
        return database.create(model, reference: reference, uuid: makeUUID(using: &random), fields)
    }

    var pool: Row? { database.table("pool")?.all.first { _ in true } }
    var master: Row? { pool.flatMap { database.find("host", "master", of: $0) } }

    /// What a restart of xapi forgets: sessions, tasks and, unless it `keepsEvents`, which objects were deleted.
    func forget(keepsEvents: Bool = false) {
        for pending in Array(operations.values) { pending.cancel() }
        for waiter in eventWaiters { waiter.timer?.cancel() }
        eventWaiters.removeAll()
        forgetSessions()
        for task in database.all("task") { database.destroy(task) }
        lastingTasks.removeAll()
        abandonedTasks.removeAll()
        guard !keepsEvents else { return }
        for table in database.tables { table.forgetDeletions() }
    }
}
