import XOJSON

/// What changes in the records when a VM gets or loses its domain on a host.
extension Toolstack {
    /// Makes a VM run (or wait, if `paused`) on a host.
    func makeDomain(of vm: Row, on host: Row, paused: Bool) throws(XAPIFailure) {
        lastDomain += 1
        let state = paused ? PowerState.paused : .running
        database.set(vm, "domid", .integer(lastDomain))
        database.set(vm, "resident_on", .string(host.reference))
        database.set(vm, "memory_target", vm["memory_dynamic_max"])
        database.set(
            vm, "last_boot_CPU_flags",
            ["vendor": host.map("cpu_info")["vendor"] ?? "", "features": host.map("cpu_info")["features_hvm"] ?? ""])
        database.set(vm, "power_state", .string(state.rawValue))
        changeFreeMemory(of: host, by: -memoryNeeded(by: vm))
        if let metrics = database.find("VM_metrics", "metrics", of: vm) {
            database.set(metrics, "memory_actual", vm["memory_dynamic_max"])
            database.set(metrics, "VCPUs_number", vm["VCPUs_at_startup"])
            database.set(metrics, "hvm", .bool(vm.text("domain_type") == "hvm"))
            database.set(metrics, "current_domain_type", vm["domain_type"])
            database.set(metrics, "last_updated", .string(Timestamp.now))
        }
        setGuestMetricsLive(vm, true)
        try makeConsole(of: vm)
        attachDevices(of: vm)
    }

    /// Takes the domain from a VM, which is then halted or suspended.
    func destroyDomain(of vm: Row, state: PowerState) {
        if let host = database.find("host", "resident_on", of: vm) {
            changeFreeMemory(of: host, by: memoryNeeded(by: vm))
        }
        for console in database.rows("console", "consoles", of: vm) { database.destroy(console) }
        database.set(vm, "domid", -1)
        database.set(vm, "resident_on", .string(Reference.null))
        database.set(vm, "scheduled_to_be_resident_on", .string(Reference.null))
        database.set(vm, "ha_always_run", false)
        database.set(vm, "requires_reboot", false)
        database.set(vm, "power_state", .string(state.rawValue))
        if let metrics = database.find("VM_metrics", "metrics", of: vm) {
            database.set(metrics, "memory_actual", 0)
            database.set(metrics, "VCPUs_number", 0)
            if state == .halted { database.set(metrics, "current_domain_type", "unspecified") }
        }
        setGuestMetricsLive(vm, false)
        if state == .halted { detachDevices(of: vm) } else { updateDevices(of: vm) }
    }

    /// Halts a VM whatever it does, and throws away what it was suspended to.
    func halt(_ vm: Row) {
        let image = database.find("VDI", "suspend_VDI", of: vm)
        destroyDomain(of: vm, state: .halted)
        database.set(vm, "suspend_VDI", .string(Reference.null))
        if let image { destroyDisk(image) }
    }

    /// Moves a running VM.
    func move(_ vm: Row, from source: Row, to target: Row) throws(XAPIFailure) {
        lastDomain += 1
        changeFreeMemory(of: source, by: memoryNeeded(by: vm))
        changeFreeMemory(of: target, by: -memoryNeeded(by: vm))
        database.set(vm, "domid", .integer(lastDomain))
        database.set(vm, "resident_on", .string(target.reference))
        for console in database.rows("console", "consoles", of: vm) { database.destroy(console) }
        try makeConsole(of: vm)
    }

    /// What a boot changes, as opposed to waking from suspension.
    func resetForBoot(_ vm: Row) {
        if let old = database.find("VM_guest_metrics", "guest_metrics", of: vm) {
            database.destroy(old)
            database.set(vm, "guest_metrics", .string(Reference.null))
        }
        if let metrics = database.find("VM_metrics", "metrics", of: vm) {
            database.set(metrics, "start_time", .string(Timestamp.now))
        }
        if vm.text("domain_type") == "hvm" {
            database.set(vm, "platform", .object(Toolstack.startedPlatform(vm)))
        }
        if vm.map("bios_strings").isEmpty { database.set(vm, "bios_strings", Toolstack.guestFirmwareStrings) }
        awaitGuest(of: vm)
    }

    static func startedPlatform(_ vm: Row) -> JSONObject {
        let isUEFI = vm.map("HVM_boot_params")["firmware"] == "uefi"
        var platform = vm.map("platform")
        platform["device-model"] = isUEFI ? "qemu-upstream-uefi" : "qemu-upstream-compat"
        if platform["timeoffset"] == nil { platform["timeoffset"] = "0" }
        if platform["secureboot"] == "auto" { platform["secureboot"] = "false" }
        return platform
    }

    static let guestFirmwareStrings: JSON = [
        "bios-vendor": "Xen", "bios-version": "", "system-manufacturer": "Xen", "system-product-name": "HVM domU",
        "system-version": "", "system-serial-number": "", "baseboard-manufacturer": "", "baseboard-product-name": "",
        "baseboard-version": "", "baseboard-serial-number": "", "baseboard-asset-tag": "",
        "baseboard-location-in-chassis": "", "enclosure-asset-tag": "", "hp-rombios": "", "oem-1": "Xen",
        "oem-2": "MS_VM_CERT/SHA1/bdbeb6e0a816d43fa6d3fe8aaef04c2bad9d3e3d",
    ]

    private func makeConsole(of vm: Row) throws(XAPIFailure) {
        let console = try create("console", ["protocol": "rfb", "VM": .string(vm.reference)])
        if let host = database.find("host", "resident_on", of: vm) {
            database.set(console, "location", .string("\(url(of: host))/console?uuid=\(console.uuid)"))
        }
    }

    private func setGuestMetricsLive(_ vm: Row, _ isLive: Bool) {
        if let metrics = database.find("VM_guest_metrics", "guest_metrics", of: vm) {
            database.set(metrics, "live", .bool(isLive))
        }
    }
}
