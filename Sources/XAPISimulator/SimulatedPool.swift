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
    /// The port on which it listens, with all its hosts.
    public let port: Int
    /// Of the coordinator at the start; for instance `http://127.0.0.1:40123`.
    public let url: String
    /// SHA-256 of the certificate there at the start, upper-case hexadecimal pairs joined by colons; `nil` without TLS.
    public let certificateFingerprint: String?

    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let toolstack: NIOLoopBound<Toolstack>
    /// A loop that has ended carries nothing out, not even failures.
    private let isStopped = Atomic(false)

    private init(
        port: Int, url: String, certificateFingerprint: String?, group: MultiThreadedEventLoopGroup,
        toolstack: NIOLoopBound<Toolstack>
    ) {
        self.port = port
        self.url = url
        self.certificateFingerprint = certificateFingerprint
        self.group = group
        loop = group.next()
        self.toolstack = toolstack
    }

    /// Makes the pool and starts to listen.
    ///
    /// - Throws: if an address cannot be listened on, or ``BadHostAddress``
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
        let loop = group.next()
        let toolstack = try await listen(configuration, on: loop)
        // Only now is the port known that consoles name. Nobody was answered in between: nobody has learnt of the port.
        return try await loop.submit {
            var seed = Seed(toolstack.value)
            try seed.fill()
            guard let door = toolstack.value.agents.first?.door else { throw XAPIFailure.internalError("no host") }
            return SimulatedPool(
                port: door.port, url: door.url, certificateFingerprint: door.certificate?.fingerprint, group: group,
                toolstack: toolstack)
        }.get()
    }

    /// How often a port is looked for that is free at the addresses of all hosts.
    private static let attempts = 20

    private static func listen(
        _ configuration: Configuration, on loop: any EventLoop
    ) async throws -> NIOLoopBound<Toolstack> {
        var attempt = 1
        while true {
            let toolstack = try await loop.submit { try Toolstack.make(configuration, on: loop) }.get()
            do {
                for index in 0..<max(1, configuration.hosts) {
                    try await loop.flatSubmit { toolstack.value.openDoor(index) }.get()
                }
                return toolstack
            } catch {
                try? await loop.submit { toolstack.value.close() }.get()
                guard configuration.port == 0, configuration.hostAddresses != .shared, attempt < attempts else {
                    throw error
                }
                attempt += 1
            }
        }
    }

    /// Closes all connections and ends the thread. Waiting calls get no answer. A second time does nothing.
    public func stop() async {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        try? await loop.submit { [toolstack] in toolstack.value.close() }.get()
        try? await group.shutdownGracefully()
    }

    // MARK: Looking and changing

    /// All records of a class by reference, in the form in which JSON-RPC sends them.
    public func records(of className: String) async -> [String: JSON] {
        await onLoop { toolstack in
            var records: [String: JSON] = [:]
            for row in toolstack.database.all(className) {
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
        try await attempt { toolstack throws(XAPIFailure) in
            let database = toolstack.database
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
        try await attempt { toolstack throws(XAPIFailure) in
            let database = toolstack.database
            guard let row = database.find(reference) else { throw .handleInvalid("any", reference) }
            database.destroy(row)
        }
    }

    // MARK: The loop

    /// `nil` if the pool has been stopped.
    @discardableResult
    func onLoop<Result: Sendable>(_ action: @escaping @Sendable (Toolstack) -> Result) async -> Result? {
        guard !isStopped.load(ordering: .acquiring) else { return nil }
        return try? await loop.submit { [toolstack] in action(toolstack.value) }.get()
    }

    /// Does nothing if the pool has been stopped.
    func attempt<Failure: Error>(
        _ action: @escaping @Sendable (Toolstack) throws(Failure) -> Void
    ) async throws(Failure) {
        let failure = await onLoop { toolstack -> Failure? in
            do throws(Failure) {
                try action(toolstack)
                return nil
            } catch {
                return error
            }
        }
        if let failure, let failure { throw failure }
    }

    /// Does nothing if the pool has been stopped.
    func wait(_ action: @escaping @Sendable (Toolstack) throws -> EventLoopFuture<Void>) async throws {
        guard !isStopped.load(ordering: .acquiring) else { return }
        try await loop.flatSubmit { [loop, toolstack] in
            do {
                return try action(toolstack.value)
            } catch {
                return loop.makeFailedFuture(error)
            }
        }.get()
    }
}
