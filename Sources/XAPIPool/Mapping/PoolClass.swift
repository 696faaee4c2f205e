import XOJSON

extension Classes {
    static let pool = ObjectClass(
        "pool", type: "pool",
        [
            .flag("auto_poweron", "auto_poweron", of: "other_config"),
            .link("crashDumpSr", "crash_dump_SR"),
            .copy("current_operations"),
            .link("default_SR"),
            .bool("HA_enabled", "ha_enabled"),
            .copy(
                "haRebootVmOnInternalShutdown", "ha_reboot_vm_on_internal_shutdown", default: true),
            .value("haSrs", reads: ["ha_statefiles"]) { source in
                let disks = source["ha_statefiles"]?.strings.compactMap { source.cache[$0] } ?? []
                return .array(disks.map { source.cache.follow("SR", of: $0).map { .string($0.uuid) } ?? .null })
            },
            .link("master"),
            .copy("tags"),
            .copy("name_description"),
            .value("name_label", reads: ["name_label"]) { source in
                // A pool of one host usually has no name of its own.
                let name = source.string("name_label") ?? ""
                return .string(name.isEmpty ? source.cache.coordinator?.string("name_label") ?? "" : name)
            },
            .copy("migrationCompression", "migration_compression"),
            .copy("otherConfig", "other_config"),
            .processors,
            .link("suspendSr", "suspend_image_SR"),
            .value("zstdSupported", reads: ["restrictions"]) { source in
                .bool(source.text("restrict_zstd_export", of: "restrictions") == "false")
            },
            .value("vtpmSupported", reads: ["restrictions"]) { source in
                .bool(source.text("restrict_vtpm", of: "restrictions") == "false")
            },
            .value("platform_version", reads: []) { $0.cache.coordinator?.platformVersion.map(JSON.string) },
        ])
}

extension Property {
    /// Cores and sockets; of a pool and of a host.
    static let processors = value("cpus", reads: ["cpu_info"]) { source in
        guard let info = source["cpu_info"] else { return [:] }
        func count(_ key: String) -> JSON { info.member(key)?.number.map { JSON($0) } ?? .null }
        return ["cores": count("cpu_count"), "sockets": count("socket_count")]
    }
}
