import XAPIPool
import XOJSON
import XOPluginAPI

/// `host.*`
struct HostMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] {
        [
            enable, disable, set, maintenance, stop, start, restartAgent("host.restartAgent"),
            restartAgent("host.restart_agent"), clock,
        ]
    }

    private static func target(_ right: ObjectParameter.Right) -> KeyValuePairs<String, ObjectParameter> {
        ["id": ObjectParameter(types: ["host"], right: right)]
    }

    private struct Target: Decodable {
        var id: String
    }

    private var enable: Method {
        Method("host.enable", "Lets a host take VMs again.", permission: .user, objects: Self.target(.administrate)) {
            [registry] (_: Target, call) in
            try await registry.writable("host.enable", call).pool.run("host.enable")
        }
    }

    private var disable: Method {
        Method(
            "host.disable", "Lets a host take no more VMs; those that run there go on.", permission: .user,
            parameters: [
                "id": .string,
                "transient": .boolean.default(true).described("Until it is restarted; false needs a recent XenServer."),
            ],
            objects: Self.target(.administrate)
        ) { [registry] (parameters: JSON, call) in
            let (host, _) = try await registry.writable("host.disable", call)
            if parameters["transient"]?.bool ?? true { return try await host.run("host.disable") }
            try await host.run("host.disable", false)
        }
    }

    private var set: Method {
        Method(
            "host.set", "Changes settings of a host.", permission: .user,
            parameters: [
                "id": .string, "name_label": .string.optional, "name_description": .string.allowingEmpty.optional,
                "iscsiIqn": .string.optional, "multipathing": .boolean.optional,
            ],
            objects: Self.target(.administrate)
        ) { [registry] (parameters: JSON, call) in
            let (host, _) = try await registry.writable("host.set", call)
            try await host.rename("host", parameters)
            if let name = parameters["iscsiIqn"] { try await host.call("host.set_iscsi_iqn", name) }
            if let isOn = parameters["multipathing"] { try await host.setMultipathing(isOn) }
        }
    }

    private var maintenance: Method {
        Method(
            "host.setMaintenanceMode", "Moves all VMs off a host, which takes no more; or lets it take VMs again.",
            permission: .user,
            parameters: ["id": .string, "maintenance": .boolean, "vmsToForceMigrate": .array(.string).optional],
            objects: Self.target(.administrate)
        ) { [registry] (parameters: JSON, call) in
            let (host, _) = try await registry.writable("host.setMaintenanceMode", call)
            guard parameters["maintenance"]?.bool == true else { return try await host.run("host.enable") }
            if parameters["vmsToForceMigrate"]?.array?.isEmpty == false {
                throw MethodError.failed("host.setMaintenanceMode does not know how to use `vmsToForceMigrate` yet")
            }
            try await host.evacuate()
        }
    }

    private var stop: Method {
        Method(
            "host.stop", "Moves all VMs off a host and shuts it down.", permission: .user,
            parameters: [
                "id": .string, "bypassBackupCheck": .boolean.optional,
                "bypassEvacuate": .boolean.optional.described("Leave it to XenServer what becomes of its VMs."),
            ],
            objects: Self.target(.operate)
        ) { [registry] (parameters: JSON, call) in
            let (host, _) = try await registry.writable("host.stop", call)
            if parameters["bypassEvacuate"]?.bool == true {
                try await host.run("host.disable")
            } else {
                try await host.evacuate()
            }
            do {
                // No task, which the master would take with it.
                try await host.call("host.shutdown")
            } catch {
                try? await host.run("host.enable")
                throw error
            }
        }
    }

    private var start: Method {
        Method(
            "host.start", "Switches a host on, in the way that is set for it.", permission: .user,
            parameters: ["id": .string], objects: Self.target(.operate)
        ) { [registry] (_: JSON, call) in
            try await registry.writable("host.start", call).pool.run("host.power_on")
        }
    }

    private func restartAgent(_ name: String) -> Method {
        Method(
            name, "Restarts a host's toolstack; VMs go on.", permission: .user,
            parameters: ["id": .string, "bypassBackupCheck": .boolean.optional],
            objects: Self.target(.administrate)
        ) { [registry] (_: JSON, call) in
            // No task: with the master's toolstack all tasks are gone.
            try await registry.writable(name, call).pool.call("host.restart_agent")
        }
    }

    private var clock: Method {
        Method(
            "host.isHostServerTimeConsistent", "Whether a host's clock is right, to half a minute.", permission: .user,
            parameters: ["host": .string], objects: ["host": ObjectParameter(types: ["host"], right: .view)]
        ) { [registry] (_: JSON, call) -> Bool in
            guard let object = call.object("host") else { throw MethodError.noSuchObject(id: "", type: "host") }
            let host = try await registry.pool(of: object)
            return try await host.connection.isClockRight(of: host.ref, within: .seconds(30))
        }
    }
}

extension Pool {
    /// Sets name and description, as far as they are given.
    func rename(_ className: String, _ parameters: JSON) async throws {
        for field in ["name_label", "name_description"] {
            if let value = parameters[field] { try await call("\(className).set_\(field)", value) }
        }
    }

    /// Disables the host and moves its VMs to others; if that fails it is enabled again.
    fileprivate func evacuate() async throws {
        let wasEnabled = try await ask("host.get_enabled", .string(ref)) == true
        try await run("host.disable")
        do {
            try await run("host.evacuate")
        } catch {
            // A client that has gone must not leave the host without use.
            if wasEnabled { await Task { try? await run("host.enable") }.value }
            throw error
        }
    }

    /// It can be changed only while no storage is plugged and the host takes no VMs.
    fileprivate func setMultipathing(_ isOn: JSON) async throws {
        let wasEnabled = try await ask("host.get_enabled", .string(ref)) == true
        if wasEnabled { try await run("host.disable") }
        let outcome: Result<Void, any Error>
        var unplugged: [Pool] = []
        do {
            let plugs = try await ask("host.get_PBDs", .string(ref)).array?.compactMap(\.string) ?? []
            for plug in plugs.map({ object($0, id: "") })
            where try await ask("PBD.get_currently_attached", .string(plug.ref)) == true {
                try await plug.run("PBD.unplug")
                unplugged.append(plug)
            }
            try await call("host.set_multipathing", isOn)
            while let plug = unplugged.last {
                try await plug.run("PBD.plug")
                unplugged.removeLast()
            }
            outcome = .success(())
        } catch {
            // A host is not left without the storages that it had.
            for plug in unplugged { try? await plug.run("PBD.plug") }
            outcome = .failure(error)
        }
        if wasEnabled { try await run("host.enable") }
        try outcome.get()
    }
}
