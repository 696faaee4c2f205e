import FoundationEssentials
import XAPIPool
import XOJSON
import XOPluginAPI

/// Making VMs out of others, going back, and deleting them.
struct CopyMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [clone, copy, copyToTemplate, snapshot, revert, toTemplate, convert, delete] }

    private static let anyMachine = ["VM", "VM-snapshot", "VM-template"]

    private var clone: Method {
        Method(
            "vm.clone", "Makes a VM like this one, fast or with full copies of its disks; returns its id.",
            permission: .user, parameters: ["id": .string, "name": .string, "full_copy": .boolean],
            objects: ["id": ObjectParameter(types: Self.anyMachine, right: .administrate)]
        ) { [registry] (parameters: JSON, call) in
            try call.requireAdministrator()
            let (machine, _) = try await registry.writable("vm.clone", call)
            let name = parameters["name"] ?? ""
            let made =
                parameters["full_copy"]?.bool == true
                ? try await machine.derive("VM", "VM.copy", name, .string(nullReference))
                : try await machine.derive("VM", "VM.clone", name)
            return JSON.string(made.id)
        }
    }

    private var copy: Method {
        Method(
            "vm.copy", "Makes a VM like this one on another storage of its pool; returns its id.", permission: .user,
            parameters: [
                "vm": .string, "sr": .string, "name": .string.optional,
                "compress": .schema(["type": ["boolean", "string"], "optional": true]),
            ],
            objects: [
                "vm": ObjectParameter(types: Self.anyMachine, right: .administrate),
                "sr": ObjectParameter(types: ["SR"], right: .operate),
            ]
        ) { [registry] (parameters: JSON, call) in
            let (machine, record) = try await registry.writable("vm.copy", call, "vm")
            guard let storage = call.object("sr") else { throw MethodError.noSuchObject(id: "", type: "SR") }
            let target = try machine.sibling(storage)
            let name = parameters["name"] ?? record["name_label"] ?? ""
            guard record["power_state"] == "Running" || record["power_state"] == "Paused" else {
                return JSON.string(try await machine.derive("VM", "VM.copy", name, .string(target.ref)).id)
            }
            // Of one that runs a snapshot is copied, which then has served.
            let snapshot = try await machine.derive("VM", "VM.snapshot", name)
            return try await snapshot.usedOnce {
                let made = try await snapshot.derive("VM", "VM.copy", name, .string(target.ref))
                try await made.call("VM.set_is_a_template", false)
                return JSON.string(made.id)
            }
        }
    }

    private var copyToTemplate: Method {
        Method(
            "vm.copyToTemplate", "Makes a template of a snapshot, with full copies of its disks.", permission: .user,
            parameters: ["id": .string],
            objects: ["id": ObjectParameter(types: ["VM-snapshot"], right: .administrate)]
        ) { [registry] (_: JSON, call) in
            try call.requireAdministrator()
            let (snapshot, record) = try await registry.writable("vm.copyToTemplate", call)
            let made = try await snapshot.derive(
                "VM", "VM.copy", record["name_label"] ?? "", .string(nullReference))
            // What is made of a snapshot may be one already, and then refuses to become one.
            if try await made.ask("VM.get_is_a_template", .string(made.ref)) != true {
                try await made.call("VM.set_is_a_template", true)
            }
        }
    }

    private var snapshot: Method {
        Method(
            "vm.snapshot", "Keeps the state of a VM to go back to; returns the snapshot's id.", permission: .user,
            parameters: [
                "id": .string, "name": .string.optional, "description": .string.allowingEmpty.optional,
                "saveMemory": .boolean.optional.described("Also what is in its memory."),
            ],
            objects: ["id": ObjectParameter(types: ["VM"], right: .operate)]
        ) { [registry] (parameters: JSON, call) in
            let (machine, record) = try await registry.writable("vm.snapshot", call)
            let now = Date.now.formatted(.iso8601)
            let name = parameters["name"] ?? .string("\(record["name_label"]?.string ?? "")_\(now)")
            let savesMemory = parameters["saveMemory"]?.bool ?? false
            let made = try await machine.derive("VM", savesMemory ? "VM.checkpoint" : "VM.snapshot", name)
            if let description = parameters["description"] {
                try await made.call("VM.set_name_description", description)
            }
            return JSON.string(made.id)
        }
    }

    private var revert: Method {
        Method(
            "vm.revert", "Takes a VM back to a snapshot.", permission: .user, parameters: ["snapshot": .string],
            objects: ["snapshot": ObjectParameter(types: ["VM-snapshot"], right: .operate)]
        ) { [registry] (_: JSON, call) in
            let (snapshot, record) = try await registry.writable("vm.revert", call, "snapshot")
            try await snapshot.run("VM.revert")
            guard let id = record["$snapshot_of"]?.string, let machine = await snapshot.relative("VM", id) else {
                return
            }
            // It goes on as it was when the snapshot was made.
            let info = try await snapshot.ask("VM.get_snapshot_info", .string(snapshot.ref))
            guard info["power-state-at-snapshot"] == "Running" else { return }
            if try await machine.ask("VM.get_power_state", .string(machine.ref)) == "Suspended" {
                try await machine.run("VM.resume", false, false)
            } else {
                try await machine.run("VM.start", false, false)
            }
        }
    }

    private var toTemplate: Method { template("vm.convertToTemplate", "Makes a VM a template, for good.") }
    private var convert: Method { template("vm.convert", "The old name of vm.convertToTemplate.") }

    private func template(_ name: String, _ summary: String) -> Method {
        Method(
            name, summary, permission: .user, parameters: ["id": .string],
            objects: ["id": ObjectParameter(types: ["VM", "VM-snapshot"], right: .administrate)]
        ) { [registry] (_: JSON, call) in
            try call.requireAdministrator()
            let (machine, record) = try await registry.writable(name, call)
            try await machine.ejectDisc(of: record)
            try await machine.call("VM.set_is_a_template", true)
        }
    }

    private var delete: Method {
        Method(
            "vm.delete", "Deletes a VM with its snapshots and, unless told otherwise, its disks.", permission: .user,
            parameters: [
                "id": .string, "deleteDisks": .boolean.default(true),
                "force": .boolean.optional.described("Also a default template, or if it is blocked."),
                "forceDeleteDefaultTemplate": .boolean.optional, "forceBlockedOperation": .boolean.optional,
            ],
            objects: ["id": ObjectParameter(types: Self.anyMachine, right: .administrate)]
        ) { [registry] (parameters: JSON, call) in
            let (machine, record) = try await registry.writable("vm.delete", call)
            let force = parameters["force"]?.bool ?? false
            if record["isDefaultTemplate"]?.bool == true {
                guard parameters["forceDeleteDefaultTemplate"]?.bool ?? force else {
                    throw MethodError.incorrectState(
                        actual: true, expected: .bool(false), object: machine.id, property: "isDefaultTemplate")
                }
                try await machine.call("VM.remove_from_other_config", "default_template")
            }
            let reason = record["blockedOperations"]?["destroy"]
            if let reason, !reason.isNull {
                guard parameters["forceBlockedOperation"]?.bool ?? force else {
                    throw MethodError.forbiddenOperation(operation: "destroy", reason: reason.string ?? "blocked")
                }
            }
            try await machine.lifting(["destroy", "hard_shutdown"], of: record, if: true) {
                try await machine.remove(withDisks: parameters["deleteDisks"]?.bool ?? true)
            }
        }
    }
}

extension Pool {
    /// Removes this VM, its snapshots first.
    func remove(withDisks: Bool) async throws {
        for snapshot in try await ask("VM.get_snapshots", .string(ref)).array?.compactMap(\.string) ?? [] {
            try await object(snapshot, id: "").remove(withDisks: withDisks)
        }
        let state = try await ask("VM.get_power_state", .string(ref)).string
        if state != "Halted" { try await run("VM.hard_shutdown") }
        let disks = withDisks ? try await ownDisks() : []
        try await run("VM.destroy")
        for disk in disks { try await object(disk, id: "").run("VDI.destroy") }
    }

    /// Disks, not discs, that hang on no other VM.
    private func ownDisks() async throws -> [String] {
        var disks: [String] = []
        for drive in try await ask("VM.get_VBDs", .string(ref)).array?.compactMap(\.string) ?? [] {
            let record = try await ask("VBD.get_record", .string(drive))
            guard record["type"] == "Disk", let disk = record["VDI"]?.string, disk != nullReference else { continue }
            let users = try await ask("VDI.get_VBDs", .string(disk)).array ?? []
            var isShared = false
            for user in users.compactMap(\.string) where user != drive {
                if try await ask("VBD.get_VM", .string(user)).string != ref { isShared = true }
            }
            if !isShared, !disks.contains(disk) { disks.append(disk) }
        }
        return disks
    }

    /// Does something with this VM and then deletes it, however that went.
    func usedOnce<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        // A client that has gone leaves no rubbish behind.
        await Task { try? await remove(withDisks: true) }.value
        return try outcome.get()
    }
}
