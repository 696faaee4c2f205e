import AsyncHTTPClient
import NIOPosix
import Synchronization
import XOPluginAPI

/// Vouches for people with an account at a GitHub.
final class Provider: AuthProvider {
    private struct Setup {
        var configuration: Configuration
        var roots: TrustRoots
    }

    private let host: Host
    private let http: HTTPClient
    private let group: MultiThreadedEventLoopGroup
    private let setup: Mutex<Setup>
    private let names: KnownNames
    private let chores = Chores()
    let tokens: KeptTokens
    let rechecks = Rechecks()

    /// How long `stop` waits for tokens that are still to be given back.
    private static let timeToFinish = Duration.seconds(3)

    init(host: Host, _ configuration: Configuration, _ roots: TrustRoots) {
        self.host = host
        // One thread is plenty: it only moves bytes.
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.httpVersion = .http1Only
        settings.timeout.connect = .seconds(10)
        // Attempts are the person's, who presses the button again.
        settings.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroup: group, configuration: settings)
        setup = Mutex(Setup(configuration: configuration, roots: roots))
        names = KnownNames(store: host.store)
        tokens = KeptTokens(store: host.store)
    }

    var configuration: Configuration { setup.withLock { $0.configuration } }

    /// Takes a configuration into use, and offers what it says.
    func use(_ configuration: Configuration, _ roots: TrustRoots) throws {
        var offer = AuthOffer(label: configuration.label)
        offer.redirectKey = "state"
        try host.auth.offer(offer, self)
        setup.withLock { $0 = Setup(configuration: configuration, roots: roots) }
        host.log.info(
            "People can sign in with GitHub.",
            ["pages": .string(configuration.baseUrl.web), "api": .string(configuration.baseUrl.api)])
        if configuration.allow.isEmpty && !configuration.allowAnyone {
            host.log.warning("Nobody can sign in: the lists under allow are empty.")
        }
        chores.add { [self] in await cleanUp(for: configuration) }
    }

    func close() async {
        await chores.finish(within: Self.timeToFinish)
        try? await http.shutdown()
        try? await group.shutdownGracefully()
    }

    /// Asks GitHub within a time for all questions together.
    func flow(_ configuration: Configuration, deadline: ContinuousClock.Instant) -> WebFlow {
        let tls = setup.withLock { $0.roots }.current { problem in
            host.log.error(
                "An authority's file has changed and cannot be used; the last one stays.", ["reason": "\(problem)"])
        }
        let client = GitHubClient(
            address: configuration.baseUrl, http: http, tls: tls, userAgent: "xo-host/\(host.version)",
            callTimeout: .seconds(configuration.callTimeout), deadline: deadline)
        return WebFlow(configuration: configuration, client: client)
    }

    // MARK: Signing in

    func begin(_ place: AuthPlace, key: String) -> AuthDestination {
        let proof = ProofKey()
        return AuthDestination(
            location: WebFlow.location(configuration, callback: place.callback, key: key, proof: proof),
            memory: ["verifier": .string(proof.verifier), "callback": .string(place.callback)])
    }

    func finish(_ visit: AuthVisit, memory: JSON?) async throws -> Voucher {
        let code = try WebFlow.code(in: visit)
        guard let verifier = memory?["verifier"]?.string, let callback = memory?["callback"]?.string else {
            throw AuthRefusal.denied("the browser brings a code that nobody here has asked for")
        }
        let configuration = configuration
        let flow = flow(configuration, deadline: .now + .seconds(configuration.signInTimeout))
        return try await refusing {
            let token = try await flow.exchange(code, callback: callback, verifier: verifier)
            do {
                let person = try await examine(token, flow)
                let voucher = person.voucher(groupsFrom: configuration.groupsFrom)
                if configuration.recheckInterval == nil { giveBack(token) } else { try await keep(token, of: person) }
                return voucher
            } catch {
                giveBack(token)
                throw error
            }
        }
    }

    /// Who the bearer of a token is, if that person may come in.
    func examine(_ token: AccessToken, _ flow: WebFlow) async throws -> Person {
        let person = try await Person.read(token, flow.client, flow.configuration)
        try await Admission(configuration: flow.configuration, names: names, client: flow.client).admit(person, token)
        return person
    }

    /// Turns problems into refusals, for the log.
    func refusing<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let problem as GitHubProblem {
            throw problem.refusal
        }
    }

    // MARK: Tokens that have served

    /// Revokes a token, when those who wait have been answered.
    func giveBack(_ token: AccessToken) {
        chores.add { [self] in await revoke(token) }
    }

    private func revoke(_ token: AccessToken) async {
        let configuration = configuration
        do {
            try await flow(configuration, deadline: .now + .seconds(configuration.callTimeout)).revoke(token.value)
        } catch {
            let reason = (error as? GitHubProblem)?.refusal
            host.log.warning(
                "A token could not be given back to GitHub.",
                ["reason": .string("\(reason.map { "\($0)" } ?? "\(error)")")])
        }
    }

    private func keep(_ token: AccessToken, of person: Person) async throws {
        let kept = KeptTokens.Kept(token: token, person: person, checked: WallClock.milliseconds)
        if let before = try await tokens.keep(kept), before.token.value != token.value { giveBack(before.token) }
    }

    /// Removes what an earlier configuration has left.
    private func cleanUp(for configuration: Configuration) async {
        do {
            try await names.keep(configuration.allow)
            guard configuration.recheckInterval == nil else { return }
            for kept in try await tokens.all() {
                let (present, change) = try await tokens.token(of: kept.subject)
                guard let present, try await tokens.forget(kept.subject, since: change) else { continue }
                await revoke(present.token)
            }
        } catch {
            host.log.warning("What an earlier configuration has left is still stored.", ["reason": "\(error)"])
        }
    }

    /// Somebody could not be looked up this time.
    func note(_ kept: KeptTokens.Kept, _ reason: String) {
        host.log.warning(
            "Somebody could not be looked up; what was known stays.",
            ["subject": .string(String(kept.person.id)), "reason": .string(reason)])
    }
}
