import XOJSON
import XOPluginAPI

/// `network.*`
struct NetworkMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] {
        [
            Method(
                "network.set", "Changes settings of a network.", permission: .user,
                parameters: [
                    "id": .string, "name_label": .string.optional, "name_description": .string.allowingEmpty.optional,
                    "automatic": .boolean.optional.described("New VMs get an interface in it."),
                    "defaultIsLocked": .boolean.optional.described("Interfaces let nothing through unless told."),
                    "mtu": .schema(["type": "integer", "minimum": 68, "maximum": 65535, "optional": true]),
                    "nbd": .boolean.optional.described("Disks may be read through it."),
                ],
                objects: ["id": ObjectParameter(types: ["network"], right: .administrate)]
            ) { [registry] (parameters: JSON, call) in
                let (network, record) = try await registry.writable("network.set", call)
                try await network.rename("network", parameters)
                if let isAutomatic = parameters["automatic"]?.bool {
                    try await network.setEntry(
                        "automatic", of: "other_config", class: "network", to: isAutomatic ? "true" : "false")
                }
                if let isLocked = parameters["defaultIsLocked"]?.bool {
                    try await network.call(
                        "network.set_default_locking_mode", isLocked ? "disabled" : "unlocked")
                }
                if let size = parameters["mtu"] { try await network.call("network.set_MTU", size) }
                if let isOn = parameters["nbd"]?.bool, isOn != (record["nbd"]?.bool ?? false) {
                    try await network.call(isOn ? "network.add_purpose" : "network.remove_purpose", "nbd")
                }
            }
        ]
    }
}
