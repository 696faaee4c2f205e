import XOJSON

/// Making, copying and destroying VMs.
extension Toolstack {
    static let virtualMachineCalls: [String: Handler] = [
        "VM.create": { try $0.createVM($1) },
        "VM.destroy": { try $0.destroyVM($1) },
        "VM.provision": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            return try toolstack.operate("provision", on: vm, call) {
                toolstack.database.set(vm, "is_a_template", false)
                toolstack.updateDevices(of: vm)
                return .void
            }
        },
        "VM.clone": { try $0.copyVM($1, "clone", .clone, storage: nil) },
        "VM.copy": { toolstack, call in
            let storage = call.text(2) == Reference.null ? nil : try toolstack.database.row("SR", call.text(2))
            return try toolstack.copyVM(call, "copy", .clone, storage: storage)
        },
        "VM.snapshot": { try $0.copyVM($1, "snapshot", .snapshot, storage: nil) },
        "VM.set_is_a_template": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if call.flag(1), let obstacle = toolstack.obstacle(to: "make_into_template", on: vm) { throw obstacle }
            toolstack.database.set(vm, "is_a_template", call.arguments[1])
            toolstack.updateAllowedOperations(of: vm)
            return .void
        },
        "VM.set_blocked_operations": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            toolstack.database.set(vm, "blocked_operations", call.arguments[1])
            toolstack.updateAllowedOperations(of: vm)
            return .void
        },
        "VM.add_to_blocked_operations": { try $0.changeBlockedOperations($1) },
        "VM.remove_from_blocked_operations": { try $0.changeBlockedOperations($1) },
        "VM.assert_operation_valid": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if let obstacle = toolstack.obstacle(to: call.text(1), on: vm) { throw obstacle }
            return .void
        },
        "VM.update_allowed_operations": { toolstack, call in
            toolstack.updateAllowedOperations(of: try toolstack.database.row("VM", call.text(0)))
            return .void
        },
        "VM.get_allowed_VBD_devices": { try $0.freeDevices($1, "VBD", "userdevice", limit: 255) },
        "VM.get_allowed_VIF_devices": { try $0.freeDevices($1, "VIF", "device", limit: 16) },
    ]

    private func changeBlockedOperations(_ call: Call) throws -> Outcome {
        let outcome = try derivedCall(call)
        updateAllowedOperations(of: try database.row("VM", call.text(0)))
        return outcome
    }

    private func freeDevices(_ call: Call, _ className: String, _ field: String, limit: Int) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        let taken = Set(database.rows(className, className + "s", of: vm).map { $0.text(field) })
        return .value(JSON((0..<limit).map(String.init).filter { !taken.contains($0) }), .set(.string))
    }

    private func createVM(_ call: Call) throws -> Outcome {
        let vm = try createPlain(call)
        database.set(vm, "power_state", .string(PowerState.halted.rawValue))
        database.set(vm, "domid", -1)
        if vm.map("other_config")["mac_seed"] == nil {
            database.set(vm, "other_config", key: "mac_seed", .string(makeUUID(using: &random)))
        }
        if vm.text("domain_type") == "unspecified" {
            database.set(vm, "domain_type", vm.text("HVM_boot_policy").isEmpty ? "pv" : "hvm")
        }
        let metrics = try create("VM_metrics", ["current_domain_type": "unspecified"])
        database.set(vm, "metrics", .string(metrics.reference))
        updateAllowedOperations(of: vm)
        return .reference(vm)
    }

    private func destroyVM(_ call: Call) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        if vm.map("other_config")["default_template"] == "true" {
            throw XAPIFailure("VM_CANNOT_DELETE_DEFAULT_TEMPLATE")
        }
        if let obstacle = obstacle(to: "destroy", on: vm) { throw obstacle }
        for vbd in database.rows("VBD", "VBDs", of: vm) { destroyDevice(vbd, metrics: "VBD_metrics") }
        for vif in database.rows("VIF", "VIFs", of: vm) { destroyDevice(vif, metrics: "VIF_metrics") }
        for className in ["VM_metrics", "VM_guest_metrics"] {
            let field = className == "VM_metrics" ? "metrics" : "guest_metrics"
            if let row = database.find(className, field, of: vm) { database.destroy(row) }
        }
        for child in database.rows("VM", "children", of: vm) { database.set(child, "parent", vm["parent"]) }
        database.destroy(vm)
        return .void
    }

    // MARK: Copying

    enum CopyKind { case clone, snapshot }

    private func copyVM(_ call: Call, _ operation: String, _ kind: CopyKind, storage: Row?) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        return try operate(operation, on: vm, call) { [self] in
            let copy = try copy(vm, named: call.text(1), kind, storage: storage)
            if kind == .snapshot {
                try announce("VM_SNAPSHOTTED", vm, "snapshotted, snapshot name: \(copy.name)")
            } else {
                try announce("VM_CLONED", vm, "cloned (new uuid: \(copy.uuid))")
            }
            return .value(.string(copy.reference), .reference("VM"))
        }
    }

    /// Copies a VM with its disks, drives and network interfaces.
    func copy(_ vm: Row, named name: String, _ kind: CopyKind, storage: Row? = nil) throws(XAPIFailure) -> Row {
        let copy = try makeCopy(of: vm, named: name, kind)
        for vbd in database.rows("VBD", "VBDs", of: vm) { try copyDrive(vbd, to: copy, kind, storage) }
        for vif in database.rows("VIF", "VIFs", of: vm) {
            let new = try copyInterface(vif, to: copy)
            if kind == .clone { database.set(new, "MAC", .string(makeMAC())) }
        }
        updateDevices(of: copy)
        updateAllowedOperations(of: copy)
        return copy
    }

    private func makeCopy(of vm: Row, named name: String, _ kind: CopyKind) throws(XAPIFailure) -> Row {
        var otherConfig = vm.map("other_config")
        otherConfig["default_template"] = nil
        otherConfig["xensource_internal"] = nil
        if kind == .clone {
            otherConfig["mac_seed"] = .string(makeUUID(using: &random))
            if vm.flag("is_a_template") { otherConfig["base_template_name"] = vm["name_label"] }
        }
        let null = JSON.string(Reference.null)
        let copy = try duplicate(
            vm,
            [
                "name_label": .string(name), "power_state": .string(PowerState.halted.rawValue),
                "is_default_template": false, "other_config": .object(otherConfig), "resident_on": null,
                "scheduled_to_be_resident_on": null, "domid": -1, "ha_always_run": false, "appliance": null,
                "order": 0, "start_delay": 0, "shutdown_delay": 0, "snapshot_schedule": null, "suspend_VDI": null,
                "current_operations": [:], "blocked_operations": [:], "parent": null, "snapshot_of": null,
                "is_a_snapshot": .bool(kind == .snapshot),
                "is_a_template": .bool(kind == .snapshot || vm.flag("is_a_template")),
            ])
        for (className, field) in [("VM_metrics", "metrics"), ("VM_guest_metrics", "guest_metrics")] {
            if let metrics = database.find(className, field, of: vm) {
                database.set(copy, field, .string(try duplicate(metrics, [:]).reference))
            }
        }
        if kind == .snapshot {
            database.set(copy, "parent", vm["parent"])
            database.set(copy, "snapshot_of", .string(vm.reference))
            database.set(copy, "snapshot_time", .string(Timestamp.now))
            database.set(
                copy, "snapshot_info",
                ["power-state-at-snapshot": vm["power_state"], "disk-snapshot-type": "crash_consistent"])
            database.set(vm, "parent", .string(copy.reference))
        } else if !vm.text("generation_id").isEmpty {
            database.set(copy, "generation_id", .string("\(random.next() >> 1):\(random.next() >> 1)"))
        }
        return copy
    }

    @discardableResult
    func copyInterface(_ vif: Row, to vm: Row) throws(XAPIFailure) -> Row {
        let new = try duplicate(vif, ["VM": .string(vm.reference), "currently_attached": false])
        try addMetrics("VIF_metrics", to: new)
        return new
    }

    func copyDrive(_ vbd: Row, to copy: Row, _ kind: CopyKind, _ storage: Row?) throws(XAPIFailure) {
        var vdi = vbd["VDI"]
        if vbd.text("type") != "CD", let source = database.find("VDI", "VDI", of: vbd) {
            let target = storage?.reference ?? source.text("SR")
            let disk = try makeDisk(
                source.name, description: source.text("name_description"), on: target,
                size: source.integer("virtual_size"))
            for field in ["other_config", "xenstore_data", "tags", "on_boot", "allow_caching"] {
                database.set(disk, field, source[field])
            }
            if kind == .snapshot {
                database.set(disk, "is_a_snapshot", true)
                database.set(disk, "snapshot_of", .string(source.reference))
                database.set(disk, "snapshot_time", .string(Timestamp.now))
            }
            vdi = .string(disk.reference)
        }
        let isAttached = kind == .snapshot && vbd.flag("currently_attached")
        let drive = try duplicate(
            vbd, ["VM": .string(copy.reference), "VDI": vdi, "currently_attached": .bool(isAttached)])
        if vbd.text("type") != "CD" { database.set(drive, "other_config", key: "owner", "") }
        try addMetrics("VBD_metrics", to: drive)
    }

    /// A new object with the values of another, except for those given and for sets that belong to other ends.
    private func duplicate(_ row: Row, _ changes: KeyValuePairs<String, JSON>) throws(XAPIFailure) -> Row {
        let model = row.model
        var values = row.values
        for (index, field) in model.fields.enumerated() {
            if case .set(.reference) = field.type { values[index] = .array([]) }
        }
        for (name, value) in changes {
            if let index = model.fieldIndex[name] { values[index] = value }
        }
        if let index = model.fieldIndex["uuid"] { values[index] = .string(makeUUID(using: &random)) }
        return database.insert(model, reference: Reference.make(using: &random), values: values)
    }
}
