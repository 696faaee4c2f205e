import XOJSON
import XOPluginAPI

/// `pool.*`
struct PoolMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [set] }

    private var set: Method {
        Method(
            "pool.set", "Changes settings of a pool.", permission: .user,
            parameters: [
                "id": .string, "name_label": .string.optional, "name_description": .string.allowingEmpty.optional,
                "auto_poweron": .boolean.optional.described("VMs may start with their host."),
                "migrationCompression": .boolean.optional, "backupNetwork": .string.nullable.optional,
                "migrationNetwork": .string.nullable.optional, "suspendSr": .string.nullable.optional,
                "crashDumpSr": .string.nullable.optional,
            ],
            objects: [
                "id": ObjectParameter(types: ["pool"], right: .administrate),
                "suspendSr": ObjectParameter(types: ["SR"], right: .administrate),
                "crashDumpSr": ObjectParameter(types: ["SR"], right: .administrate),
            ]
        ) { [registry] (parameters: JSON, call) in
            let (pool, _) = try await registry.writable("pool.set", call)
            try await pool.rename("pool", parameters)
            if let isOn = parameters["auto_poweron"]?.bool {
                try await pool.setEntry("auto_poweron", of: "other_config", class: "pool", to: isOn ? "true" : nil)
            }
            if let isOn = parameters["migrationCompression"] {
                try await pool.call("pool.set_migration_compression", isOn)
            }
            for (name, key) in [("backupNetwork", "xo:backupNetwork"), ("migrationNetwork", "xo:migrationNetwork")] {
                if let network = parameters[name] {
                    try await pool.setEntry(key, of: "other_config", class: "pool", to: network.string)
                }
            }
            for (name, field) in [("suspendSr", "suspend_image_SR"), ("crashDumpSr", "crash_dump_SR")]
            where parameters[name] != nil {
                let storage = try call.object(name).map { try pool.sibling($0).ref } ?? nullReference
                try await pool.call("pool.set_\(field)", .string(storage))
            }
        }
    }
}
