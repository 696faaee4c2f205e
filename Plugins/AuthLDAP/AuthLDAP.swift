import Synchronization
import XOPluginAPI

/// People of an LDAP directory: OpenLDAP, 389 Directory Server, FreeIPA, Active Directory.
///
/// One instance is one directory; several are several instances.
final class AuthLDAP: Plugin {
    static let descriptor = PluginDescriptor(
        id: "auth-ldap", version: "0.1.0", name: "LDAP directory",
        description: "Lets people sign in with the password that they have in an LDAP directory.",
        configurationSchema: Configuration.schema)

    private let host: Host
    private let state = Mutex<(directory: Directory?, isRunning: Bool)>((nil, false))

    init(host: Host) { self.host = host }

    var methods: [Method] {
        TrialMethods(namespace: host.instanceID) { [weak self] in
            guard let directory = self?.state.withLock({ $0.directory }) else {
                throw MethodError.failed("the directory is not configured")
            }
            return directory
        }.all
    }

    /// Questions that are under way are answered with the old settings as long as they can be.
    func configure(_ configuration: Configuration) async throws {
        let settings = try Settings(configuration, dataDirectory: host.dataDirectory)
        let directory = try Directory(settings, log: host.log)
        let (old, isRunning) = state.withLock { state in
            defer { state.directory = directory }
            return (state.directory, state.isRunning)
        }
        for warning in settings.warnings { host.log.warning("Not safe: \(warning).") }
        if isRunning { try offer(settings) }
        await old?.stop()
    }

    func start() async throws {
        guard let directory = state.withLock({ $0.directory }) else { return }
        try offer(directory.settings)
        state.withLock { $0.isRunning = true }
    }

    func stop() async {
        // Taken out: it is stopped once, and another start has another configuration before it.
        let directory = state.withLock { state in
            defer { state = (nil, false) }
            return state.directory
        }
        await directory?.stop()
    }

    private func offer(_ settings: Settings) throws {
        var offer = AuthOffer(label: settings.label)
        offer.takesPasswords = true
        try host.auth.offer(offer, self)
    }
}

extension AuthLDAP: AuthProvider {
    func authenticate(_ credentials: Credentials) async throws -> Voucher {
        guard credentials.kind == .password else { throw AuthRefusal.unsupported }
        return try await directory.authenticate(credentials.name, credentials.secret)
    }

    func lookUp(_ people: [AuthPerson]) async throws -> [AuthStanding] { try await directory.lookUp(people) }

    private var directory: Directory {
        get throws {
            guard let directory = state.withLock({ $0.directory }) else {
                throw AuthRefusal.unavailable("the directory is not configured")
            }
            return directory
        }
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { AuthLDAP.library(for: query) }
