import Synchronization
import XOJSON
import XOPluginAPI

/// Lets people sign in with their account at github.com, or at a GitHub Enterprise of their own.
final class AuthGitHubPlugin: Plugin {
    static let descriptor = PluginDescriptor(
        id: "auth-github", version: "0.1.0", name: "Sign-in with GitHub",
        description: "Vouches for people by their account, organisations and teams at GitHub.",
        configurationSchema: Configuration.schema)

    private struct State {
        var configuration: Configuration?
        var provider: Provider?
    }

    private let host: Host
    private let state = Mutex(State())

    init(host: Host) { self.host = host }

    var methods: [Method] {
        [
            Method(
                "\(host.instanceID).test", "Tries out whether GitHub answers, and accepts this app.",
                permission: .admin,
                timeout: .seconds(60)
            ) { [self] (_: ConfigurationTest.Parameters, _) in
                guard let provider = state.withLock({ $0.provider }) else {
                    throw MethodError.failed("the plugin does not run")
                }
                return try await ConfigurationTest.run(provider)
            }
        ]
    }

    func configure(_ configuration: Configuration) async throws {
        try configuration.check()
        let roots = try TrustRoots(configuration.certificateAuthorities)
        if state.withLock({ $0.provider }) != nil { try await ServerMemory.check(configuration, host.store) }
        try state.withLock { $0.provider }?.use(configuration, roots)
        state.withLock { $0.configuration = configuration }
    }

    func start() async throws {
        guard let configuration = state.withLock({ $0.configuration }) else { return }
        let roots = try TrustRoots(configuration.certificateAuthorities)
        try await ServerMemory.check(configuration, host.store)
        let provider = Provider(host: host, configuration, roots)
        do {
            try provider.use(configuration, roots)
        } catch {
            await provider.close()
            throw error
        }
        state.withLock { $0.provider = provider }
    }

    func stop() async {
        let provider = state.withLock { state in
            defer { state.provider = nil }
            return state.provider
        }
        await provider?.close()
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { AuthGitHubPlugin.library(for: query) }
