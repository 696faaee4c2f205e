import XOJSON
import XOPluginAPI

/// `tag.*`
struct TagMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] {
        [
            change("tag.add", "Puts a tag on an object; nothing happens if it is there.", "add_tags", tag: .string),
            // An empty tag may have come in by other ways, and must be removable.
            change("tag.remove", "Takes a tag off an object.", "remove_tags", tag: .string.allowingEmpty),
        ]
    }

    private struct Parameters: Decodable {
        var tag: String
        var id: String
    }

    private func change(_ name: String, _ summary: String, _ message: String, tag: ParameterSchema) -> Method {
        Method(
            name, summary, permission: .user, parameters: ["tag": tag, "id": .string],
            objects: ["id": ObjectParameter(right: .administrate)]
        ) { [registry] (parameters: Parameters, call) in
            let (pool, object) = try await registry.writable(name, call)
            let type = object["type"]?.string ?? ""
            guard let className = Self.classes[type] else {
                throw MethodError.invalidParameters("objects of type \(type) have no tags")
            }
            try await pool.call("\(className).\(message)", .string(parameters.tag))
        }
    }

    /// By type of object: the class of XenServer's, where it has tags.
    private static let classes = [
        "pool": "pool", "host": "host", "network": "network", "SR": "SR",
        "VM": "VM", "VM-template": "VM", "VM-snapshot": "VM", "VM-controller": "VM",
        "VDI": "VDI", "VDI-snapshot": "VDI", "VDI-unmanaged": "VDI",
    ]
}
