import CCrashMark
import FoundationEssentials
import Glibc
import Logging
import Synchronization
import XOJSON
import XOProtocol

/// The host as a whole: put together, started, changed while it runs, stopped.
public final class Daemon: Sendable {
    let services: Services
    let plugins: PluginManager
    let overlay: ConfigurationOverlay
    private let configurationFile: String
    private let log: Logger

    /// Opens the state and registers what the host itself offers; starts no plugin yet.
    ///
    /// - Throws: an error whose description is fit for an administrator.
    public init(configurationFile: String) throws {
        self.configurationFile = configurationFile
        let configuration = try Configuration.load(configurationFile)
        let sink = LogSink(level: configuration.host.logLevel, format: configuration.host.logFormat)
        services = try Services(configuration, log: sink)
        log = sink.logger("host")
        overlay = ConfigurationOverlay(services.store)
        plugins = PluginManager(services: services)
        services.configuration = try overlaid(configuration)
        for taken in services.registry.add(try HostMethods.all(self)) {
            log.critical("two of the host's own methods are called \(taken.name)")
        }
        try HostRoutes.register(in: services)
        try SignInRoutes.register(in: services)
        try HostMetrics.register(for: services)
    }

    // MARK: Life

    /// What people need to know once the host runs.
    public struct Welcome: Sendable {
        /// Where clients can connect.
        public let addresses: [String]
        /// An administrator's name.
        public let administrator: String?
        /// The password of an administrator that was just made, if it is a random one: to be shown once.
        public let password: String?
    }

    /// Makes the first administrator if there is no user, and starts the plugins.
    ///
    /// - Throws: if a plugin that is marked essential fails.
    public func start() async throws -> Welcome {
        let started = Clock.now
        log.info("starting", metadata: ["version": "\(HostVersion.current)", "data": "\(services.directory.path)"])
        let administrator = try await services.inBackground { [services] in
            if let crash = CrashMark.exchange(at: services.directory.file("crash")) { try services.suspects.add(crash) }
            try services.tokens.removeExpired()
            return try Bootstrap.run(services.users, environment: ProcessInfo.processInfo.environment)
        }
        watchForChangesByOthers()
        scheduleRechecks(minute: 1)
        try await plugins.startAll()
        services.libraries.removeUnused()
        let milliseconds = (Clock.now - started) / 1_000_000
        log.info("ready", metadata: ["milliseconds": "\(milliseconds)"])
        let known = try await services.inBackground { [services] in
            try administrator?.user ?? services.users.all().first { $0.permission == .admin }
        }
        scheduleHousekeeping()
        return Welcome(
            addresses: services.clientURLs, administrator: known?.name, password: administrator?.generatedPassword)
    }

    /// Frees now and then what has expired and nobody asked for.
    private func scheduleHousekeeping() {
        services.clock.after(nanoseconds: 600_000_000_000) { [self] in
            services.backgroundPool.makeLane().run { [self] in
                services.downloads.removeExpired()
                do {
                    try services.tokens.removeExpired()
                } catch {
                    log.warning("expired tokens could not be removed", metadata: ["reason": "\(error)"])
                }
                scheduleHousekeeping()
            }
        }
    }

    /// Asks providers again for their people, each as often as its rules say.
    private func scheduleRechecks(minute: Int64) {
        services.clock.after(nanoseconds: 60_000_000_000) { [self] in
            Task { [self] in
                for provider in services.providers.all {
                    guard let interval = provider.rules.recheck, minute % interval == 0 else { continue }
                    do {
                        _ = try await Synchronization(services: services, provider: provider).run(isDryRun: false)
                    } catch {
                        log.error(
                            "the people of a provider could not be checked",
                            metadata: ["provider": "\(provider.id)", "reason": "\(error)"])
                    }
                }
                scheduleRechecks(minute: minute + 1)
            }
        }
    }

    /// Lets what `xo-host user` changes beside this process act on open connections within a second; and time, too.
    private func watchForChangesByOthers() {
        services.clock.after(nanoseconds: 1_000_000_000) { [self] in
            services.backgroundPool.makeLane().run { [self] in
                services.endExpiredSessions()
                do {
                    try services.renewWhatOthersChanged()
                } catch {
                    log.warning("users could not be compared with the store", metadata: ["reason": "\(error)"])
                }
                watchForChangesByOthers()
            }
        }
    }

    /// Stops the plugins, those that use others first. Takes no longer than `host.shutdownTimeout`.
    public func stop() async {
        log.info("stopping")
        await plugins.stopAll(within: services.configuration.host.shutdownTimeout)
        // Plugins may do at the end of the process what they like.
        crash_mark_disarm()
        log.info("stopped")
    }

    /// Reads the configuration again and applies what has changed. One that is wrong changes nothing.
    public func reload() async throws {
        let configuration: Configuration
        do {
            configuration = try await services.inBackground { [self] in
                try overlaid(try Configuration.load(configurationFile))
            }
        } catch {
            log.error("the new configuration is not applied", metadata: ["reason": "\(error)"])
            throw MethodError.invalidParameters("\(error)")
        }
        let old = services.configuration.host
        let new = configuration.host
        services.log.change(level: new.logLevel, format: new.logFormat)
        if old.dataDirectory != new.dataDirectory || old.limits != new.limits || old.passwordHash != new.passwordHash {
            log.warning("some settings of the host take effect with its next start only")
        }
        do {
            try await plugins.apply(configuration)
        } catch {
            log.error("the new configuration is not applied", metadata: ["reason": "\(error)"])
            throw error
        }
        log.info("reloaded")
    }

    private func overlaid(_ configuration: Configuration) throws -> Configuration {
        var result = configuration
        result.plugins = try configuration.plugins.map { try overlay.applied(to: $0) }
        return result
    }

    // MARK: Changes at run time

    func configure(_ id: String, _ configuration: JSON) async throws {
        let present = try await plugins.instance(id).configuration
        guard configuration.object != nil else {
            throw MethodError.invalidParameters("found \(configuration.typeName), expected an object as configuration")
        }
        let wanted = configuration.restoring(present.configuration, shownAs: present.shownConfiguration)
        guard !wanted.holdsRedacted else {
            throw MethodError.invalidParameters(
                "the configuration has '\(Redaction.replacement)' where a secret belongs; give the secret")
        }
        let file = try await filePlugin(id)
        let locked = wanted.overlap(with: file.configuration)
        guard locked.isEmpty else {
            let names = locked.map(\.dotted).joined(separator: ", ")
            throw MethodError.invalidParameters(
                "plugins.json sets \(names); change it there and reload, or remove it there")
        }
        try await apply(wanted.without(file.configuration), to: file) { overlay, addition in
            try overlay.setConfiguration(addition, of: id)
        }
    }

    func purgeConfiguration(of id: String) async throws {
        try await apply([:], to: try await filePlugin(id)) { overlay, _ in try overlay.removeConfiguration(of: id) }
    }

    func setAutoload(_ autoload: Bool, of id: String) async throws {
        let file = try await filePlugin(id)
        guard !file.setsEnabled || file.isEnabled == autoload else {
            throw MethodError.invalidParameters("plugins.json sets `enabled` of \(id); change it there and reload")
        }
        try await services.inBackground { [overlay] in try overlay.setAutoload(autoload, of: id) }
        try await plugins.setAutoload(autoload, of: id)
    }

    /// Gives a plugin what the file says and `addition`, and keeps that if the plugin accepts it.
    private func apply(
        _ addition: JSON, to file: Configuration.Plugin,
        keep: @escaping @Sendable (ConfigurationOverlay, JSON) throws -> Void
    ) async throws {
        let configuration = try await services.inBackground { [overlay] in
            try overlay.applied(to: file, configuration: addition)
        }
        try await plugins.configure(file.id, configuration) { [overlay] in try keep(overlay, addition) }
    }

    /// The plugin as the file has it.
    private func filePlugin(_ id: String) async throws -> Configuration.Plugin {
        try await services.inBackground { [configurationFile] in
            guard let plugin = try Configuration.load(configurationFile).plugins.first(where: { $0.id == id }) else {
                throw MethodError.noSuchObject(id: id, type: "plugin")
            }
            return plugin
        }
    }
}

extension JSON {
    /// This value without the members that `other` has just so.
    fileprivate func without(_ other: JSON) -> JSON {
        guard case .object(let members) = self, case .object(let others) = other else { return self }
        var rest: JSONObject = [:]
        for (name, value) in members {
            guard let known = others[name] else {
                rest[name] = value
                continue
            }
            if value != known { rest[name] = value.without(known) }
        }
        return .object(rest)
    }
}
