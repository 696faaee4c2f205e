import Glibc
import NIOCore
import XOJSON

/// A connection to one pool: keeps its objects up to date, and carries calls.
///
/// It fetches all records once, then polls for events. Whatever goes wrong, it tries again: with the same token if only
/// the line was cut, from the beginning if the server has lost track of the session.
public actor PoolConnection {
    private let settings: PoolSettings
    private let owner: any PoolOwner
    private let monitor: any PoolMonitor
    private let sink: any ObjectSink
    private let client: XAPIClient
    private let inventory: PoolInventory

    public private(set) var status = PoolStatus(phase: .disconnected)
    public nonisolated let vitals = PoolVitals()
    private var loop: Task<Void, Never>?
    private var expiry: Task<Void, Never>?
    private var firstAttempt: CheckedContinuation<Void, any Error>?
    private var waitingForTasks: [String: CheckedContinuation<TaskOutcome, Never>] = [:]
    private var abandonedTasks: Set<String> = []
    /// By reference: who waits until the record is known.
    private var waitingForRecords: [String: [CheckedContinuation<Void, Never>]] = [:]
    /// Of which records the owner has been warned.
    private var warned: Set<String> = []
    private static let maximumWarnings = 1000
    /// By class: by how much the server's count differs from ours even after a fetch.
    private var drift: [String: Int] = [:]
    private var pins: [String: String]
    /// The pool for which the owner has admitted this connection.
    private var poolID: String?
    /// Whether the inventory holds what the pool had when the last poll began.
    private var isLoaded = false
    /// The session in which it was loaded: with another one, the server may have been restarted in between.
    private var session = 0

    public init(
        settings: PoolSettings, eventLoops: any EventLoopGroup, sink: any ObjectSink, owner: any PoolOwner,
        monitor: any PoolMonitor
    ) {
        self.settings = settings
        self.owner = owner
        self.monitor = monitor
        self.sink = sink
        client = XAPIClient(settings: settings, eventLoops: eventLoops, monitor: monitor)
        inventory = PoolInventory(sink: sink)
        pins = settings.pins
    }

    // MARK: Life

    /// Begins to connect and waits for the outcome of the first attempt. When that fails the connection goes on trying,
    /// unless a person has to do something about it; see ``status``. Call once.
    ///
    /// - Throws: ``PoolProblem``, ``XAPIError``, or what the owner threw.
    public func start() async throws {
        try await withCheckedThrowingContinuation { continuation in
            firstAttempt = continuation
            loop = Task { await self.run() }
        }
    }

    /// Signs out, removes all objects, and ends everything that ``start()`` began.
    public func stop() async {
        loop?.cancel()
        expiry?.cancel()
        await client.close()
        await loop?.value
        loop = nil
        end(PoolProblem.disconnected("the server has been disconnected"))
        status = PoolStatus(phase: .disconnected)
    }

    private func run() async {
        await set { $0.phase = .connecting }
        var backoff = Backoff(base: settings.timing.retryBase)
        var failures = 0
        var token: String?
        while !Task.isCancelled {
            do {
                var next =
                    if let token { token } else { try await load() }
                token = next
                var isFirst = true
                while isLoaded {
                    // The first poll returns at once: it shows whether the line works.
                    next = try await poll(
                        since: next, wait: isFirst && failures > 0 ? .zero : settings.timing.eventPoll)
                    isFirst = false
                    token = next
                    if failures > 0, isLoaded {
                        failures = 0
                        backoff.reset()
                        await succeeded()
                    }
                }
                token = nil
            } catch {
                if Task.isCancelled { break }
                failures += 1
                if isFatal(error) {
                    await set {
                        $0.phase = .disconnected
                        $0.error = ServerTrouble.describe(error)
                    }
                    end(error)
                    return
                }
                await failed(error)
                if error is XAPIError || !isLoaded { token = nil }
                // A line that was just cut is tried again at the same host; where there was none, at the next.
                if error is PoolProblem, failures > 1 || !isLoaded {
                    token = nil
                    await client.tryNextMember()
                }
                try? await Task.sleep(for: backoff.delay())
            }
        }
    }

    /// Whether trying again is pointless until a person has changed something.
    private func isFatal(_ error: any Error) -> Bool {
        switch error {
        case PoolProblem.loginRefused, PoolProblem.alreadyConnected: true
        default: false
        }
    }

    private func succeeded() async {
        expiry?.cancel()
        expiry = nil
        sink.report(isLive: true, detail: "connected to \(settings.address)")
        await set {
            $0.phase = .connected
            $0.error = nil
        }
        firstAttempt?.resume()
        firstAttempt = nil
    }

    private func failed(_ error: any Error) async {
        let words = ServerTrouble.describe(error)
        sink.report(isLive: false, detail: words)
        await set { $0.error = words }
        firstAttempt?.resume(throwing: error)
        firstAttempt = nil
        guard expiry == nil, status.phase == .connected else { return }
        expiry = Task {
            guard (try? await Task.sleep(for: self.settings.timing.markDisconnectedDelay)) != nil else { return }
            await self.expire()
        }
    }

    /// The pool has been silent for too long for its objects to be believed.
    private func expire() async {
        isLoaded = false
        inventory.clear()
        vitals.update { $0.records = [:] }
        releaseWaiting(all: true)
        settleTasks(lost: "the connection to the pool is lost")
        await set { $0.phase = .connecting }
    }

    private func end(_ error: any Error) {
        expiry?.cancel()
        expiry = nil
        inventory.clear()
        vitals.update { $0.records = [:] }
        releaseWaiting(all: true)
        settleTasks(lost: "\(error)")
        firstAttempt?.resume(throwing: error)
        firstAttempt = nil
    }

    private func set(_ change: (inout PoolStatus) -> Void) async {
        var changed = status
        change(&changed)
        if changed.phase != .disconnected { changed.pool = PoolDescription(inventory.cache) ?? changed.pool }
        guard changed != status else { return }
        status = changed
        await owner.statusChanged(changed)
    }

    // MARK: Records and events

    /// Fetches everything; returns the token to go on with.
    private func load() async throws -> String {
        let limit = settings.timing.call * 5
        let pools = try Classes.pool.shape.readAll(try await client.call("pool.get_all_records"))
        guard let pool = pools.records.first else {
            throw PoolProblem.notUnderstood("\(settings.address) has no usable pool record: is it a XenServer?")
        }
        session = await client.sessionNumber
        try await owner.admit(pool: pool.uuid)
        // Changes during the fetch come again as events.
        guard let token = try await client.call("event.inject", ["pool", .string(pool.ref)]).json.string else {
            throw PoolProblem.notUnderstood("event.inject answered without a token")
        }
        let fetched = try await client.fetch(Classes.all.map(\.shape), timeout: limit)
        await warn(of: fetched.broken)
        drift = [:]
        inventory.load(fetched.records)
        poolID = inventory.cache.pool?.uuid
        isLoaded = true
        releaseWaiting()
        settleTasks(lost: "the server has been restarted or the task was destroyed before its completion")
        await remember()
        await succeeded()
        await examine()
        return token
    }

    /// A small call, for how far away the server is, in the network and in time.
    private func examine() async {
        noteRecords()
        guard let coordinator = inventory.cache.coordinator?.ref else { return }
        let (started, sent) = (ContinuousClock.now, Self.now / 1000)
        guard let answer = try? await client.call("host.get_servertime", [.string(coordinator)]) else { return }
        let (latency, received) = (ContinuousClock.now - started, Self.now / 1000)
        // Said at some moment in between: what fits into that is no difference.
        let offset = (try? answer.json)?.string.flatMap(Timestamp.calendar).map { time in
            let time = Int64(time)
            return Duration.seconds(time < sent ? time - sent : max(0, time - received))
        }
        vitals.update {
            $0.latency = latency
            $0.clockOffset = offset
        }
    }

    /// Whether a host's clock shows the right time, as far as can be told from here.
    public func isClockRight(of host: String, within limit: Duration) async throws -> Bool {
        let sent = Self.now / 1000
        let answer = try await call("host.get_servertime", [.string(host)])
        guard let time = answer.string.flatMap(Timestamp.calendar).map({ Int64($0) }) else {
            throw PoolProblem.notUnderstood("host.get_servertime answered without a time")
        }
        let seconds = limit.components.seconds
        return time >= sent - seconds && time <= Self.now / 1000 + seconds
    }

    private func noteRecords() {
        let records = inventory.cache.countsByClass
        vitals.update { $0.records = records }
    }

    /// Milliseconds since 1970.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private func poll(since token: String, wait: Duration) async throws -> String {
        let classes = Classes.all.map { JSON.string($0.shape.eventName) }
        // Not a whole number: some servers take one for an integer, which this parameter must not be.
        let seconds = max(0.001, Double(wait.nanoseconds) / 1e9 + 0.001)
        let answer = try await client.call(
            "event.from", [.array(classes), .string(token), .number(seconds)],
            timeout: wait + max(wait / 10, .seconds(2)), inSession: session)
        let arrival = ContinuousClock.now
        let batch = try EventBatch(answer)
        // What has expired in the meantime is fetched anew; these events are in it.
        guard isLoaded else { return batch.token }
        await warn(of: batch.broken)
        inventory.apply(batch.changes)
        if !batch.changes.isEmpty {
            monitor.published(events: batch.changes.count, after: .now - arrival)
            let now = Self.now
            vitals.update { $0.lastEvent = now }
            noteRecords()
        } else if wait > .zero {
            await examine()
        }
        try await refetch(comparing: batch.counts)
        releaseWaiting()
        settleTasks()
        await remember()
        // The host has joined another pool: everything is different.
        if inventory.cache.pool?.uuid != poolID { isLoaded = false }
        return batch.token
    }

    /// Fetches classes again of which the server has more or fewer records than we know: it forgets old deletions.
    private func refetch(comparing counts: [String: Int]) async throws {
        for shape in Classes.all.map(\.shape) {
            guard let count = counts[shape.eventName],
                count - inventory.cache.count(of: shape) != drift[shape.className, default: 0]
            else { continue }
            let fetched = try await client.fetch([shape], timeout: settings.timing.call * 5)
            await warn(of: fetched.broken)
            let known = Set(fetched.records.map(\.ref))
            let gone = inventory.cache.records(of: shape).map(\.ref).filter { !known.contains($0) }
            inventory.apply(fetched.records.map(RecordChange.put) + gone.map(RecordChange.remove))
            drift[shape.className] = count - inventory.cache.count(of: shape)
        }
    }

    /// Keeps what later attempts need, and tells the owner what has become different.
    private func remember() async {
        if let pool = PoolDescription(inventory.cache), pool != status.pool {
            await client.setMembers(pool.memberAddresses)
            if status.phase == .connected { await set { $0.pool = pool } }
        }
        let fingerprints = await client.fingerprints
        if fingerprints != pins {
            pins = fingerprints
            await owner.pinned(fingerprints)
        }
    }

    private func warn(of broken: [BrokenRecord]) async {
        guard !broken.isEmpty else { return }
        // Each once: a server that lies about a record does so at every change.
        let new = broken.filter { warned.count < Self.maximumWarnings && warned.insert("\($0)").inserted }
        vitals.update { $0.brokenRecords += broken.count }
        for record in new { await owner.warn("\(record)") }
    }

    // MARK: Calls

    /// Calls a method that ends soon; parameters are without the session.
    public func call(_ method: String, _ arguments: [JSON]) async throws -> JSON {
        try requireConnection()
        return try await client.call(method, arguments).json
    }

    /// Calls a method that may take long, as a task on the server, and waits for its end.
    ///
    /// When the caller is cancelled the task goes on; only nobody waits any more. When this returns, what the task has
    /// changed has mostly been published.
    ///
    /// - Returns: the task's result, an XML-RPC value as text.
    @discardableResult
    public func run(_ method: String, _ arguments: [JSON]) async throws -> String {
        try requireConnection()
        guard let task = try await client.call("Async.\(method)", arguments).json.string else {
            throw PoolProblem.notUnderstood("Async.\(method) answered without a task")
        }
        let outcome = await outcome(of: task)
        try Task.checkCancellation()
        await destroy(task)
        switch outcome {
        case .success(let result): return result
        case .failure(let code, let parameters):
            throw XAPIError(code: code, parameters: parameters, method: method, arguments: arguments)
        case .lost(let reason): throw PoolProblem.disconnected("the outcome of \(method) is unknown: \(reason)")
        }
    }

    private func requireConnection() throws {
        guard status.phase == .connected else {
            throw PoolProblem.disconnected("the pool is not connected" + (status.error.map { ": \($0)" } ?? ""))
        }
    }

    private func outcome(of task: String) async -> TaskOutcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let record = inventory.cache[task], let outcome = TaskOutcome(record) {
                    continuation.resume(returning: outcome)
                } else if Task.isCancelled {
                    abandonedTasks.insert(task)
                    continuation.resume(returning: .lost("nobody waits for it any more"))
                } else {
                    waitingForTasks[task] = continuation
                }
            }
        } onCancel: {
            Task { await self.abandon(task) }
        }
    }

    private func abandon(_ task: String) {
        guard let continuation = waitingForTasks.removeValue(forKey: task) else { return }
        abandonedTasks.insert(task)
        continuation.resume(returning: .lost("nobody waits for it any more"))
    }

    /// Resumes those whose task has ended.
    ///
    /// - Parameter lost: given when the whole truth has just been fetched; tasks that are not there are gone then.
    private func settleTasks(lost reason: String? = nil) {
        for (task, continuation) in waitingForTasks {
            let outcome = inventory.cache[task].map { TaskOutcome($0) } ?? reason.map { .lost($0) }
            guard let outcome else { continue }
            waitingForTasks[task] = nil
            continuation.resume(returning: outcome)
        }
        for task in abandonedTasks where inventory.cache[task].map({ TaskOutcome($0) != nil }) ?? (reason != nil) {
            abandonedTasks.remove(task)
            if inventory.cache[task] != nil { Task { await self.destroy(task) } }
        }
    }

    /// The server keeps finished tasks for an hour otherwise.
    private func destroy(_ task: String) async { _ = try? await client.call("task.destroy", [.string(task)]) }

    /// Returns when a record that has just been made is known here, and was handed out; or after a while without, if the
    /// server does not tell of it.
    public func appearance(of ref: String) async {
        guard inventory.cache[ref] == nil, status.phase == .connected else { return }
        let patience = Task {
            try await Task.sleep(for: Self.patience)
            self.release(ref)
        }
        await withCheckedContinuation { waitingForRecords[ref, default: []].append($0) }
        patience.cancel()
    }

    private static let patience = Duration.seconds(10)

    private func release(_ ref: String) {
        for continuation in waitingForRecords.removeValue(forKey: ref) ?? [] { continuation.resume() }
    }

    /// - Parameter all: also those whose record is not there: nobody will tell of it any more.
    private func releaseWaiting(all: Bool = false) {
        for ref in Array(waitingForRecords.keys) where all || inventory.cache[ref] != nil { release(ref) }
    }

    // MARK: Questions

    /// The id under which clients know a reference.
    public func id(of ref: String) -> String? { inventory.cache[ref]?.uuid }

    /// What people call it, in quotes; `nil` for what has no name, and for what is no reference.
    public func name(of ref: String) -> String? {
        guard let record = inventory.cache[ref], record.shape.slot(of: "name_label") != nil,
            let name = record.string("name_label"), !name.isEmpty
        else { return nil }
        return "'\(name)'"
    }

    /// The reference of the record with this id; `nil` if there is none of that class.
    public func ref(of id: String, class className: String) -> String? {
        let record = inventory.cache.record(uuid: id)
        return record?.shape.className == className ? record?.ref : nil
    }

    public var poolRef: String? { inventory.cache.pool?.ref }

    /// The present value of a field that is kept; `nil` if the record or the field is not known.
    public func value(of field: String, in ref: String) -> JSON? { inventory.cache[ref]?[field]?.json }

    /// Whether a running VM has a network card with the same address as one of this VM.
    public func hasDuplicatedMACAddress(_ machine: String) -> Bool {
        let cache = inventory.cache
        let addresses = Set(
            (cache[machine]?["VIFs"]?.strings ?? []).compactMap { cache[$0]?.string("MAC")?.lowercased() })
        guard !addresses.isEmpty else { return false }
        return cache.records(of: Classes.vif.shape).contains { card in
            guard card.string("VM") != machine, let address = card.string("MAC")?.lowercased(),
                addresses.contains(address)
            else { return false }
            return cache.follow("VM", of: card)?.string("power_state") == "Running"
        }
    }
}
