import NIOCore
import Synchronization
import XOJSON

/// Calls of one pool: signs in, finds the coordinator, and signs in again when a session has ended.
actor XAPIClient {
    private let settings: PoolSettings
    private let eventLoops: any EventLoopGroup
    private let monitor: any PoolMonitor
    private var link: ServerLink
    /// All addresses at which the pool may be found, the registered one first.
    private var members: [PoolAddress]
    private var pins: [String: String]
    private var session: String?
    /// How many sessions there were, with the present one.
    private(set) var sessionNumber = 0
    private var signingIn: Task<String, any Error>?
    private var isClosed = false
    private let ids = RequestIDs()
    private static let maximumRedirections = 3

    init(settings: PoolSettings, eventLoops: any EventLoopGroup, monitor: any PoolMonitor) {
        self.settings = settings
        self.eventLoops = eventLoops
        self.monitor = monitor
        members = Self.addresses(of: settings.members, settings)
        pins = settings.pins
        link = Self.link(to: settings.address, settings, settings.pins, eventLoops)
    }

    private static func link(
        to address: PoolAddress, _ settings: PoolSettings, _ pins: [String: String], _ eventLoops: any EventLoopGroup
    ) -> ServerLink {
        ServerLink(
            address, pin: settings.allowsUnauthorized ? CertificatePin(pins[address.host]) : nil,
            proxy: settings.proxy?.configuration, connectTimeout: settings.timing.connect, eventLoops: eventLoops)
    }

    /// Calls a method within the pool's session.
    ///
    /// - Parameter number: only in this session (``sessionNumber``); in any other, also one that another call has made
    ///   since, it fails with `SESSION_INVALID`. For what goes on where an earlier call has left off: a new session may
    ///   mean that the server has been restarted. Otherwise it signs in and repeats the call when a session has ended.
    /// - Throws: ``XAPIError``, ``PoolProblem``, or `CancellationError`.
    func call(
        _ method: String, _ arguments: [JSON] = [], timeout: Duration? = nil, inSession number: Int? = nil
    ) async throws -> XAPIAnswer {
        var attempts = 0
        while true {
            if let number, number != sessionNumber || session == nil {
                throw XAPIError(code: "SESSION_INVALID", parameters: [], method: method, arguments: arguments)
            }
            let session =
                if let session { session } else { try await signIn() }
            do {
                return try await request(method, arguments, session: session, timeout: timeout)
            } catch let error as XAPIError where error.code == "SESSION_INVALID" {
                forget(session)
                attempts += 1
                guard number == nil, attempts == 1 else { throw error }
            } catch let error as XAPIError where error.code == "HOST_IS_SLAVE" {
                forget(session)
                attempts += 1
                try await move(toCoordinator: error)
                guard number == nil, attempts < Self.maximumRedirections else { throw error }
            }
        }
    }

    /// The other hosts of the pool, for when the coordinator is gone.
    func setMembers(_ hosts: [String]) {
        members = Self.addresses(of: hosts, settings)
    }

    private static func addresses(of hosts: [String], _ settings: PoolSettings) -> [PoolAddress] {
        let others = hosts.filter { !$0.isEmpty }.map(settings.address.member)
        return [settings.address] + others.filter { $0 != settings.address }
    }

    var hasOtherMembers: Bool { members.contains { $0 != link.address } }

    /// Goes on with the next known host of the pool; it will tell where the coordinator is.
    func tryNextMember() async {
        session = nil
        let index = members.firstIndex(of: link.address) ?? -1
        await move(to: members[(index + 1) % members.count])
    }

    /// The fingerprints seen so far, by host.
    var fingerprints: [String: String] { pins }

    /// Signs out and ends all connections; what is in flight fails.
    func close() async {
        guard !isClosed else { return }
        isClosed = true
        signingIn?.cancel()
        if let session {
            self.session = nil
            _ = try? await request("session.logout", [], session: session, timeout: .seconds(2))
        }
        await link.close()
    }

    // MARK: Signing in

    /// One sign-in at a time, whose outcome all waiting calls share.
    private func signIn() async throws -> String {
        if let signingIn { return try await signingIn.value }
        guard !isClosed else { throw PoolProblem.disconnected("the connection has been closed") }
        let task = Task { try await self.makeSession() }
        signingIn = task
        defer { signingIn = nil }
        return try await task.value
    }

    private func makeSession() async throws -> String {
        for _ in 0..<Self.maximumRedirections {
            do {
                let answer = try await request(
                    "session.login_with_password",
                    [.string(settings.user), .string(settings.password), "1.0", "xo-host"], session: nil, timeout: nil)
                guard let session = try answer.json.string else {
                    throw PoolProblem.notUnderstood("session.login_with_password answered without a session")
                }
                if let fingerprint = link.unpinnedFingerprint { pins[link.address.host] = fingerprint }
                self.session = session
                sessionNumber += 1
                return session
            } catch let error as XAPIError where error.code == "HOST_IS_SLAVE" {
                try await move(toCoordinator: error)
            } catch let error as XAPIError where error.code == "SESSION_AUTHENTICATION_FAILED" {
                throw PoolProblem.loginRefused(user: settings.user)
            }
        }
        throw PoolProblem.notUnderstood("the hosts of the pool send each other's clients in circles")
    }

    private func forget(_ session: String) {
        if self.session == session { self.session = nil }
    }

    private func move(toCoordinator error: XAPIError) async throws {
        guard let host = error.parameters.first, !host.isEmpty else { throw error }
        await move(to: settings.address.member(host))
    }

    private func move(to address: PoolAddress) async {
        guard address != link.address, !isClosed else { return }
        let old = link
        link = Self.link(to: address, settings, pins, eventLoops)
        await old.close()
    }

    // MARK: Requests

    /// - Parameter arguments: without the session, and with the password when signing in: kept out of errors then.
    private func request(
        _ method: String, _ arguments: [JSON], session: String?, timeout: Duration?
    ) async throws -> XAPIAnswer {
        let body: JSON = [
            "jsonrpc": "2.0", "method": .string(method),
            "params": .array((session.map { [.string($0)] } ?? []) + arguments), "id": JSON(ids.next()),
        ]
        let started = ContinuousClock.now
        do {
            let bytes = try await link.post(
                body.serialized(), to: "/jsonrpc", call: method, timeout: timeout ?? settings.timing.call)
            let answer = try XAPIAnswer(bytes, to: method, session == nil ? [] : arguments)
            monitor.called(method, took: .now - started, failed: false)
            return answer
        } catch {
            monitor.called(method, took: .now - started, failed: true)
            throw error
        }
    }
}

/// Numbers requests, so that they can be told apart in a trace.
private final class RequestIDs: Sendable {
    private let last = Atomic<Int>(0)
    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
