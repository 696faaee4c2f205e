import SAMLValidation
import Synchronization
import XOPluginAPI

/// Sign-in through an identity provider that speaks SAML 2.0.
final class AuthSAMLPlugin: Plugin {
    static let descriptor = PluginDescriptor(
        id: "auth-saml", version: "0.1.0", name: "SAML sign-in",
        description: "Signs people in through a SAML 2.0 identity provider.",
        configurationSchema: Configuration.schema)

    /// What one configuration has made.
    private struct Run {
        let settings: Settings
        let provider: KnownProvider
    }

    private struct State {
        var next: Run?
        var running: Run?
    }

    private let host: Host
    private let sessions: KnownSessions
    private let state = Mutex(State())

    init(host: Host) {
        self.host = host
        sessions = KnownSessions(store: host.store)
    }

    /// Named for the instance, because several may run.
    var methods: [Method] {
        [
            Method(
                "\(host.instanceID).test", "Reads the identity provider's metadata and says what is in it.",
                permission: .admin
            ) { [self] (_: NoParameters, _) async throws -> JSON in
                guard let run = state.withLock({ $0.running }) else { throw MethodError.failed("not running") }
                return await ConfigurationTrial(settings: run.settings, provider: run.provider).run()
            }
        ]
    }

    /// While it runs, answers to requests that are under way meet the new configuration.
    func configure(_ configuration: Configuration) async throws {
        let run = Run(
            settings: try Settings(configuration),
            provider: KnownProvider(
                try ProviderSource(configuration.idp, now: Clock.now),
                acceptsNewCertificates: configuration.idp.acceptNewCertificates, host: host))
        let isRunning = state.withLock { state in
            state.next = run
            return state.running != nil
        }
        if isRunning { try await serve(run) }
    }

    func start() async throws {
        guard let run = state.withLock({ $0.next }) else {
            throw ConfigurationError(description: "start without a configuration")
        }
        try await sessions.load()
        try await serve(run)
    }

    func stop() async {
        let run = state.withLock { state in
            defer { state.running = nil }
            return state.running
        }
        await run?.provider.stop()
    }

    private func serve(_ run: Run) async throws {
        let replays = ReplayCache(store: host.store, capacity: run.settings.configuration.rememberedAssertions)
        try await replays.load()
        await run.provider.start()
        let service = ServiceProvider(
            settings: run.settings, provider: run.provider, replays: replays, sessions: sessions, host: host)
        let old = state.withLock { state in
            defer { state.running = run }
            return state.running
        }
        await old?.provider.stop()
        try host.auth.offer(service.offer, service)
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { AuthSAMLPlugin.library(for: query) }
