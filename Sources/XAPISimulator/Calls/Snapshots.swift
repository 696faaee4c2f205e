import XOJSON

/// Going back to a snapshot, and snapshots with memory.
extension Toolstack {
    static let snapshotCalls: [String: Handler] = [
        "VM.revert": { try $0.revert($1) },
        "VM.checkpoint": { try $0.checkpoint($1) },
        "VDI.resize": { toolstack, call in
            let disk = try toolstack.database.row("VDI", call.text(0))
            let size = call.arguments[1].integer ?? 0
            let now = disk.integer("virtual_size")
            if toolstack.isAttached(disk) { throw XAPIFailure("VDI_IN_USE", disk.reference, "resize") }
            guard size >= now else {
                throw XAPIFailure(
                    "SR_BACKEND_FAILURE_79", "", "VDI Invalid size [opterr=shrinking not allowed]", "")
            }
            toolstack.database.set(disk, "virtual_size", .integer(size))
            return .void
        },
        "VDI.resize_online": { toolstack, call in
            let disk = try toolstack.database.row("VDI", call.text(0))
            throw XAPIFailure("SR_OPERATION_NOT_SUPPORTED", disk.text("SR"))
        },
    ]

    /// What a VM has again after it went back.
    private static let restored = [
        "memory_static_max", "memory_dynamic_max", "memory_dynamic_min", "memory_static_min", "VCPUs_max",
        "VCPUs_at_startup", "VCPUs_params", "HVM_boot_policy", "HVM_boot_params", "platform", "PV_args",
    ]

    private func revert(_ call: Call) throws -> Outcome {
        let snapshot = try database.row("VM", call.text(0))
        if let obstacle = obstacle(to: "revert", on: snapshot) { throw obstacle }
        let vm = try database.row("VM", snapshot.text("snapshot_of"))
        return try operate("revert", on: snapshot, call) { [self] in
            if powerState(of: vm) != .halted { halt(vm) }
            for drive in database.rows("VBD", "VBDs", of: vm) {
                let disk = drive.text("type") == "CD" ? nil : database.find("VDI", "VDI", of: drive)
                destroyDevice(drive, metrics: "VBD_metrics")
                if let disk { destroyDisk(disk) }
            }
            for card in database.rows("VIF", "VIFs", of: vm) { destroyDevice(card, metrics: "VIF_metrics") }
            for field in Toolstack.restored { database.set(vm, field, snapshot[field]) }
            for drive in database.rows("VBD", "VBDs", of: snapshot) { try copyDrive(drive, to: vm, .clone, nil) }
            for card in database.rows("VIF", "VIFs", of: snapshot) { try copyInterface(card, to: vm) }
            database.set(vm, "parent", .string(snapshot.reference))
            if database.find("VDI", "suspend_VDI", of: snapshot) != nil {
                let image = try makeSuspendImage(of: vm)
                database.set(vm, "suspend_VDI", .string(image.reference))
                database.set(vm, "power_state", .string(PowerState.suspended.rawValue))
            }
            updateDevices(of: vm)
            updateAllowedOperations(of: vm)
            try announce("VM_SNAPSHOT_REVERTED", vm, "reverted to snapshot: \(snapshot.name)")
            return .void
        }
    }

    private func checkpoint(_ call: Call) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        return try operate("checkpoint", on: vm, call) { [self] in
            let image = powerState(of: vm) == .suspended ? nil : try makeSuspendImage(of: vm)
            let snapshot = try copy(vm, named: call.text(1), .snapshot)
            database.set(snapshot, "power_state", .string(PowerState.suspended.rawValue))
            if let image { database.set(snapshot, "suspend_VDI", .string(image.reference)) }
            updateAllowedOperations(of: snapshot)
            try announce("VM_CHECKPOINTED", vm, "checkpointed, snapshot name: \(snapshot.name)")
            return .value(.string(snapshot.reference), .reference("VM"))
        }
    }
}
