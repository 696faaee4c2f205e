import XOJSON

extension Classes {
    static let sr = ObjectClass(
        "SR", type: "SR",
        [
            .copy("content_type"),
            .copy("SR_type", "type"),
            .value("allocationStrategy", reads: ["type", "PBDs"]) { source in
                Allocation.strategy(
                    ofType: source.string("type") ?? "", firstPBD: source.record.firstPBD(in: source.cache))
            },
            .number("physical_usage", "physical_utilisation"),
            .number("usage", "virtual_allocation"),
            .number("size", "physical_size"),
            .bool("shared"),
            .copy("current_operations"),
            .value("inMaintenanceMode", reads: ["other_config"]) { source in
                .bool(source.entry("xo:maintenanceState", of: "other_config") != nil)
            },
            .copy("name_description"),
            .copy("name_label"),
            .copy("tags"),
            .copy("other_config"),
            .copy("sm_config"),
            .links("VDIs"),
            .value("$container", reads: ["shared", "PBDs"]) { source in
                guard !source.isTrue("shared"), let connection = source.record.firstPBD(in: source.cache) else {
                    return source.cache.pool.map { .string($0.uuid) }
                }
                return source.cache.follow("host", of: connection).map { .string($0.uuid) }
            },
            .links("$PBDs", "PBDs"),
        ])

    static let sm = ObjectClass(
        "SM", type: "SM",
        [
            .copy("SM_type", "type"),
            .copy("configuration"),
            .copy("vendor"),
            .copy("features"),
            .copy("driver_filename"),
            .copy("required_cluster_stack"),
            .copy("supported_image_formats", default: []),
            .copy("name_description"),
            .copy("name_label"),
        ])

    static let pbd = ObjectClass(
        "PBD", type: "PBD",
        [
            .bool("attached", "currently_attached"),
            .link("host"),
            .link("SR"),
            .value("device_config", reads: ["device_config"]) { source in
                guard let members = source["device_config"]?.members else { return nil }
                var config: JSONObject = [:]
                for (key, value) in members { config[key] = isSecret(key) ? "* obfuscated *" : value.json }
                return .object(config)
            },
            .copy("otherConfig", "other_config"),
        ])

    /// Whether the values under a key are nobody's business.
    private static func isSecret(_ key: String) -> Bool {
        ["token", "passphrase", "encryptionKey"].contains(key) || key.lowercased().contains("password")
    }
}

/// How a storage repository hands out space.
private enum Allocation {
    private static let thin: Set = ["ext", "file", "nfs", "shm", "smb", "zfs"]
    private static let thick: Set = [
        "hba", "iscsi", "lvhd", "lvhdofcoe", "lvhdohba", "lvhdoiscsi", "lvm", "lvmofcoe", "lvmohba", "lvmoiscsi",
        "ocfs", "ocfsohba", "ocfsoiscsi", "rawhba", "rawiscsi", "udev",
    ]

    static func strategy(ofType type: String, firstPBD: Record?) -> JSON? {
        if thin.contains(type) { return "thin" }
        if thick.contains(type) { return "thick" }
        guard type == "linstor" else { return nil }
        return firstPBD?["device_config"]?.member("provisioning")?.json ?? "unknown"
    }
}
