import XOJSON

extension Classes {
    static let vdi = ObjectClass(
        "VDI", alsoReads: ["is_a_snapshot", "snapshot_of", "managed"],
        type: { source in
            if source.isTrue("is_a_snapshot") || source.follow("snapshot_of") != nil { return "VDI-snapshot" }
            return source["managed"]?.isTruthy == false ? "VDI-unmanaged" : "VDI"
        },
        [
            .copy("VDI_type", "type"),
            .copy("cbt_enabled"),
            .copy("missing"),
            .copy("name_description"),
            .copy("name_label"),
            .entry("parent", "vhd-parent", of: "sm_config"),
            .entry("image_format", "image-format", of: "sm_config"),
            .number("size", "virtual_size"),
            .links("snapshots"),
            .copy("tags"),
            .number("usage", "physical_utilisation"),
            .copy("current_operations"),
            .copy("other_config"),
            .link("$SR", "SR"),
            .links("$VBDs", "VBDs"),
            .time("snapshot_time").only(on: "VDI-snapshot"),
            .link("$snapshot_of", "snapshot_of").only(on: "VDI-snapshot"),
            .value("chainPhysicalUsage", reads: ["physical_utilisation", "sm_config"], chainUsage).only(on: "VDI"),
        ])

    static let vbd = ObjectClass(
        "VBD", type: "VBD",
        [
            .bool("attached", "currently_attached"),
            .bool("bootable"),
            .value("device", reads: ["device"]) { source in
                source.string("device").flatMap { $0.isEmpty ? nil : .string($0) } ?? .null
            },
            .value("is_cd_drive", reads: ["type"]) { .bool($0.string("type") == "CD") },
            .copy("position", "userdevice"),
            .value("read_only", reads: ["mode"]) { .bool($0.string("mode") == "RO") },
            .link("VDI"),
            .link("VM"),
        ])

    /// What a disk and all that it is a difference to take on the storage.
    @Sendable private static func chainUsage(_ source: Source) -> JSON? {
        var usage = source["physical_utilisation"]?.number ?? 0
        var seen: Set = [source.record.uuid]
        var next = source.record.parentDiskUUID
        while let uuid = next, seen.insert(uuid).inserted, let parent = source.cache.record(uuid: uuid),
            parent.shape === source.record.shape
        {
            usage += parent["physical_utilisation"]?.number ?? 0
            next = parent.parentDiskUUID
        }
        return JSON(usage)
    }
}
