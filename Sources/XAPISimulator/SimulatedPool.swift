import NIOCore
import NIOPosix
import Synchronization
import XOJSON

/// A XenServer pool in memory, which clients reach over HTTP as they would a real one.
///
/// It speaks XML-RPC and JSON-RPC with sessions, events, tasks and the life cycle of VMs. A call that the data model has
/// but the simulation does not carry out answers `NOT_IMPLEMENTED` with its name.
///
///     let pool = try await SimulatedPool.start(.init(hosts: 3, virtualMachines: 50, password: "secret"))
///     // … clients connect to pool.url as root …
///     await pool.stop()
///
/// All methods may be called from any thread; the pool itself lives on one event loop of its own.
public final class SimulatedPool: Sendable {
    /// The port on which it listens.
    public let port: Int
    /// For instance `http://127.0.0.1:40123`.
    public let url: String
    /// SHA-256 of the certificate, upper-case hexadecimal pairs joined by colons; `nil` without TLS.
    public let certificateFingerprint: String?

    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let listener: any Channel
    private let server: NIOLoopBound<HTTPServer>
    /// A loop that has ended carries nothing out, not even failures.
    private let isStopped = Atomic(false)

    private init(
        url: String, certificateFingerprint: String?, group: MultiThreadedEventLoopGroup, listener: any Channel,
        server: NIOLoopBound<HTTPServer>
    ) {
        port = listener.localAddress?.port ?? 0
        self.url = url
        self.certificateFingerprint = certificateFingerprint
        self.group = group
        loop = listener.eventLoop
        self.listener = listener
        self.server = server
    }

    /// Makes the pool and starts to listen.
    ///
    /// - Throws: if the address cannot be listened on
    public static func start(_ configuration: Configuration = .init()) async throws -> SimulatedPool {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            return try await start(configuration, on: group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func start(
        _ configuration: Configuration, on group: MultiThreadedEventLoopGroup
    ) async throws -> SimulatedPool {
        let isWildcard = ["0.0.0.0", "::", ""].contains(configuration.address)
        let address = isWildcard ? "127.0.0.1" : configuration.address
        let certificate = configuration.tls ? try ServerCertificate(name: address) : nil
        let loop = group.next()
        let server = try await loop.submit {
            let toolstack = Toolstack(
                configuration, database: Database(), random: SplitMix64(seed: configuration.seed), loop: loop)
            return NIOLoopBound(HTTPServer(toolstack), eventLoop: loop)
        }.get()
        let listener = try await HTTPServer.listen(
            server, on: group, address: configuration.address, port: configuration.port, tls: certificate?.context)
        let authority = (address.contains(":") ? "[\(address)]" : address) + ":\(listener.localAddress?.port ?? 0)"
        let url = (configuration.tls ? "https://" : "http://") + authority
        let fingerprint = certificate?.fingerprint
        // Only now is the port known that consoles name. Nobody was answered in between: this is the same loop, and
        // nobody has learnt of the port.
        try await loop.submit {
            let toolstack = server.value.toolstack
            toolstack.url = url
            var seed = Seed(toolstack, address: address, certificateFingerprint: fingerprint)
            try seed.fill()
        }.get()
        return SimulatedPool(
            url: url, certificateFingerprint: fingerprint, group: group, listener: listener, server: server)
    }

    /// Closes all connections and ends the thread. Waiting calls get no answer. A second time does nothing.
    public func stop() async {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        try? await listener.close()
        try? await loop.submit { [server] in
            server.value.closeConnections()
            _ = server.value.faults.heal()
            server.value.toolstack.restart()
        }.get()
        try? await group.shutdownGracefully()
    }

    // MARK: Looking and changing

    /// All records of a class by reference, in the form in which JSON-RPC sends them.
    public func records(of className: String) async -> [String: JSON] {
        await onLoop { server in
            var records: [String: JSON] = [:]
            for row in server.toolstack.database.all(className) {
                var record = JSONObject()
                for (field, value) in zip(row.model.fields, row.values) { record[field.name] = value }
                records[row.reference] = .object(record)
            }
            return records
        } ?? [:]
    }

    /// Writes fields of an object as the server itself would, whether clients may or not.
    ///
    /// - Throws: `HANDLE_INVALID` for an unknown reference, `INVALID_VALUE` or `INTERNAL_ERROR` for a value that the
    ///   field cannot have or a field that the class has not.
    public func change(_ reference: String, _ fields: [String: JSON]) async throws(XAPIFailure) {
        try await attempt { server throws(XAPIFailure) in
            let database = server.toolstack.database
            guard let row = database.find(reference) else { throw .handleInvalid("any", reference) }
            for (name, value) in fields {
                guard let index = row.model.fieldIndex[name] else {
                    throw .internalError("class \(row.model.name) has no field \(name)")
                }
                database.set(row, index, try database.model.convert(value, to: row.model.fields[index].type))
            }
        }
    }

    /// Destroys an object without asking whether that makes sense.
    ///
    /// - Throws: `HANDLE_INVALID` for an unknown reference.
    public func destroy(_ reference: String) async throws(XAPIFailure) {
        try await attempt { server throws(XAPIFailure) in
            let database = server.toolstack.database
            guard let row = database.find(reference) else { throw .handleInvalid("any", reference) }
            database.destroy(row)
        }
    }

    // MARK: Misbehaving

    /// Spoils the next answers: `times` of them, or all until ``heal()``.
    public func inject(_ fault: Fault, times: Int? = nil) async {
        await onLoop { $0.faults.inject(fault, times: times) }
    }

    /// Ends faults; answers that were kept back are sent.
    public func heal() async {
        await onLoop { server in
            for answer in server.faults.heal() { answer() }
        }
    }

    /// Makes all sessions invalid; waiting event calls fail.
    public func forgetSessions() async {
        await onLoop { $0.toolstack.forgetSessions() }
    }

    /// Behaves as if xapi were restarted: connections are closed; sessions, tasks and the memory of deleted objects are
    /// gone.
    public func restart() async {
        await onLoop { server in
            server.closeConnections()
            server.toolstack.restart()
        }
    }

    /// Answers all calls by `HOST_IS_SLAVE`, as a member does whose master is at `address`; `nil` makes it the master
    /// again.
    public func setMaster(_ address: String?) async {
        await onLoop { $0.toolstack.masterAddress = address }
    }

    // MARK: The loop

    /// `nil` if the pool has been stopped.
    @discardableResult
    private func onLoop<Result: Sendable>(_ action: @escaping @Sendable (HTTPServer) -> Result) async -> Result? {
        guard !isStopped.load(ordering: .acquiring) else { return nil }
        return try? await loop.submit { [server] in action(server.value) }.get()
    }

    private func attempt(
        _ action: @escaping @Sendable (HTTPServer) throws(XAPIFailure) -> Void
    ) async throws(XAPIFailure) {
        let failure = await onLoop { server -> XAPIFailure? in
            do throws(XAPIFailure) {
                try action(server)
                return nil
            } catch {
                return error
            }
        }
        if let failure, let failure { throw failure }
    }
}
