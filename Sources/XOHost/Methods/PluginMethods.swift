import XOJSON
import XOProtocol

extension HostMethods {
    /// `plugin.*`: what runs in this host, and switching it on and off.
    static func plugins(_ host: Daemon) throws -> [MethodDefinition] {
        let id: JSON = ["id": ["type": "string"]]
        return [
            try method("plugin.get", "All plugins with their states.", .atLeast(.admin)) { call in
                call.asynchronously {
                    var list: [JSON] = []
                    let sources = Dictionary(grouping: host.services.inventory.sourceStates, by: \.plugin)
                    let methods = host.services.registry.all
                    for instance in await host.plugins.all {
                        let test = methods.first { $0.isTest(of: instance.id) }
                        list.append(describe(instance, sources[instance.id] ?? [], test))
                    }
                    return .array(list)
                }
            },
            try method("plugin.load", "Starts a plugin.", .atLeast(.admin), id) { call in
                call.asynchronously {
                    try await host.plugins.load(call.parameters["id"]?.string ?? "")
                    return nil
                }
            },
            try method("plugin.unload", "Stops a plugin.", .atLeast(.admin), id) { call in
                call.asynchronously {
                    try await host.plugins.unload(call.parameters["id"]?.string ?? "")
                    return nil
                }
            },
            try method(
                "plugin.clear",
                "Lets a plugin be started again whose file is in quarantine because it crashed again and again, and "
                    + "into the host again if it has crashed that.",
                .atLeast(.admin), id
            ) { call in
                call.asynchronously {
                    .bool(try await host.plugins.clear(call.parameters["id"]?.string ?? ""))
                }
            },
            try method(
                "plugin.test", "Tries out a plugin's configuration, by the plugin's own method `….test`.",
                .atLeast(.admin), ["id": ["type": "string"], "data": ["optional": true]]
            ) { call in
                try test(call, host.services)
            },
            try method(
                "plugin.configure", "Gives a plugin another configuration. What plugins.json sets cannot be changed.",
                .atLeast(.admin), ["id": ["type": "string"], "configuration": [:]]
            ) { call in
                call.asynchronously {
                    try await host.configure(
                        call.parameters["id"]?.string ?? "", call.parameters["configuration"] ?? [:])
                    return nil
                }
            },
            try method(
                "plugin.purgeConfiguration", "Forgets what plugin.configure has stored.", .atLeast(.admin), id
            ) { call in
                call.asynchronously {
                    try await host.purgeConfiguration(of: call.parameters["id"]?.string ?? "")
                    return nil
                }
            },
            try method("plugin.enableAutoload", "Starts a plugin with the host.", .atLeast(.admin), id) { call in
                call.asynchronously {
                    try await host.setAutoload(true, of: call.parameters["id"]?.string ?? "")
                    return nil
                }
            },
            try method("plugin.disableAutoload", "Does not start a plugin with the host.", .atLeast(.admin), id) {
                call in
                call.asynchronously {
                    try await host.setAutoload(false, of: call.parameters["id"]?.string ?? "")
                    return nil
                }
            },
            try method("plugin.reload", "Reads plugins.json again and applies what has changed.", .atLeast(.admin)) {
                call in
                call.asynchronously {
                    try await host.reload()
                    return nil
                }
            },
        ]
    }

    private static func test(_ call: NativeCall, _ services: Services) throws -> NativeAnswer {
        let id = call.parameters["id"]?.string ?? ""
        guard let test = services.registry.all.first(where: { $0.isTest(of: id) }) else {
            throw MethodError.invalidParameters("the plugin \(id) does not run, or has nothing to test")
        }
        let context = CallContext(
            principal: call.principal, session: nil, isInternal: true, deadline: nil, parent: nil, depth: 0)
        call.dispatcher.enqueue(test.name, (call.parameters["data"] ?? [:]).serialized(), context, call.reply)
        return .later
    }

    /// The entry of `plugin.get`: what the network contract has, then what only this host tells.
    private static func describe(
        _ instance: PluginInstance, _ sources: [SourceState], _ test: MethodDefinition?
    ) -> JSON {
        let info = instance.library?.info
        let plugin = instance.configuration
        let state = instance.lifeState
        var members: JSONObject = [
            "id": .string(instance.id), "name": .string(info?.name ?? instance.id),
            "autoload": .bool(plugin.isEnabled), "version": .string(info?.version ?? "unknown"), "unloadable": true,
            "testable": .bool(test != nil),
        ]
        if let test {
            members["testSchema"] = ["type": "object", "properties": test.declaredParameters ?? [:]]
        }
        if info != nil { members["loaded"] = .bool(state == .running) }
        if let summary = info?.summary, !summary.isEmpty { members["description"] = .string(summary) }
        members["configuration"] = plugin.shownConfiguration
        if let schema = info?.configurationSchemaText { members["configurationSchema"] = schema }

        members["state"] = .string(state.name)
        if let reason = state.reason { members["error"] = .string(reason) }
        members["library"] = .string(instance.library?.path ?? plugin.library)
        if let hash = instance.library?.hash { members["sha256"] = .string(hash.description) }
        members["isolation"] = .string(
            instance.library.map { $0.process != nil } ?? plugin.isIsolated ? "process" : "host")
        if let process = instance.library?.process?.processID, let bytes = MemoryWatch.privateBytes(of: process) {
            members["process"] = ["id": JSON(Int(process)), "memory": JSON(bytes)]
        }
        if let crash = instance.lastCrash { members["crash"] = crash.json }
        if !sources.isEmpty { members["sources"] = .array(sources.map(\.json)) }
        members["essential"] = .bool(plugin.isEssential)
        members["grants"] = JSON(plugin.grants.sorted())
        if let uptime = instance.uptime { members["uptime"] = JSON(uptime.components.seconds) }
        members["counters"] = counters(instance.counters)
        return .object(members)
    }

    private static func counters(_ counters: PluginCounters) -> JSON {
        let latency = counters.latency.snapshot()
        var members: JSONObject = [
            "calls": JSON(counters.calls.load(ordering: .relaxed)),
            "errors": JSON(counters.errors.load(ordering: .relaxed)),
            "staleHandles": JSON(counters.staleHandles.load(ordering: .relaxed)),
            "malformed": JSON(counters.malformed.load(ordering: .relaxed)),
        ]
        if let median = latency.percentile(0.5), let high = latency.percentile(0.99) {
            members["secondsMedian"] = JSON(median)
            members["seconds99"] = JSON(high)
        }
        return .object(members)
    }
}
