import XAPIPool
import XOJSON
import XOPluginAPI

/// `vbd.*`, and the drives of `vm.*`
struct DriveMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [connect, disconnect, delete, set, setBootable, attachDisk, insertDisc, ejectDisc] }

    private struct Target: Decodable {
        var id: String
    }

    private static let target: KeyValuePairs<String, ObjectParameter> = [
        "id": ObjectParameter(types: ["VBD"], right: .administrate)
    ]

    private var connect: Method {
        Method("vbd.connect", "Plugs a drive into its running VM.", permission: .user, objects: Self.target) {
            [registry] (parameters: Target, call) in
            try await registry.writable("vbd.connect", call).pool.run("VBD.plug")
        }
    }

    private var disconnect: Method {
        Method(
            "vbd.disconnect", "Unplugs a drive, whether its VM agrees or not.", permission: .user, objects: Self.target
        ) { [registry] (parameters: Target, call) in
            try await registry.writable("vbd.disconnect", call).pool.run("VBD.unplug_force")
        }
    }

    private var delete: Method {
        Method(
            "vbd.delete", "Takes a drive off its VM; the disk in it stays.", permission: .user, objects: Self.target
        ) { [registry] (parameters: Target, call) in
            try await registry.writable("vbd.delete", call).pool.releaseDrive()
        }
    }

    private var set: Method {
        Method(
            "vbd.set", "Changes the place of a drive.", permission: .user,
            parameters: [
                "id": .string, "position": .schema(["type": ["string", "number"], "optional": true]),
            ],
            objects: Self.target
        ) { [registry] (parameters: JSON, call) in
            let (drive, _) = try await registry.writable("vbd.set", call)
            guard let position = parameters["position"] else { return }
            try await drive.call("VBD.set_userdevice", .string(position.string ?? position.description))
        }
    }

    private var setBootable: Method {
        Method(
            "vbd.setBootable", "Says whether a VM may be started from a drive.", permission: .user,
            parameters: ["vbd": .string, "bootable": .boolean],
            objects: ["vbd": ObjectParameter(types: ["VBD"], right: .administrate)]
        ) { [registry] (parameters: JSON, call) in
            let (drive, _) = try await registry.writable("vbd.setBootable", call, "vbd")
            try await drive.call("VBD.set_bootable", parameters["bootable"] ?? false)
        }
    }

    // MARK: Of a VM

    private var attachDisk: Method {
        Method(
            "vm.attachDisk", "Attaches a disk to a VM, at once if that runs.", permission: .user,
            parameters: [
                "vm": .string, "vdi": .string, "bootable": .boolean.optional, "mode": .string.optional,
                "position": .string.optional,
            ],
            objects: [
                "vm": ObjectParameter(types: ["VM"], right: .administrate),
                "vdi": ObjectParameter(types: ["VDI"], right: .administrate),
            ]
        ) { [registry] (parameters: JSON, call) in
            let (machine, _) = try await registry.writable("vm.attachDisk", call, "vm")
            guard let record = call.object("vdi") else { throw MethodError.noSuchObject(id: "", type: "VDI") }
            try await machine.attach(try machine.sibling(record), DriveRequest(parameters))
        }
    }

    private var insertDisc: Method {
        Method(
            "vm.insertCd", "Puts a disc into a VM's drive, which it is given if it has none.", permission: .user,
            parameters: [
                "id": .string, "cd_id": .string,
                "force": .boolean.default(true).described("Take out the disc that is in it."),
            ],
            objects: [
                "id": ObjectParameter(types: ["VM"], right: .operate),
                "cd_id": ObjectParameter(types: ["VDI"], right: .view),
            ]
        ) { [registry] (parameters: JSON, call) in
            let (machine, record) = try await registry.writable("vm.insertCd", call)
            guard let disc = call.object("cd_id") else { throw MethodError.noSuchObject(id: "", type: "VDI") }
            let inserted = try machine.sibling(disc)
            guard let drive = try await machine.discDrive(of: record) else {
                let drive = try await machine.makeDrive([
                    "VDI": .string(inserted.ref), "type": "CD", "mode": "RO", "bootable": true,
                    "userdevice": "autodetect", "empty": false,
                ])
                if record["power_state"] == "Running" {
                    // An emulated drive comes with the next start only.
                    try? await drive.run("VBD.plug")
                }
                return
            }
            if await drive.holdsDisc {
                guard parameters["force"]?.bool ?? true else {
                    throw MethodError.failed("there is a disc in the drive already")
                }
                try await drive.run("VBD.eject")
            }
            try await drive.run("VBD.insert", .string(inserted.ref))
        }
    }

    private var ejectDisc: Method {
        Method(
            "vm.ejectCd", "Takes the disc out of a VM's drive.", permission: .user,
            objects: ["id": ObjectParameter(types: ["VM"], right: .operate)]
        ) { [registry] (parameters: Target, call) in
            let (machine, record) = try await registry.writable("vm.ejectCd", call)
            try await machine.ejectDisc(of: record)
        }
    }
}

extension Pool {
    /// The VM's drive for discs; `nil` if it has none.
    func discDrive(of record: JSON) async throws -> Pool? {
        for id in record["$VBDs"]?.array?.compactMap(\.string) ?? [] {
            if let drive = await relative("VBD", id), await connection.value(of: "type", in: drive.ref) == "CD" {
                return drive
            }
        }
        return nil
    }

    func ejectDisc(of record: JSON) async throws {
        guard let drive = try await discDrive(of: record),
            await drive.holdsDisc
        else { return }
        try await drive.run("VBD.eject")
    }
}
