import XOJSON
import XOPluginAPI

/// `sr.*`
struct StorageMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [set, scan] }

    private static let target: KeyValuePairs<String, ObjectParameter> = [
        "id": ObjectParameter(types: ["SR"], right: .operate)
    ]

    private var set: Method {
        Method(
            "sr.set", "Changes name and description of a storage.", permission: .user,
            parameters: [
                "id": .string, "name_label": .string.optional, "name_description": .string.allowingEmpty.optional,
            ],
            objects: Self.target
        ) { [registry] (parameters: JSON, call) in
            try await registry.writable("sr.set", call).pool.rename("SR", parameters)
        }
    }

    private var scan: Method {
        Method(
            "sr.scan", "Looks for disks that have come or gone in a storage behind XenServer's back.",
            permission: .user, parameters: ["id": .string], objects: Self.target
        ) { [registry] (_: JSON, call) in
            try await registry.writable("sr.scan", call).pool.run("SR.scan")
        }
    }
}
