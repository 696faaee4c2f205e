import Logging
import XOJSON
import XOProtocol

/// Leads all plugins through their lives: at start, on demand, when the configuration changes, at the end.
///
/// One that fails is left out, with its reason; the others go on.
actor PluginManager {
    /// What the host itself offers to plugins that say that they need it.
    static let hostCapabilities: Set<String> = [
        "xo.methods/1", "xo.calls/1", "xo.objects/1", "xo.events/1", "xo.http/1", "xo.transport/1", "xo.store/1",
        "xo.metrics/1",
    ]

    private let services: Services
    /// In the order of the configuration.
    private var instances: [PluginInstance] = []
    private var catalogues: [String: MethodCatalogue] = [:]
    /// Plugins that have a step of their life under way.
    private var busy: Set<String> = []
    /// The host is ending: nothing is started any more.
    private var isStopping = false
    /// Plugins that have crashed, until they run again for a while.
    private var restarts: [String: RestartPolicy] = [:]
    /// Crashes of plugins that had a step under way.
    private var unhandled: [Crash] = []

    init(services: Services) { self.services = services }

    private var timeout: Duration { services.configuration.host.startTimeout }

    // MARK: Start and stop of all

    /// Starts everything that is enabled, each as soon as what it needs is there.
    ///
    /// - Throws: if one that is marked essential fails.
    func startAll() async throws {
        for plugin in services.configuration.plugins {
            let instance = PluginInstance(plugin, services: services)
            instances.append(instance)
            PluginMetricsOfHost.register(instance, in: services.metrics)
        }
        Task { [services] in
            for await crash in services.crashes.stream { handle(crash) }
        }
        busy.formUnion(instances.map(\.id))
        defer { unbusy(busy) }
        try await start(instances.filter { $0.configuration.isEnabled })
    }

    /// Stops everything, users before what they use. Takes at most `limit` in all.
    func stopAll(within limit: Duration) async {
        isStopping = true
        let deadline = ContinuousClock.now + limit
        for wave in waves(of: instances.filter { $0.lifeState == .running }).reversed() {
            let left = max(.milliseconds(100), deadline - .now)
            await withTaskGroup { group in
                for instance in wave { group.addTask { await self.stop(instance, timeout: left) } }
            }
        }
    }

    /// Creates these instances at the same time, then starts them in order.
    private func start(_ starting: [PluginInstance]) async throws {
        await withTaskGroup { group in
            for instance in starting { group.addTask { await self.create(instance) } }
        }
        let created = starting.filter { $0.lifeState == .starting }
        let running = instances.filter { $0.lifeState == .running }.flatMap { $0.library?.info.provides ?? [] }
        let order = PluginOrder.waves(
            created.map(candidate), given: PluginManager.hostCapabilities.union(running))
        for (id, reason) in order.impossible {
            if let instance = created.first(where: { $0.id == id }) { fail(instance, reason) }
        }
        for wave in order.waves {
            await withTaskGroup { group in
                for instance in created where wave.contains(instance.id) {
                    group.addTask { await self.run(instance) }
                }
            }
        }
        for instance in starting {
            guard instance.configuration.isEssential, let reason = instance.lifeState.reason else { continue }
            throw LifecycleError("the essential plugin \(instance.id) failed: \(reason)")
        }
    }

    private func candidate(_ instance: PluginInstance) -> PluginOrder.Candidate {
        PluginOrder.Candidate(
            id: instance.id, needs: instance.library?.info.needs ?? [], provides: instance.library?.info.provides ?? [])
    }

    /// Running plugins, those that others use first. Last come those that go on though what they need was stopped.
    private func waves(of running: [PluginInstance]) -> [[PluginInstance]] {
        let order = PluginOrder.waves(running.map(candidate), given: PluginManager.hostCapabilities)
        return (order.waves + [order.impossible.map(\.id)]).map { wave in
            running.filter { wave.contains($0.id) }
        }
    }

    // MARK: Steps of one

    private func create(_ instance: PluginInstance) async {
        instance.lifeState = .starting
        // One that was stopped is still there; from here on another takes its place.
        instance.destroy()
        do {
            catalogues[instance.id] = try await instance.create(timeout: timeout)
        } catch {
            fail(instance, "\(error)")
        }
    }

    /// Configures and starts an instance that has been created.
    private func run(_ instance: PluginInstance) async {
        guard !isStopping else {
            instance.destroy()
            instance.lifeState = .unloaded
            return
        }
        let needs = Set(instance.library?.info.needs ?? [])
        let available = PluginManager.hostCapabilities.union(
            instances.filter { $0.lifeState == .running }.flatMap { $0.library?.info.provides ?? [] })
        guard needs.isSubset(of: available) else {
            let missing = needs.subtracting(available).sorted().joined(separator: ", ")
            fail(instance, "it needs \(missing), whose plugin did not start")
            return
        }
        do {
            try await instance.configure(timeout: timeout)
            try await instance.start(timeout: timeout)
        } catch {
            fail(instance, "\(error)")
            return
        }
        // Those of a life before this one, which a crash has ended.
        services.registry.removeAll(of: instance)
        register(catalogues[instance.id] ?? .empty, of: instance)
        instance.lifeState = .running
        instance.comeback.end(isBack: true)
        forgetOrphans(of: instance)
        let info = instance.library?.info
        instance.log.info("running", metadata: ["plugin": "\(info?.id ?? "")", "version": "\(info?.version ?? "")"])
    }

    private func register(_ catalogue: MethodCatalogue, of instance: PluginInstance) {
        for problem in catalogue.problems { instance.log.error("a method is left out: \(problem)") }
        for taken in services.registry.add(catalogue.definitions) {
            instance.log.error("a method is left out: another plugin has \(taken.name) already")
        }
    }

    private func stop(_ instance: PluginInstance, timeout: Duration) async {
        instance.lifeState = .stopping
        services.registry.removeAll(of: instance)
        do {
            try await instance.stop(timeout: timeout)
            services.release(instance)
            instance.lifeState = .stopped
            instance.log.info("stopped")
        } catch {
            // It may go on for all we know; but it has no part in anything any more.
            services.release(instance)
            fail(instance, "\(error)")
        }
    }

    private func fail(_ instance: PluginInstance, _ reason: String) {
        instance.lifeState = .failed(reason: reason)
        catalogues[instance.id] = nil
        services.release(instance, isComingBack: restarts[instance.id] != nil)
        instance.destroy()
        instance.log.error("failed", metadata: ["reason": "\(reason)"])
    }

    // MARK: Crashes

    /// These have no step under way any more.
    private func unbusy(_ ids: Set<String>) {
        busy.subtract(ids)
        let crashes = unhandled
        unhandled = []
        for crash in crashes { handle(crash) }
    }

    /// A plugin's process has ended by itself: it is started again, the later the oftener it happens.
    private func handle(_ crash: Crash) {
        let instance = crash.instance
        guard !isStopping, instances.contains(where: { $0 === instance }), instance.life === crash.life else { return }
        guard !busy.contains(instance.id) else { return unhandled.append(crash) }
        guard instance.lifeState == .running else {
            // One that was stopped has nothing to lose but its process; the next start makes another.
            if instance.lifeState == .stopped {
                instance.destroy()
                instance.lifeState = .unloaded
            }
            return
        }
        var policy = restarts[instance.id] ?? RestartPolicy()
        guard policy.noteCrash(uptime: instance.uptime ?? .zero) else {
            busy.insert(instance.id)
            Task {
                await quarantine(instance, crash.reason)
                unbusy([instance.id])
            }
            return
        }
        let delay = policy.nextDelay()
        restarts[instance.id] = policy
        fail(instance, "\(crash.reason); it is started again")
        restart(instance, after: delay)
    }

    /// Gives a plugin up that crashes again and again. It is busy meanwhile.
    private func quarantine(_ instance: PluginInstance, _ reason: String) async {
        restarts[instance.id] = nil
        do {
            // First, so that nobody who reads the state below starts it all the same.
            try await services.inBackground { [services] in
                guard let hash = instance.library?.hash else { return }
                try services.quarantine.add(hash, plugin: instance.id, reason: reason)
            }
        } catch {
            instance.log.error("the quarantine could not be kept", metadata: ["reason": "\(error)"])
        }
        fail(
            instance,
            "\(reason), \(RestartPolicy.maximumCrashes) times in ten minutes; its file is in quarantine until it is "
                + "replaced or xo-cli plugin.clear id=\(instance.id)")
    }

    private func restart(_ instance: PluginInstance, after delay: Duration) {
        services.clock.after(nanoseconds: delay.nanoseconds) { [self] in
            Task { await restart(instance) }
        }
    }

    /// What it has not taken back when it has run for a while is gone.
    private func forgetOrphans(of instance: PluginInstance) {
        let life = instance.life
        services.clock.after(nanoseconds: RestartPolicy.recovery.nanoseconds) { [services] in
            guard instance.life === life else { return }
            services.inventory.closeOrphans(of: instance)
            services.listeners.closeOrphans(of: instance)
            services.broadcaster.schedule()
        }
    }

    private func restart(_ instance: PluginInstance) async {
        // Somebody may have taken it in hand meanwhile.
        guard !isStopping, instances.contains(where: { $0 === instance }), instance.lifeState.reason != nil,
            restarts[instance.id] != nil, busy.insert(instance.id).inserted
        else { return }
        let crashes = instance.lastCrash?.count
        defer { unbusy([instance.id]) }
        try? await start([instance])
        guard let reason = instance.lifeState.reason, var policy = restarts[instance.id] else { return }
        // Another reason than a crash, a file that is gone for example, may go away by itself.
        guard instance.lastCrash?.count == crashes || policy.noteCrash(uptime: .zero) else {
            return await quarantine(instance, reason)
        }
        let delay = policy.nextDelay()
        restarts[instance.id] = policy
        restart(instance, after: delay)
    }

    /// Lets a plugin try again that is in quarantine; tells whether it was.
    func clear(_ id: String) async throws -> Bool {
        _ = try instance(id)
        return try await services.inBackground { [services] in try services.quarantine.clear(plugin: id) }
    }

    // MARK: On demand

    var all: [PluginInstance] { instances }

    func instance(_ id: String) throws -> PluginInstance {
        guard let instance = instances.first(where: { $0.id == id }) else {
            throw MethodError.noSuchObject(id: id, type: "plugin")
        }
        return instance
    }

    /// Starts one plugin.
    func load(_ id: String) async throws {
        let instance = try instance(id)
        try await exclusively(id) {
            restarts[id] = nil
            switch instance.lifeState {
            case .running: throw MethodError.invalidParameters("plugin already loaded")
            case .stopped:
                instance.lifeState = .starting
                await run(instance)
            default:
                try? await start([instance])
            }
            if let reason = instance.lifeState.reason { throw MethodError.failed(reason) }
        }
    }

    func unload(_ id: String) async throws {
        let instance = try instance(id)
        try await exclusively(id) {
            let wasComingBack = restarts.removeValue(forKey: id) != nil
            guard instance.lifeState == .running else {
                guard wasComingBack else { throw MethodError.invalidParameters("plugin already unloaded") }
                services.release(instance)
                instance.lifeState = .unloaded
                return
            }
            await stop(instance, timeout: timeout)
            if let reason = instance.lifeState.reason { throw MethodError.failed(reason) }
        }
    }

    /// Gives a plugin another configuration. A running one that rejects it keeps its old one, and so do we.
    ///
    /// - Parameter keep: stores it, once it is accepted. Blocks.
    func configure(
        _ id: String, _ configuration: Configuration.Plugin, keep: @escaping @Sendable () throws -> Void
    ) async throws {
        let instance = try instance(id)
        try await exclusively(id) {
            let old = instance.configuration
            try await hand(configuration, to: instance)
            do {
                try await services.inBackground(keep)
            } catch {
                // What cannot be kept must not be used either.
                try? await hand(old, to: instance)
                throw error
            }
        }
    }

    /// Whether the plugin shall start with the host.
    func setAutoload(_ autoload: Bool, of id: String) throws {
        try instance(id).configuration.isEnabled = autoload
    }

    private func hand(_ configuration: Configuration.Plugin, to instance: PluginInstance) async throws {
        let old = instance.configuration
        instance.configuration = configuration
        do {
            guard instance.lifeState == .running else {
                _ = try instance.completedConfiguration()
                return
            }
            try await instance.configure(timeout: timeout)
            instance.log.info("reconfigured")
        } catch {
            instance.configuration = old
            throw MethodError.invalidParameters("\(error)")
        }
    }

    private func exclusively(_ id: String, _ body: () async throws -> Void) async throws {
        guard !isStopping else { throw MethodError.invalidParameters("the host is stopping") }
        guard busy.insert(id).inserted else { throw MethodError.invalidParameters("plugin is loading") }
        defer { unbusy([id]) }
        try await body()
    }

    // MARK: Another configuration

    /// Makes the running plugins what `configuration` says: stops what is gone or switched off, reconfigures what has
    /// changed, starts what is new.
    ///
    /// - Throws: if a plugin is being started or stopped at this moment; nothing is changed then.
    func apply(_ configuration: Configuration) async throws {
        guard !isStopping else { throw MethodError.invalidParameters("the host is stopping") }
        guard busy.isEmpty else {
            throw MethodError.invalidParameters(
                "\(busy.sorted().joined(separator: ", ")) is being started or stopped; try again in a moment")
        }
        let concerned = Set(instances.map(\.id)).union(configuration.plugins.map(\.id))
        busy.formUnion(concerned)
        restarts = [:]
        defer { unbusy(concerned) }
        services.configuration = configuration
        for instance in instances { instance.library?.process?.setLogLevel(LogBridge.code(services.log.level)) }
        for instance in instances where !configuration.plugins.contains(where: { $0.id == instance.id }) {
            if instance.lifeState == .running { await stop(instance, timeout: timeout) }
            services.release(instance)
            instance.destroy()
            instance.lifeState = .unloaded
            catalogues[instance.id] = nil
            services.metrics.remove(owner: instance.id)
            instances.removeAll { $0 === instance }
        }
        var starting: [PluginInstance] = []
        for plugin in configuration.plugins {
            guard let instance = instances.first(where: { $0.id == plugin.id }) else {
                let instance = PluginInstance(plugin, services: services)
                instances.append(instance)
                PluginMetricsOfHost.register(instance, in: services.metrics)
                if plugin.isEnabled { starting.append(instance) }
                continue
            }
            switch (instance.lifeState, plugin.isEnabled) {
            case (.running, false):
                instance.configuration = plugin
                await stop(instance, timeout: timeout)
                instance.lifeState = .disabled
                instance.destroy()
            case (.running, true):
                // Also if it is the same: files that it names, such as certificates, may have changed.
                do {
                    try await hand(plugin, to: instance)
                } catch {
                    instance.log.error("the new configuration is rejected", metadata: ["reason": "\(error)"])
                }
            case (_, true):
                instance.configuration = plugin
                // One that was stopped is still there.
                instance.destroy()
                starting.append(instance)
            case (_, false):
                instance.configuration = plugin
                services.release(instance)
                instance.lifeState = .disabled
                instance.destroy()
            }
        }
        do {
            try await start(starting)
        } catch {
            services.log.logger("host").error("\(error)")
        }
    }
}
