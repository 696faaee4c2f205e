import XOJSON

extension Seed {
    static let threadsPerHost = 16
    static let processorFeatures = """
        17c9cbf5-f6f83203-2991cbf5-00000123-0000000f-219c0fab-0040040c-00000100-40000000-b0c00400-00000000-00000000-\
        00000001-00000000-00000000-00000000-00000000-00000000-20e4cc73-00000000-00000000
        """
    private static let processorName = "Intel(R) Xeon(R) E-2388G CPU @ 3.20GHz"
    private static let processorFlags = """
        fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush acpi mmx fxsr sse sse2 ht syscall nx lm constant_tsc \
        rep_good nopl nonstop_tsc cpuid pni pclmulqdq monitor est ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave \
        avx f16c rdrand hypervisor lahf_lm abm 3dnowprefetch fsgsbase bmi1 avx2 bmi2 erms rdseed adx clflushopt sha_ni
        """
    private static let controlDomainMemory: Int64 = 4304 << 20
    private static let controlDomainOverhead: Int64 = 83 << 20
    private static let hostOverhead: Int64 = 1012 << 20
    /// Of each host, on top of what the guests may take.
    private static let spareMemory: Int64 = 64 << 30
    /// For how long the hosts have been up.
    private static let uptime = 40 * 86_400

    private static func hostName(_ index: Int) -> String {
        index < 9 ? "xcp-0\(index + 1)" : "xcp-\(index + 1)"
    }

    mutating func addHost(_ index: Int) throws(XAPIFailure) {
        let name = Seed.hostName(index)
        let started = Timestamp.currentSeconds - Seed.uptime + 60 * index
        let guestMemory = Int64(configuration.virtualMachines / max(1, configuration.hosts) + 1) * (8 << 30)
        let metrics = try toolstack.create(
            "host_metrics",
            [
                "memory_total": .integer(guestMemory + Seed.spareMemory), "live": true,
                "last_updated": .string(Timestamp.now),
            ])
        let host = try toolstack.create(
            "host",
            [
                "name_label": .string(name), "name_description": "Default install",
                "memory_overhead": .integer(Seed.hostOverhead),
                "API_version_major": 2, "API_version_minor": 21, "API_version_vendor": "XenSource", "enabled": true,
                "software_version": Seed.softwareVersion,
                "other_config": [
                    "agent_start_time": .string("\(started + 62)."), "boot_time": .string("\(started)."),
                    "rpm_patch_installation_time": .string("\(started - 365).112"),
                    "iscsi_iqn": .string("iqn.2026-03.lab.example:\(name)"),
                ],
                "capabilities": JSON([
                    "xen-3.0-x86_64", "hvm-3.0-x86_32", "hvm-3.0-x86_32p", "hvm-3.0-x86_64", "",
                ]),
                "sched_policy": "credit", "supported_bootloaders": JSON(["pygrub", "eliloader"]),
                "cpu_info": Seed.processorInfo, "hostname": .string(name),
                "address": .string(toolstack.agents[index].address),
                "metrics": .string(metrics.reference), "license_params": .object(Seed.restrictions),
                "edition": "xcp-ng", "license_server": ["address": "localhost", "port": "27000"],
                "bios_strings": Seed.firmwareStrings(serial: 4_410_021 + index),
                "chipset_info": ["iommu": "true"], "virtual_hardware_platform_versions": [0, 1, 2],
                "iscsi_iqn": .string("iqn.2026-03.lab.example:\(name)"), "editions": JSON(["xcp-ng"]),
                "tls_verification_enabled": true, "last_software_update": .string(Timestamp.text(started - 365)),
                "ssh_enabled": true,
            ])
        hosts.append(host)
        toolstack.agents[index].reference = host.reference
        toolstack.updateAllowedOperations(ofHost: host)
        try addProcessors(of: host)
        try toolstack.addCertificate(of: host, from: started)
        try addControlDomain(of: host)
    }

    private func addProcessors(of host: Row) throws(XAPIFailure) {
        for number in 0..<Seed.threadsPerHost {
            _ = try toolstack.create(
                "host_cpu",
                [
                    "host": .string(host.reference), "number": .integer(Int64(number)), "vendor": "GenuineIntel",
                    "speed": 3192, "modelname": .string(Seed.processorName), "family": 6, "model": 167,
                    "stepping": "1", "flags": .string(Seed.processorFlags),
                ])
        }
    }

    private mutating func addControlDomain(of host: Row) throws(XAPIFailure) {
        let memory = JSON.integer(Seed.controlDomainMemory)
        let processors = JSON.integer(Int64(Seed.threadsPerHost))
        let metrics = try toolstack.create(
            "VM_metrics",
            [
                "memory_actual": memory, "VCPUs_number": processors, "last_updated": .string(Timestamp.now),
                "current_domain_type": "pv",
            ])
        let domain = try toolstack.create(
            "VM",
            [
                "name_label": .string("Control domain on host: \(host.name)"),
                "name_description": "Control domain of this host", "power_state": "Running", "user_version": 1,
                "resident_on": .string(host.reference), "affinity": .string(host.reference),
                "memory_overhead": .integer(Seed.controlDomainOverhead), "memory_target": memory,
                "memory_static_max": memory, "memory_dynamic_max": memory, "memory_dynamic_min": memory,
                "memory_static_min": memory, "VCPUs_max": processors, "VCPUs_at_startup": processors,
                "actions_after_shutdown": "destroy", "actions_after_reboot": "destroy",
                "actions_after_crash": "destroy", "is_control_domain": true, "domid": 0, "domarch": "x64",
                "metrics": .string(metrics.reference), "domain_type": "pv",
            ])
        toolstack.updateAllowedOperations(of: domain)
        database.set(host, "control_domain", .string(domain.reference))
        for kind in ["rfb", "vt100"] {
            let console = try toolstack.create(
                "console", ["protocol": .string(kind), "VM": .string(domain.reference)])
            database.set(console, "location", .string("\(toolstack.url(of: host))/console?ref=\(console.reference)"))
        }
        usedMemory[host.reference] = Seed.hostOverhead + Seed.controlDomainMemory + Seed.controlDomainOverhead
    }

    /// Sets the free memory of the hosts once all guests are there.
    func settleMemory() {
        for host in hosts {
            guard let metrics = database.find("host_metrics", "metrics", of: host) else { continue }
            database.set(
                metrics, "memory_free",
                .integer(metrics.integer("memory_total") - (usedMemory[host.reference] ?? 0)))
        }
    }

    private static let softwareVersion: JSON = [
        "product_version": "8.3.0", "product_version_text": "8.3", "product_version_text_short": "8.3",
        "platform_name": "XCP", "platform_version": "3.4.0", "product_brand": "XCP-ng", "xapi": "26.1",
        "build_number": "cloud", "hostname": "localhost", "date": "20260202T09:00:00Z", "dbv": "2026.0202",
        "xapi_build": "26.1.4", "xen": "4.17.5-23", "linux": "4.19.0+1", "xencenter_min": "2.21",
        "xencenter_max": "2.21", "network_backend": "openvswitch", "db_schema": "5.793",
    ]

    private static let processorInfo: JSON = [
        "cpu_count": .string(String(threadsPerHost)), "socket_count": "1", "threads_per_core": "2", "nr_nodes": "1",
        "vendor": "GenuineIntel", "speed": "3192.001", "modelname": .string(processorName), "family": "6",
        "model": "167", "stepping": "1", "flags": .string(processorFlags), "features_pv": .string(processorFeatures),
        "features_hvm": .string(processorFeatures), "features_pv_host": .string(processorFeatures),
        "features_hvm_host": .string(processorFeatures),
    ]

    private static func firmwareStrings(serial: Int) -> JSON {
        [
            "bios-vendor": "American Megatrends International, LLC.", "bios-version": "1.4",
            "system-manufacturer": "Supermicro", "system-product-name": "SYS-510T-M", "system-version": "0123456789",
            "system-serial-number": .string("S\(serial)"), "baseboard-manufacturer": "Supermicro",
            "baseboard-product-name": "X12STH-F", "baseboard-version": "1.01",
            "baseboard-serial-number": .string("BS\(serial)"), "oem-1": "Xen",
            "oem-2": "MS_VM_CERT/SHA1/bdbeb6e0a816d43fa6d3fe8aaef04c2bad9d3e3d", "hp-rombios": "",
        ]
    }
}
