import XAPIPool
import XOJSON
import XOPluginAPI

/// `disk.*` and `vdi.*`
struct DiskMethods {
    private let registry: ServerRegistry
    private let log: Log

    init(_ registry: ServerRegistry, _ log: Log) {
        self.registry = registry
        self.log = log
    }

    var all: [Method] { [create, delete, set] }

    private static let target: KeyValuePairs<String, ObjectParameter> = [
        "id": ObjectParameter(types: ["VDI", "VDI-snapshot"], right: .administrate)
    ]

    private var create: Method {
        Method(
            "disk.create", "Makes a disk and, if a VM is named, attaches it; returns its id.", permission: .user,
            parameters: [
                "name": .string, "size": .schema(["type": ["integer", "string"]]), "sr": .string,
                "vm": .string.optional, "bootable": .boolean.optional, "mode": .string.optional,
                "position": .string.optional,
            ],
            objects: [
                "sr": ObjectParameter(types: ["SR"], right: .administrate),
                "vm": ObjectParameter(types: ["VM"], right: .administrate),
            ]
        ) { [registry, log] (parameters: JSON, call) in
            let (storage, _) = try await registry.writable("disk.create", call, "sr")
            let machine = try call.object("vm").map { try storage.sibling($0) }
            let size = try ByteSize.bytes(parameters["size"], "size")
            let disk = try await storage.make(
                "VDI",
                [
                    "name_label": parameters["name"] ?? "", "name_description": "", "SR": .string(storage.ref),
                    "virtual_size": .integer(size), "type": "user", "sharable": false, "read_only": false,
                    "other_config": [:],
                ])
            guard let machine else { return JSON.string(disk.id) }
            let drive = DriveRequest(parameters)
            do {
                try await machine.attach(disk, drive)
            } catch {
                // The disk is there, and can be attached later.
                log.warning(
                    "A new disk could not be attached.",
                    ["disk": .string(disk.id), "vm": .string(machine.id), "reason": .string("\(error)")])
            }
            return JSON.string(disk.id)
        }
    }

    private struct Target: Decodable {
        var id: String
    }

    private var delete: Method {
        Method("vdi.delete", "Destroys a disk and what is on it.", permission: .user, objects: Self.target) {
            [registry] (parameters: Target, call) in
            let (disk, record) = try await registry.writable("vdi.delete", call)
            // Refused while a VM uses it. On one without power it is in nobody's use.
            try await disk.run("VDI.destroy")
            for drive in record["$VBDs"]?.array?.compactMap(\.string) ?? [] {
                // Some versions have collected these already.
                try? await disk.relative("VBD", drive)?.run("VBD.destroy")
            }
        }
    }

    private var set: Method {
        Method(
            "vdi.set", "Changes a disk; its size can only grow.", permission: .user,
            parameters: [
                "id": .string, "name_label": .string.optional, "name_description": .string.allowingEmpty.optional,
                "size": .schema(["type": ["integer", "string"], "optional": true]), "cbt": .boolean.optional,
            ],
            objects: Self.target
        ) { [registry] (parameters: JSON, call) in
            let (disk, record) = try await registry.writable("vdi.set", call)
            if let wanted = parameters["size"] {
                let (size, present) = (try ByteSize.bytes(wanted, "size"), record["size"]?.integer ?? 0)
                guard size >= present else {
                    throw MethodError.invalidParameters(
                        "cannot set new size (\(size)) below the current size (\(present))")
                }
                if size > present { try await disk.run("VDI.resize", .integer(size)) }
            }
            for field in ["name_label", "name_description"] {
                if let value = parameters[field] { try await disk.call("VDI.set_\(field)", value) }
            }
            if let tracks = parameters["cbt"]?.bool {
                try await disk.run(tracks ? "VDI.enable_cbt" : "VDI.disable_cbt")
            }
        }
    }
}
