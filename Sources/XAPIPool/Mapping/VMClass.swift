import XOJSON

extension Classes {
    static let vmMetrics = ObjectClass(
        auxiliary: "VM_metrics", ["memory_actual", "VCPUs_number", "start_time", "install_time"])
    static let vmGuestMetrics = ObjectClass(
        auxiliary: "VM_guest_metrics",
        [
            "os_version", "PV_drivers_version", "PV_drivers_detected", "PV_drivers_up_to_date", "memory", "networks",
            "other",
        ])

    /// Guests, control domains, snapshots and templates are all records of class `VM`.
    static let vm = ObjectClass(
        "VM",
        alsoReads: [
            "is_control_domain", "is_a_snapshot", "snapshot_of", "is_a_template", "is_default_template",
            "power_state", "metrics", "guest_metrics", "domain_type", "HVM_boot_policy",
        ],
        reducing: ["recommendations": VMReading.unsupportedFirmware],
        type: VMReading.type,
        id: { source in
            let uuid = source.record.uuid
            // Default templates have the same uuids in all pools.
            return (source.isDefaultTemplate ? "\(source.cache.pool?.uuid ?? "")-\(uuid)" : uuid, uuid)
        },
        identity + hardware + guest + placement + onlyOnSome)

    private static let identity: [Property] = [
        .value("addresses", reads: []) { source in
            GuestAddresses.normalized(source.guestMetrics?["networks"])
        },
        .link("affinityHost", "affinity"),
        .value("attachedPcis", reads: ["other_config"]) { source in
            source.text("pci", of: "other_config").map { JSON(VMReading.attachedPCIs($0)) }
        },
        .flag("auto_poweron", "auto_poweron", of: "other_config"),
        .copy("bios_strings"),
        .copy("blockedOperations", "blocked_operations"),
        .copy("boot", "HVM_boot_params"),
    ]

    private static let hardware: [Property] = [
        .value("CPUs", reads: ["VCPUs_max", "VCPUs_at_startup"], VMReading.processors),
        .value("creation", reads: ["other_config"], VMReading.creation),
        .value("current_operations", reads: ["current_operations"]) { source in
            var operations: JSONObject = [:]
            for (task, operation) in source["current_operations"]?.members ?? [] {
                if let task = source.cache[task] { operations[task.uuid] = operation.json }
            }
            return .object(operations)
        },
        .value("docker", reads: ["other_config"], VMReading.containers),
        .flag("expNestedHvm", "exp-nested-hvm", of: "platform"),
        .value("isNestedVirtEnabled", reads: ["platform"]) { source in
            let version = PlatformVersion(source.cache.coordinator?.platformVersion)
            let isRecent = version.map { $0 >= PlatformVersion(3, 4, 0) } ?? false
            return .bool(source.flag(isRecent ? "nested-virt" : "exp-nested-hvm", of: "platform"))
        },
        .value("vulnerabilities", reads: ["platform"]) { ["xsa468": WindowsDrivers.vulnerability(of: $0)] }
            .only(on: "VM"),
        .flag("viridian", "viridian", of: "platform"),
        .value("mainIpAddress", reads: []) { GuestAddresses.main($0.guestMetrics?["networks"]).map(JSON.string) },
        .copy("high_availability", "ha_restart_priority"),
        .value("isFirmwareSupported", reads: ["recommendations", "HVM_boot_params"]) { source in
            let firmware = source.text("firmware", of: "HVM_boot_params") ?? ""
            return .bool(!(source["recommendations"]?.strings.contains(firmware) ?? false))
        },
        .value(
            "memory",
            reads: ["memory_dynamic_min", "memory_dynamic_max", "memory_static_min", "memory_static_max"],
            VMReading.memory),
    ]

    private static let guest: [Property] = [
        .value("installTime", reads: []) { $0.metrics.map { Timestamp.seconds($0["install_time"]) } },
        .value("startTime", reads: []) { $0.metrics.map { Timestamp.seconds($0["start_time"]) } },
        .copy("name_description"),
        .copy("name_label"),
        .flag("needsVtpm", "vtpm", of: "platform"),
        .entry("notes", "xo:notes", of: "other_config"),
        .copy("other", "other_config"),
        .value("os_version", reads: []) { $0.guestMetrics?["os_version"]?.json ?? .null },
        .link("parent"),
        .copy("power_state"),
        .copy("hasVendorDevice", "has_vendor_device"),
        .value("resourceSet", reads: ["other_config"]) { source in
            guard let text = source.text("xo:resource_set", of: "other_config") else { return nil }
            return text.isEmpty ? "" : try? JSON(parsing: text)
        },
        .links("snapshots"),
        .number("startDelay", "start_delay"),
        .flag("secureBoot", "secureboot", of: "platform"),
        .link("suspendSr", "suspend_SR"),
        .copy("tags"),
        .links("VIFs"),
        .links("VTPMs"),
        .links("$VBDs", "VBDs"),
        .links("VGPUs"),
        .links("$VGPUs", "VGPUs"),
        .value("virtualizationMode", reads: []) { .string($0.domainType) },
        .value("xenTools", reads: []) { GuestTools($0)?.xenTools },
        .value("managementAgentDetected", reads: []) { GuestTools($0)?.managementAgentDetected },
        .value("pvDriversDetected", reads: []) { GuestTools($0)?.driversDetected },
        .value("pvDriversVersion", reads: []) { GuestTools($0)?.driversVersion },
        .value("pvDriversUpToDate", reads: []) { GuestTools($0)?.driversUpToDate },
    ]

    private static let placement: [Property] = [
        .value("$container", reads: ["resident_on", "VBDs"], VMReading.container),
        .entry("nicType", "nic_type", of: "platform"),
        .copy("xenStoreData", "xenstore_data"),
        .value("vga", reads: ["platform"]) { source in
            source.domainType == "hvm" ? .string(source.text("vga", of: "platform") ?? "cirrus") : nil
        },
        .value("videoram", reads: ["platform"]) { source in
            guard source.domainType == "hvm" else { return nil }
            guard let size = source.entry("videoram", of: "platform") else { return 4 }
            return size.number.map { JSON($0) } ?? .null
        },
        .value("PV_args", reads: ["PV_args"]) { $0.domainType == "hvm" ? nil : $0["PV_args"]?.json },
        .numericEntry("coresPerSocket", "cores-per-socket", of: "platform"),
        .numericEntry("cpuCap", "cap", of: "VCPUs_params"),
        .numericEntry("cpuWeight", "weight", of: "VCPUs_params"),
        .value("cpuMask", reads: ["VCPUs_params"]) { source in
            source.text("mask", of: "VCPUs_params").map { mask in
                .array(
                    mask.split(separator: ",", omittingEmptySubsequences: false)
                        .map { Double(String($0).trimmed).map { JSON($0) } ?? .null })
            }
        },
    ]

    private static let onlyOnSome: [Property] = [
        .time("snapshot_time").only(on: "VM-snapshot"),
        .link("$snapshot_of", "snapshot_of").only(on: "VM-snapshot"),
        .link("suspendVdi", "suspend_VDI").only(on: "VM-snapshot"),
        .value("isDefaultTemplate", reads: []) { .bool($0.isDefaultTemplate) }.only(on: "VM-template"),
        .value("template_info", reads: ["other_config"], VMReading.templateInfo).only(on: "VM-template"),
    ]
}

extension Source {
    var isDefaultTemplate: Bool {
        isTrue("is_default_template") || flag("default_template", of: "other_config")
    }

    /// Whether the guest has a domain: its clock may stand still, but its memory is taken.
    var isRunning: Bool {
        let state = string("power_state")
        return state == "Running" || state == "Paused"
    }

    var metrics: Record? { follow("metrics") }
    var guestMetrics: Record? { follow("guest_metrics") }

    var domainType: String {
        if let type = string("domain_type"), type != "unspecified" { return type }
        return (string("HVM_boot_policy") ?? "").isEmpty ? "pv" : "hvm"
    }
}
