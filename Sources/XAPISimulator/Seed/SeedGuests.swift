import XOJSON

extension Seed {
    private static let guestOverhead: Int64 = 28 << 20
    /// What guests are called, and which template they were made from. The third has no agent.
    private static let roles: [(name: String, template: String)] = [
        ("web", "debian-12"), ("db", "ubuntu-24.04"), ("appliance", "generic-linux-bios"), ("mail", "rocky-9"),
        ("win", "windows-server-2022-64bit"), ("build", "debian-13"), ("cache", "almalinux-9"),
    ]
    private static let states: [PowerState] = [
        .running, .halted, .running, .suspended, .running, .running, .paused, .halted, .running, .halted,
    ]
    private static let templates = Dictionary(
        Template.all.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })

    mutating func addTemplates() throws(XAPIFailure) {
        guard let model = database.model["VM"] else { throw .internalError("no class VM") }
        for template in Template.all {
            let metrics = try toolstack.create("VM_metrics", ["current_domain_type": "unspecified"])
            let memory = JSON.integer(2 * template.minimumMemory)
            var otherConfig = template.otherConfig
            if let disks = template.disks { otherConfig["disks"] = .string(disks) }
            otherConfig["mac_seed"] = .string(makeUUID(using: &toolstack.random))
            otherConfig["default_template"] = "true"
            let vm = database.create(
                model, reference: Reference.make(using: &toolstack.random), uuid: template.uuid,
                [
                    "name_label": .string(template.name),
                    "name_description": .string("Default template for \(template.name)"), "user_version": 1,
                    "is_a_template": true, "is_default_template": true,
                    "memory_overhead": .integer(Seed.guestOverhead), "memory_static_max": memory,
                    "memory_dynamic_max": memory, "memory_dynamic_min": memory,
                    "memory_static_min": .integer(template.minimumMemory),
                    "VCPUs_max": .integer(template.processors), "VCPUs_at_startup": .integer(template.processors),
                    "actions_after_shutdown": "destroy", "actions_after_reboot": "restart",
                    "actions_after_crash": "restart", "HVM_boot_policy": "BIOS order",
                    "HVM_boot_params": template.bootParameters, "platform": .object(template.platform),
                    "other_config": .object(otherConfig), "domid": -1, "metrics": .string(metrics.reference),
                    "affinity": .string(Reference.null), "recommendations": .string(template.recommendations),
                    "reference_label": .string(template.label), "domain_type": "hvm",
                ])
            setAllowedOperations(of: vm, kind: "template")
        }
    }

    mutating func addGuest(_ index: Int) throws(XAPIFailure) {
        let role = Seed.roles[index % Seed.roles.count]
        guard let template = Seed.templates[role.template] else {
            throw .internalError("no template \(role.template)")
        }
        let state = Seed.states[index % Seed.states.count]
        let host = hosts[index % hosts.count]
        let vm = try addMachine(index, role.name, template, state, host)
        try addDrives(of: vm, index, template, state)
        try addInterface(of: vm, state)
        if state != .halted { toolstack.makeGuestMetrics(of: vm) }
        if state.isLive {
            usedMemory[host.reference, default: 0] += toolstack.memoryNeeded(by: vm)
            let console = try toolstack.create("console", ["protocol": "rfb", "VM": .string(vm.reference)])
            database.set(console, "location", .string("\(toolstack.url(of: host))/console?uuid=\(console.uuid)"))
        } else if state == .suspended, let storage = sharedStorage {
            let image = try toolstack.makeDisk(
                "Suspend image", on: storage.reference, size: toolstack.memoryNeeded(by: vm), type: "suspend")
            database.set(vm, "suspend_VDI", .string(image.reference))
        }
        toolstack.updateDevices(of: vm)
        let hasAgent = GuestSystem.installed(fromTemplate: template.label) != nil
        setAllowedOperations(of: vm, kind: "\(state) \(hasAgent)")
        if state == .running {
            // Only the youngest messages are of interest to anyone.
            if index < 50 {
                try toolstack.announce("VM_STARTED", vm, "started on host: \(host.name) (uuid: \(host.uuid))")
            }
            if index % Seed.states.count == 0 {
                _ = try toolstack.copy(vm, named: "\(vm.name)_before-upgrade", .snapshot)
            }
        }
    }

    private func addMachine(
        _ index: Int, _ role: String, _ template: Template, _ state: PowerState, _ host: Row
    ) throws(XAPIFailure) -> Row {
        let number = index / Seed.roles.count + 1
        let memory = JSON.integer(2 * template.minimumMemory)
        let processors = JSON.integer(template.processors * Int64(1 + index % 2))
        let isLive = state.isLive
        let wasStarted = state != .halted
        let day = 86_400
        let metrics = try toolstack.create(
            "VM_metrics",
            [
                "memory_actual": isLive ? memory : 0, "VCPUs_number": isLive ? processors : 0,
                "start_time": .string(wasStarted ? Timestamp.text(Timestamp.currentSeconds - day) : Timestamp.never),
                "install_time": .string(Timestamp.text(Timestamp.currentSeconds - 30 * day)),
                "last_updated": .string(isLive ? Timestamp.now : Timestamp.never), "hvm": .bool(isLive),
                "current_domain_type": wasStarted ? "hvm" : "unspecified",
            ])
        var otherConfig = template.otherConfig
        otherConfig["mac_seed"] = .string(makeUUID(using: &toolstack.random))
        otherConfig["base_template_name"] = .string(template.name)
        if isLive { toolstack.lastDomain += 1 }
        let firmware = toolstack.random.next()
        let vm = try toolstack.create(
            "VM",
            [
                "name_label": .string("\(role)-\(number < 10 ? "0" : "")\(number)"),
                "power_state": .string(state.rawValue), "user_version": 1,
                "resident_on": .string(isLive ? host.reference : Reference.null),
                "affinity": .string(Reference.null), "memory_overhead": .integer(Seed.guestOverhead),
                "memory_target": isLive ? memory : 0, "memory_static_max": memory, "memory_dynamic_max": memory,
                "memory_dynamic_min": memory, "memory_static_min": .integer(template.minimumMemory),
                "VCPUs_max": processors, "VCPUs_at_startup": processors, "actions_after_shutdown": "destroy",
                "actions_after_reboot": "restart", "actions_after_crash": "restart",
                "HVM_boot_policy": "BIOS order", "HVM_boot_params": template.bootParameters,
                "platform": .object(template.platform), "other_config": .object(otherConfig),
                "domid": isLive ? .integer(toolstack.lastDomain) : -1,
                "last_boot_CPU_flags": wasStarted
                    ? ["vendor": "GenuineIntel", "features": .string(Seed.processorFeatures)] : [:],
                "metrics": .string(metrics.reference), "recommendations": .string(template.recommendations),
                "bios_strings": wasStarted ? Toolstack.guestFirmwareStrings : [:],
                "generation_id": .string("\(firmware >> 33):\(firmware & 0xFFFF_FFFF)"),
                "reference_label": .string(template.label), "domain_type": "hvm",
                "tags": index % 3 == 0 ? ["prod"] : [],
            ])
        if wasStarted { database.set(vm, "platform", .object(Toolstack.startedPlatform(vm))) }
        return vm
    }

    private func addDrives(of vm: Row, _ index: Int, _ template: Template, _ state: PowerState) throws(XAPIFailure) {
        // Some halted guests live on the storage of a single host.
        let local = localStorages[index % localStorages.count]
        let storage = state == .halted && index % 4 == 1 ? local : sharedStorage ?? local
        let disk = try toolstack.makeDisk(
            "\(vm.name)_root", description: "System disk", on: storage.reference, size: max(template.diskSize, 8 << 30))
        let disc = index % 5 == 0 ? installationDisc : nil
        try addDrive(of: vm, "0", holding: disk, isCD: false, state)
        try addDrive(of: vm, "3", holding: disc, isCD: true, state)
    }

    private func addDrive(
        of vm: Row, _ device: String, holding vdi: Row?, isCD: Bool, _ state: PowerState
    ) throws(XAPIFailure) {
        let isAttached = state != .halted
        let vbd = try toolstack.create(
            "VBD",
            [
                "VM": .string(vm.reference), "VDI": .string(vdi?.reference ?? Reference.null),
                "device": .string(isAttached ? Toolstack.deviceName(device) : ""), "userdevice": .string(device),
                "bootable": .bool(!isCD), "mode": isCD ? "RO" : "RW", "type": isCD ? "CD" : "Disk",
                "unpluggable": true, "empty": .bool(vdi == nil), "currently_attached": .bool(isAttached),
                "other_config": isCD ? [:] : ["owner": ""],
            ])
        try toolstack.addMetrics("VBD_metrics", to: vbd)
    }

    private func addInterface(of vm: Row, _ state: PowerState) throws(XAPIFailure) {
        let vif = try toolstack.create(
            "VIF",
            [
                "device": "0", "network": .string(networks[0].reference), "VM": .string(vm.reference),
                "MAC": .string(toolstack.makeMAC()), "MAC_autogenerated": true, "MTU": 1500,
                "currently_attached": .bool(state != .halted),
            ])
        try toolstack.addMetrics("VIF_metrics", to: vif)
    }

    private mutating func setAllowedOperations(of vm: Row, kind: String) {
        if let known = knownOperations[kind] {
            database.set(vm, "allowed_operations", known)
        } else {
            toolstack.updateAllowedOperations(of: vm)
            knownOperations[kind] = vm["allowed_operations"]
        }
    }
}
