import FoundationEssentials
import NIO
import XAPIPool
import XOJSON
import XOPluginAPI

/// The registered servers and their connections.
actor ServerRegistry {
    /// A connection of a server, from enabling to disabling it.
    private struct Attempt {
        /// Tells this connection from earlier and later ones of the same server.
        let number: Int
        let connection: PoolConnection
        let source: ObjectSource
    }

    private struct Server {
        var record: ServerRecord
        var secrets: ServerSecrets
        var attempt: Attempt?
        var status = PoolStatus(phase: .disconnected)
    }

    private let host: Host
    private let metrics: PoolMetrics
    private let store: ServerStore
    private var timing = PoolTiming()
    private var servers: [String: Server] = [:]
    private var eventLoops: MultiThreadedEventLoopGroup?
    /// By pool: the server that speaks for it.
    private var claims: [String: (server: String, attempt: Int)] = [:]
    private var attempts = 0
    /// Connections that are being closed.
    private var closing: [Int: Task<Void, Never>] = [:]

    init(host: Host, metrics: PoolMetrics) {
        self.host = host
        self.metrics = metrics
        store = ServerStore(store: host.store)
    }

    // MARK: Life

    func set(_ timing: PoolTiming) { self.timing = timing }

    func start(on group: MultiThreadedEventLoopGroup) async throws {
        eventLoops = group
        let (stored, broken) = try await store.load()
        for key in broken { host.log.error("A stored server cannot be read and is left out.", ["key": .string(key)]) }
        for (record, secrets) in stored { servers[record.id] = Server(record: record, secrets: secrets) }
        showPhases()
        for (record, _) in stored where record.enabled { connectInBackground(record.id) }
    }

    func stop() async {
        // From here on nothing new is opened.
        eventLoops = nil
        for id in servers.keys { detach(id) }
        for task in closing.values { await task.value }
        servers = [:]
    }

    // MARK: Administration

    func add(_ record: ServerRecord, _ secrets: ServerSecrets, connect: Bool) async throws -> String {
        if let existing = servers.values.first(where: { $0.record.host == record.host }) {
            throw MethodError.objectAlreadyExists(objectID: existing.record.id, objectType: "server")
        }
        _ = try settings(record, secrets)
        servers[record.id] = Server(record: record, secrets: secrets)
        do {
            try await store.save(record, secrets)
        } catch {
            servers[record.id] = nil
            throw error
        }
        showPhases()
        host.log.info("A server has been added.", ["server": .string(record.id), "host": .string(record.host)])
        if connect { connectInBackground(record.id) }
        return record.id
    }

    func remove(_ id: String) async throws {
        _ = try server(id)
        await disconnect(id)
        try await store.remove(id)
        servers[id] = nil
        showPhases()
        host.log.info("A server has been removed.", ["server": .string(id)])
    }

    func enable(_ id: String) async throws {
        var record = try server(id).record
        try require(id, isDisconnected: true)
        record.enabled = true
        try await change(id) { $0.record = record }
        do {
            try await connect(id)
        } catch {
            throw Self.explain(error, server: id)
        }
    }

    func disable(_ id: String) async throws {
        let server = try server(id)
        if server.attempt == nil, !server.record.enabled { try require(id, isDisconnected: false) }
        try await change(id) { $0.record.enabled = false }
        await disconnect(id)
    }

    /// Changes the settings of a server. Those of the connection can be changed only while there is none.
    func update(_ id: String, _ update: ServerUpdate) async throws {
        let current = try server(id)
        if update.concernsConnection(of: current.record, current.secrets), current.attempt != nil {
            throw MethodError.failed(
                "the host, credentials, proxy and certificate check of a server can be changed only while it is "
                    + "disconnected: call server.disable first")
        }
        var (record, secrets) = (current.record, current.secrets)
        try update.apply(to: &record, &secrets)
        if current.attempt != nil { record.fingerprints = current.record.fingerprints }
        if let other = servers.values.first(where: { $0.record.id != id && $0.record.host == record.host }) {
            throw MethodError.objectAlreadyExists(objectID: other.record.id, objectType: "server")
        }
        _ = try settings(record, secrets)
        try await change(id) {
            $0.record = record
            $0.secrets = secrets
        }
        if record.enabled, servers[id]?.attempt == nil { connectInBackground(id) }
    }

    /// All servers, as administrators see them: without passwords.
    func list() -> JSON {
        .array(servers.values.sorted { $0.record.id < $1.record.id }.map { Self.describe($0) })
    }

    private static func describe(_ server: Server) -> JSON {
        let (record, status) = (server.record, server.status)
        var members: JSONObject = ["id": .string(record.id), "host": .string(record.host)]
        members["label"] = (record.label ?? record.poolNameLabel).map { .string($0) }
        members["username"] = .string(record.username)
        members["enabled"] = .bool(record.enabled)
        members["status"] = .string(status.phase.rawValue)
        members["error"] = status.error.map { ["message": .string($0)] as JSON }
        members["readOnly"] = .bool(record.readOnly)
        members["allowUnauthorized"] = .bool(record.allowUnauthorized)
        members["httpProxy"] = server.secrets.maskedProxy.map { .string($0) }
        if status.phase == .connected, let pool = status.pool {
            members["poolId"] = .string(pool.id)
            members["master"] = pool.coordinatorID.map { .string($0) }
        }
        if !record.fingerprints.isEmpty {
            members["fingerprints"] = .object(
                JSONObject(
                    uniqueKeysWithValues: record.fingerprints.sorted { $0.key < $1.key }.map {
                        ($0.key, JSON.string($0.value))
                    }))
        }
        if let vitals = server.attempt?.connection.vitals.reading { members.merge(describe(vitals)) { $1 } }
        members["poolNameLabel"] = record.poolNameLabel.map { .string($0) }
        members["poolNameDescription"] = record.poolNameDescription.map { .string($0) }
        members["poolMembersAddresses"] = record.poolMembersAddresses.map { JSON($0) }
        return .object(members)
    }

    /// Beyond the network contract.
    private static func describe(_ vitals: PoolVitals.Reading) -> JSONObject {
        var members = JSONObject()
        members["latency"] = vitals.latency.map { .number(($0 / .microseconds(1)).rounded() / 1000) }
        members["clockOffset"] = vitals.clockOffset.map { .integer($0.components.seconds) }
        members["lastEvent"] = vitals.lastEvent.map { .integer($0) }
        if !vitals.records.isEmpty {
            members["records"] = .object(
                JSONObject(
                    uniqueKeysWithValues: vitals.records.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
        }
        if vitals.brokenRecords > 0 { members["brokenRecords"] = JSON(vitals.brokenRecords) }
        return members
    }

    // MARK: Use

    /// The connection that an object came through.
    ///
    /// - Parameter object: a record of the inventory.
    func pool(of object: JSON) throws -> Pool {
        guard let pool = object["$pool"]?.string, let claim = claims[pool], let server = servers[claim.server],
            let attempt = server.attempt, let ref = object["_xapiRef"]?.string
        else { throw MethodError.noSuchObject(id: object["$pool"]?.string ?? "", type: "pool") }
        return Pool(
            connection: attempt.connection, ref: ref, id: object["id"]?.string ?? "", poolID: pool,
            server: claim.server,
            isReadOnly: server.record.readOnly)
    }

    // MARK: Connections

    private func connectInBackground(_ id: String) {
        // The outcome stands in the server's status.
        Task { try? await self.connect(id) }
    }

    private func connect(_ id: String) async throws {
        guard let server = servers[id], server.attempt == nil, let eventLoops else { return }
        attempts += 1
        let number = attempts
        let settings = try settings(server.record, server.secrets)
        let source = try host.openSource("\(server.record.host)#\(number)")
        let connection = PoolConnection(
            settings: settings, eventLoops: eventLoops, sink: SourceSink(source: source),
            owner: Owner(registry: self, server: id, attempt: number),
            monitor: metrics)
        servers[id]?.attempt = Attempt(number: number, connection: connection, source: source)
        servers[id]?.status = PoolStatus(phase: .connecting)
        showPhases()
        try await connection.start()
    }

    private func settings(_ record: ServerRecord, _ secrets: ServerSecrets) throws -> PoolSettings {
        do {
            return PoolSettings(
                address: try PoolAddress(record.host), user: record.username, password: secrets.password,
                allowsUnauthorized: record.allowUnauthorized, pins: record.fingerprints,
                members: record.poolMembersAddresses ?? [],
                proxy: try secrets.httpProxy.map { try PoolProxy($0) }, timing: timing)
        } catch {
            throw MethodError.invalidParameters("\(error)")
        }
    }

    private func disconnect(_ id: String) async {
        let number = detach(id)
        if let number, let task = closing[number] { await task.value }
    }

    /// Takes the connection away from a server and begins to close it.
    @discardableResult
    private func detach(_ id: String) -> Int? {
        guard let attempt = servers[id]?.attempt else { return nil }
        servers[id]?.attempt = nil
        servers[id]?.status = PoolStatus(phase: .disconnected)
        claims = claims.filter { $0.value.attempt != attempt.number }
        closing[attempt.number] = Task {
            await attempt.connection.stop()
            attempt.source.close()
            self.closed(attempt.number)
        }
        showPhases()
        return attempt.number
    }

    private func closed(_ number: Int) { closing[number] = nil }

    private func server(_ id: String) throws -> Server {
        guard let server = servers[id] else { throw MethodError.noSuchObject(id: id, type: "server") }
        return server
    }

    private func require(_ id: String, isDisconnected: Bool) throws {
        let server = try server(id)
        guard (server.attempt == nil) != isDisconnected else { return }
        throw MethodError.incorrectState(
            actual: .string(server.status.phase.rawValue), expected: isDisconnected ? "disconnected" : "connected",
            object: id, property: "status")
    }

    private func change(_ id: String, _ body: (inout Server) -> Void) async throws {
        let old = try server(id)
        var new = old
        body(&new)
        servers[id] = new
        do {
            try await store.save(new.record, new.secrets)
        } catch {
            servers[id]?.record = old.record
            servers[id]?.secrets = old.secrets
            throw error
        }
    }

    private func showPhases() { metrics.show(servers.values.map(\.status.phase)) }

    private static func explain(_ error: any Error, server: String) -> any Error {
        switch error {
        case PoolProblem.loginRefused: MethodError.authenticationFailed
        case PoolProblem.unreachable, PoolProblem.timedOut: MethodError.serverUnreachable(objectID: server)
        case PoolProblem.alreadyConnected(let pool, let connected, let connecting):
            MethodError.failed(
                "this pool is already connected",
                data: [
                    "poolId": .string(pool), "connectedServerId": .string(connected),
                    "connectingServerId": .string(connecting),
                ])
        default: MethodError.failed("\(error)")
        }
    }
}

// MARK: - What connections tell

extension ServerRegistry {
    /// Speaks for one connection of a server; what outdated connections say is not heard.
    private struct Owner: PoolOwner {
        let registry: ServerRegistry
        let server: String
        let attempt: Int

        func admit(pool id: String) async throws {
            try await registry.claim(pool: id, server: server, attempt: attempt)
        }

        func statusChanged(_ status: PoolStatus) async {
            await registry.statusChanged(status, server: server, attempt: attempt)
        }

        func pinned(_ fingerprints: [String: String]) async {
            await registry.pinned(fingerprints, server: server, attempt: attempt)
        }

        func warn(_ text: String) async { await registry.warn(text, server: server) }
    }

    private func claim(pool: String, server: String, attempt: Int) throws {
        guard servers[server]?.attempt?.number == attempt else { throw CancellationError() }
        if let claim = claims[pool], claim.server != server {
            throw PoolProblem.alreadyConnected(
                pool: pool, connectedServer: claim.server, connectingServer: server)
        }
        claims = claims.filter { $0.value.attempt != attempt }
        claims[pool] = (server, attempt)
    }

    private func statusChanged(_ status: PoolStatus, server id: String, attempt: Int) async {
        guard let server = servers[id], server.attempt?.number == attempt else { return }
        servers[id]?.status = status
        log(status, before: server.status, server.record)
        if status.phase == .disconnected {
            // Given up; only a person can go on. The reason stays to be seen.
            detach(id)
            servers[id]?.status = status
        }
        showPhases()
        guard let pool = status.pool else { return }
        var record = server.record
        record.poolNameLabel = pool.nameLabel
        record.poolNameDescription = pool.nameDescription
        record.poolMembersAddresses = pool.memberAddresses
        await keep(record, insteadOf: server.record)
    }

    private func pinned(_ fingerprints: [String: String], server id: String, attempt: Int) async {
        guard let server = servers[id], server.attempt?.number == attempt else { return }
        var record = server.record
        record.fingerprints = fingerprints
        await keep(record, insteadOf: server.record)
    }

    private func keep(_ record: ServerRecord, insteadOf old: ServerRecord) async {
        guard record != old else { return }
        servers[record.id]?.record = record
        do {
            try await store.save(record)
        } catch {
            host.log.warning("A server could not be stored.", ["server": .string(record.id), "error": "\(error)"])
        }
    }

    private func warn(_ text: String, server: String) {
        host.log.warning("A record cannot be used.", ["server": .string(server), "reason": .string(text)])
    }

    private func log(_ status: PoolStatus, before: PoolStatus, _ record: ServerRecord) {
        var fields: JSONObject = ["server": .string(record.id), "host": .string(record.host)]
        if let error = status.error, error != before.error {
            fields["error"] = .string(error)
            host.log.warning("The connection to a pool has failed.", fields)
        } else if status.phase == .connected, before.phase != .connected || before.error != nil {
            fields["pool"] = status.pool.map { .string($0.id) }
            host.log.info("Connected to a pool.", fields)
        }
    }
}
