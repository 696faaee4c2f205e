import XOPluginAPI

/// The directory as it is configured: who is somebody, and is the password theirs?
///
/// Questions are answered on threads of its own (``WorkerThreads``), each with a deadline. Servers are asked in turn until
/// one works (``Circuits``).
final class Directory: Sendable {
    let settings: Settings
    private let circuits: Circuits
    private let threads: WorkerThreads<Desk>
    private let log: Log

    init(_ settings: Settings, log: Log) throws {
        self.settings = settings
        self.log = log
        circuits = Circuits(settings.servers, order: settings.order, cooldown: settings.cooldown)
        threads = try WorkerThreads(
            maximum: settings.pool.maximum, idleTime: settings.pool.idle,
            makeState: { Desk(interrupt: $0, connection: nil) }, rest: { $0.connection = nil })
    }

    /// Ends what is under way, and returns when no thread and no connection is left.
    func stop() async { await threads.stop() }

    // MARK: Questions

    /// - Throws: `AuthRefusal`.
    func authenticate(_ name: String, _ password: Secret) async throws -> Voucher {
        guard PersonSearch.isPossibleName(name) else { throw AuthRefusal.notMine }
        // Before anything is sent: with an empty password many servers take a bind for an anonymous one and say yes.
        guard password.count > 0 else { throw AuthRefusal.denied("an empty password") }
        guard password.count <= 4096, !password.withBytes({ $0.contains(0) }) else {
            throw AuthRefusal.denied("a password that cannot be one")
        }
        return try await ask { [log] session in
            try SignIn(session, log).authenticate(name, password)
        }
    }

    /// - Throws: `AuthRefusal`.
    func lookUp(_ people: [AuthPerson]) async throws -> [AuthStanding] {
        try await ask { [log] session in try SignIn(session, log).lookUp(people) }
    }

    /// Lets somebody have a session with the first server that works.
    private func ask<Result: Sendable>(
        _ body: @escaping @Sendable (Session) throws -> Result
    ) async throws -> Result {
        let deadline = Deadline.after(settings.timeouts.total)
        do {
            return try await threads.run(until: deadline) { [self] desk in
                try withServers(&desk, deadline, body)
            }
        } catch let failure as DirectoryFailure {
            throw AuthRefusal.unavailable(failure.description)
        } catch let busy as WorkerThreads<Desk>.Busy {
            throw AuthRefusal.unavailable(busy.description)
        }
    }

    private func withServers<Result>(
        _ desk: inout Desk, _ deadline: Deadline, _ body: (Session) throws -> Result
    ) throws -> Result {
        var rest = circuits.candidates()[...]
        defer { circuits.release(rest) }
        var last: DirectoryFailure?
        while let server = rest.popFirst() {
            do {
                let kept = desk.take(server, idle: settings.pool.idle, maximumAge: settings.pool.maximumAge)
                let session = try Session(
                    server, settings, kept: kept, until: deadline, interrupt: desk.interrupt, steps: nil)
                defer { desk.keep(session.handle) }
                let result = try body(session)
                noteSuccess(server)
                return result
            } catch let failure as DirectoryFailure where failure.kind == .unreachable {
                // An answer to one person's bind is about that person: a back-end of a proxy that is down, say.
                if failure.phase == .userBind, failure.code != nil {
                    circuits.release(CollectionOfOne(server))
                } else {
                    noteFailure(server, failure)
                }
                last = failure
                if deadline.hasPassed { break }
            } catch {
                // It has answered, whatever it said; but for this, nothing was found out.
                if let failure = error as? DirectoryFailure, failure.kind == .interrupted {
                    circuits.release(CollectionOfOne(server))
                } else {
                    noteSuccess(server)
                }
                throw error
            }
        }
        throw last
            ?? DirectoryFailure(
                kind: .unreachable, phase: .connect, server: settings.servers[0].uri,
                text: "no server works at present; one is being tried")
    }

    private func noteSuccess(_ server: ServerAddress) {
        guard circuits.succeeded(server) == .back else { return }
        log.info("The directory server answers again.", ["server": .string(server.uri)])
    }

    private func noteFailure(_ server: ServerAddress, _ failure: DirectoryFailure) {
        guard circuits.failed(server) == .down else { return }
        log.warning(
            "The directory server does not serve; others are asked while there are any.",
            ["server": .string(server.uri), "phase": .string(failure.phase.rawValue), "reason": .string(failure.text)])
    }

    // MARK: Trying it out

    /// Tries each server; touches neither kept connections nor what is known of the servers.
    func testConnections() async throws -> [Trial] {
        var trials: [Trial] = []
        for server in settings.servers {
            trials.append(
                try await trial(at: server) { session in
                    try session.checkBases()
                    return nil
                })
        }
        return trials
    }

    /// Goes the way of a sign-in at the first server that works, and tells each step.
    func test(name: String?, password: Secret?) async throws -> Trial {
        var trial: Trial?
        for server in settings.servers {
            let next = try await self.trial(at: server) { [log] session in
                try session.checkBases()
                guard let name else { return nil }
                return try SignIn(session, log).rehearse(name, password)
            }
            trial = trial.map { $0.followed(by: next) } ?? next
            if !next.isUnreachable { break }
        }
        return trial ?? Trial(server: "")
    }

    private func trial(
        at server: ServerAddress, _ body: @escaping @Sendable (Session) throws -> JSON?
    ) async throws -> Trial {
        let deadline = Deadline.after(settings.timeouts.total)
        return try await threads.run(until: deadline) { [settings] desk in
            Trial.run(server, settings, until: deadline, interrupt: desk.interrupt, body)
        }
    }
}
