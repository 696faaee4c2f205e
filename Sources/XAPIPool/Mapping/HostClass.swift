import XOJSON

extension Classes {
    static let hostMetrics = ObjectClass(auxiliary: "host_metrics", ["memory_total", "memory_free", "live"])
    static let certificate = ObjectClass(auxiliary: "Certificate", ["host", "fingerprint", "not_after"])
    static let poolUpdate = ObjectClass(
        auxiliary: "pool_update",
        [
            "name_label", "name_description", "key", "version", "after_apply_guidance", "hosts", "vdi",
            "installation_size",
        ])

    static let host = ObjectClass(
        "host", type: "host",
        [
            .copy("CPUs", "cpu_info"),
            .copy("address"),
            .value("agentStartTime", reads: ["other_config"]) {
                Timestamp.seconds($0.entry("agent_start_time", of: "other_config"))
            },
            .copy("bios_strings"),
            .entry("build", "build_number", of: "software_version"),
            .value("certificates", reads: ["certificates"]) { source in
                guard let certificates = source["certificates"] else { return nil }
                return .array(certificates.strings.compactMap { source.cache[$0] }.map(HostReading.certificate))
            },
            .value("chipset_info", reads: ["chipset_info"]) { source in
                source.text("iommu", of: "chipset_info").map { ["iommu": .bool($0 == "true")] } ?? [:]
            },
            .link("controlDomain", "control_domain"),
            .processors,
            .copy("current_operations"),
            .bool("enabled"),
            .copy("hostname"),
            .value("hvmCapable", reads: ["capabilities"]) { source in
                .bool(source["capabilities"]?.strings.contains { $0.hasPrefix("hvm") } ?? false)
            },
            .value("iscsiIqn", reads: ["iscsi_iqn", "other_config"]) { source in
                .string(source.string("iscsi_iqn") ?? source.text("iscsi_iqn", of: "other_config") ?? "")
            },
            .value("license_expiry", reads: ["license_params"]) {
                Timestamp.seconds($0.entry("expiry", of: "license_params"))
            },
            .copy("license_params"),
            .copy("license_server"),
            .copy("logging"),
            .value("memory", reads: ["metrics"], HostReading.memory),
            .flag("multipathing", "multipathing", of: "other_config"),
            .copy("name_description"),
            .copy("name_label"),
            .copy("otherConfig", "other_config"),
            .links("patches"),
            .value("power_state", reads: ["metrics"]) { source in
                guard let metrics = source.follow("metrics") else { return "Unknown" }
                return metrics["live"]?.isTruthy ?? false ? "Running" : "Halted"
            },
            .copy("powerOnMode", "power_on_mode"),
            .entry("productBrand", "product_brand", of: "software_version"),
            .entry("version", "product_version", of: "software_version"),
            .value(
                "rebootRequired", reads: ["software_version", "other_config", "updates_requiring_reboot"],
                HostReading.rebootRequired),
            .links("residentVms", "resident_VMs"),
            .value("startTime", reads: ["other_config"]) {
                Timestamp.seconds($0.entry("boot_time", of: "other_config"))
            },
            .value("supplementalPacks", reads: ["software_version", "updates"], HostReading.supplementalPacks),
            .copy("tags"),
            .value("zstdSupported", reads: ["license_params"]) { source in
                .bool(source.text("restrict_zstd_export", of: "license_params") == "false")
            },
            .links("PIFs"),
            .links("$PIFs", "PIFs"),
            .links("PCIs"),
            .links("$PCIs", "PCIs"),
            .links("PGPUs"),
            .links("$PGPUs", "PGPUs"),
            .links("$PBDs", "PBDs"),
        ])
}

/// The properties of a host that need some thought.
private enum HostReading {
    @Sendable static func certificate(_ record: Record) -> JSON {
        [
            "fingerprint": record["fingerprint"]?.json ?? .null,
            "notAfter": Timestamp.seconds(record["not_after"]),
        ]
    }

    /// Installed memory is what a person would say it is: the whole GiB above what the hypervisor counts.
    @Sendable static func memory(_ source: Source) -> JSON {
        guard let metrics = source.follow("metrics") else { return ["usage": 0, "size": 0, "total": 0] }
        let gibibyte = 1_073_741_824.0
        let size = ((metrics["memory_total"]?.number ?? 0) / gibibyte).rounded(.up) * gibibyte
        let isLive = metrics["live"]?.isTruthy ?? false
        return [
            "usage": isLive ? JSON(size - (metrics["memory_free"]?.number ?? 0)) : 0,
            "size": JSON(size),
        ]
    }

    @Sendable static func rebootRequired(_ source: Source) -> JSON {
        guard source.text("product_brand", of: "software_version") == "XCP-ng" else {
            return .bool(source["updates_requiring_reboot"].map { !$0.isEmptyList } ?? false)
        }
        guard let installed = source.entry("rpm_patch_installation_time", of: "other_config")?.number else {
            return false
        }
        let booted = Timestamp.seconds(source.entry("boot_time", of: "other_config")).double ?? 0
        return .bool(booted < installed)
    }

    @Sendable static func supplementalPacks(_ source: Source) -> JSON {
        if let version = PlatformVersion(source.record.platformVersion), version >= PlatformVersion(2, 1, 1) {
            let updates = source["updates"]?.strings.compactMap { source.cache[$0] } ?? []
            return .array(
                updates.filter { !($0.string("name_label") ?? "").hasPrefix("XS") }.map { pack($0, in: source.cache) })
        }
        return .array(source["software_version"]?.members.compactMap(oldPack) ?? [])
    }

    private static func pack(_ update: Record, in cache: RecordCache) -> JSON {
        let key = (update.string("key") ?? "").split(separator: "-", omittingEmptySubsequences: false)
        var pack: JSONObject = [:]
        pack["name"] = update["name_label"]?.json
        pack["description"] = update["name_description"]?.json
        pack["author"] = key.count > 3 ? JSON(String(key[3])) : nil
        pack["version"] = update["version"]?.json
        pack["guidance"] = update["after_apply_guidance"]?.json
        pack["hosts"] = .array(update["hosts"]?.strings.map { cache[$0].map { .string($0.uuid) } ?? .null } ?? [])
        pack["vdi"] = cache.follow("vdi", of: update).map { .string($0.uuid) }
        pack["size"] = update["installation_size"]?.json
        return .object(pack)
    }

    /// `author:name` with `description, word version`: how servers before 7.0 told of supplemental packs.
    private static func oldPack(_ name: String, _ value: RawJSON) -> JSON? {
        let names = name.split(separator: ":", omittingEmptySubsequences: false)
        let text = value.string ?? ""
        guard names.count == 2, let comma = text.firstRange(of: ", ") else { return nil }
        let words = text[comma.upperBound...].split(separator: " ")
        guard words.count == 2 else { return nil }
        return [
            "name": JSON(String(names[1])), "description": JSON(String(text[..<comma.lowerBound])),
            "author": JSON(String(names[0])), "version": JSON(String(words[1])),
        ]
    }
}
