import XAPIPool
import XOJSON
import XOPluginAPI

/// `vif.*` and `vm.createInterface`
struct InterfaceMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [connect, disconnect, delete, set, lockingModes, create] }

    private struct Target: Decodable {
        var id: String
    }

    private static func target(_ right: ObjectParameter.Right) -> KeyValuePairs<String, ObjectParameter> {
        ["id": ObjectParameter(types: ["VIF"], right: right)]
    }

    private var connect: Method {
        Method(
            "vif.connect", "Plugs an interface into its running VM.", permission: .user, objects: Self.target(.operate)
        ) { [registry] (parameters: Target, call) in
            try await registry.writable("vif.connect", call).pool.run("VIF.plug")
        }
    }

    private var disconnect: Method {
        Method(
            "vif.disconnect", "Unplugs an interface, whether its VM agrees or not.", permission: .user,
            objects: Self.target(.operate)
        ) { [registry] (parameters: Target, call) in
            try await registry.writable("vif.disconnect", call).pool.run("VIF.unplug_force")
        }
    }

    private var delete: Method {
        Method(
            "vif.delete", "Removes an interface from its VM.", permission: .user, objects: Self.target(.administrate)
        ) {
            [registry] (parameters: Target, call) in
            try await registry.writable("vif.delete", call).pool.removeInterface()
        }
    }

    private var lockingModes: Method {
        Method("vif.getLockingModeValues", "What `lockingMode` may be.", permission: .user, isIdempotent: true) {
            (_: JSON, _) -> [String] in ["disabled", "locked", "network_default", "unlocked"]
        }
    }

    private static let addresses: ParameterSchema = .array(.string).optional

    private var create: Method {
        Method(
            "vm.createInterface", "Gives a VM another interface, at once if it runs; returns its id.",
            permission: .user,
            parameters: [
                "vm": .string, "network": .string,
                "position": .schema(["type": ["integer", "string"], "optional": true]), "mac": .string.optional,
                "allowedIpv4Addresses": Self.addresses, "allowedIpv6Addresses": Self.addresses,
            ],
            objects: [
                "vm": ObjectParameter(types: ["VM"], right: .administrate),
                "network": ObjectParameter(types: ["network"], right: .view),
            ]
        ) { [registry] (parameters: JSON, call) in
            let (machine, _) = try await registry.writable("vm.createInterface", call, "vm")
            guard let record = call.object("network") else { throw MethodError.noSuchObject(id: "", type: "network") }
            var settings: JSONObject = [
                "network": .string(try machine.sibling(record).ref), "MAC": parameters["mac"] ?? "",
                "ipv4_allowed": parameters["allowedIpv4Addresses"] ?? [],
                "ipv6_allowed": parameters["allowedIpv6Addresses"] ?? [],
            ]
            if let position = parameters["position"] {
                settings["device"] = .string(position.string ?? position.description)
            }
            if settings["ipv4_allowed"] != [] || settings["ipv6_allowed"] != [] { settings["locking_mode"] = "locked" }
            return JSON.string(try await machine.addInterface(settings).id)
        }
    }

    private var set: Method {
        Method(
            "vif.set", "Changes an interface; returns its id, which is another one after a new MAC address.",
            permission: .user,
            parameters: [
                "id": .string, "network": .string.optional, "mac": .string.optional,
                "allowedIpv4Addresses": Self.addresses, "allowedIpv6Addresses": Self.addresses,
                "attached": .boolean.optional, "lockingMode": .string.optional,
                "rateLimit": .number.nullable.optional.described("KiB a second; null: none."),
                "txChecksumming": .boolean.optional,
            ],
            objects: [
                "id": ObjectParameter(types: ["VIF"], right: .operate),
                "network": ObjectParameter(types: ["network"], right: .operate),
            ]
        ) { [registry] (parameters: JSON, call) in
            var (card, record) = try await registry.writable("vif.set", call)
            let network = try call.object("network").map { try card.sibling($0) }
            if let address = parameters["mac"]?.string, address.lowercased() != record["MAC"]?.string?.lowercased() {
                // It could be another machine's, in a network that the caller has no say in.
                try call.requireAdministrator()
                card = try await card.replaced(withAddress: address, network)
            } else if let network {
                try await card.run("VIF.move", .string(network.ref))
            }
            try await card.apply(parameters)
            switch (parameters["attached"]?.bool, record["attached"]?.bool) {
            case (true, false): try await card.run("VIF.plug")
            case (false, true): try await card.run("VIF.unplug")
            default: break
            }
            return JSON.string(card.id)
        }
    }
}

extension Pool {
    /// Makes an interface of this VM, and plugs it if the VM runs.
    func addInterface(_ settings: JSONObject) async throws -> Pool {
        var record: JSONObject = [
            "VM": .string(ref), "MTU": 1500, "other_config": [:], "qos_algorithm_type": "",
            "qos_algorithm_params": [:], "locking_mode": "network_default",
        ]
        record.merge(settings) { $1 }
        if record["device"] == nil {
            let free = try await ask("VM.get_allowed_VIF_devices", .string(ref)).array?.first
            guard let free else { throw MethodError.failed("the VM has no room for another interface") }
            record["device"] = free
        }
        let card = try await make("VIF", record)
        if await isRunning { try await card.run("VIF.plug") }
        return card
    }

    /// Takes this interface out of its VM.
    func removeInterface() async throws {
        if await connection.value(of: "currently_attached", in: ref) == true { try await run("VIF.unplug") }
        try await run("VIF.destroy")
    }

    /// Another interface in the place of this one: an address stands for an interface's whole life.
    fileprivate func replaced(withAddress address: String, _ network: Pool?) async throws -> Pool {
        // All that it has, also what no object of the inventory tells.
        let old = try await ask("VIF.get_record", .string(ref)).object ?? [:]
        guard let machine = old["VM"]?.string else { throw MethodError.noSuchObject(id: id, type: "VIF") }
        var settings: JSONObject = [:]
        for field in [
            "device", "network", "MTU", "other_config", "qos_algorithm_type", "qos_algorithm_params", "locking_mode",
            "ipv4_allowed", "ipv6_allowed",
        ] {
            settings[field] = old[field]
        }
        settings["MAC"] = .string(address)
        if let network { settings["network"] = .string(network.ref) }
        let owner = object(machine, id: "")
        try await removeInterface()
        do {
            return try await owner.addInterface(settings)
        } catch {
            // An address that XenServer refuses must not cost the machine its interface.
            settings["MAC"] = old["MAC"]
            settings["network"] = old["network"]
            _ = try? await owner.addInterface(settings)
            throw error
        }
    }

    fileprivate func apply(_ parameters: JSON) async throws {
        if let allowed = parameters["allowedIpv4Addresses"] { try await call("VIF.set_ipv4_allowed", allowed) }
        if let allowed = parameters["allowedIpv6Addresses"] { try await call("VIF.set_ipv6_allowed", allowed) }
        if let mode = parameters["lockingMode"] { try await call("VIF.set_locking_mode", mode) }
        if let limit = parameters["rateLimit"] {
            try await call("VIF.set_qos_algorithm_type", limit.isNull ? "" : "ratelimit")
            let kilobytes = limit.double.map { JSON.string("\(Int64($0.rounded()))") }
            try await call("VIF.set_qos_algorithm_params", .object(kilobytes.map { ["kbps": $0] } ?? [:]))
        }
        if let checksumming = parameters["txChecksumming"]?.bool {
            try await call("VIF.remove_from_other_config", "ethtool-tx")
            if !checksumming { try await call("VIF.add_to_other_config", "ethtool-tx", "false") }
        }
    }
}
