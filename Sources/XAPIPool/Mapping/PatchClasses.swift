import XOJSON

/// Updates of servers before 7.0.
extension Classes {
    static let hostPatch = ObjectClass(
        "host_patch", type: "patch",
        [
            .bool("applied"),
            .value("enforceHomogeneity", reads: ["pool_patch"]) { $0.patch?["pool_applied"]?.json },
            .value("description", reads: ["pool_patch"]) { $0.patch?["name_description"]?.json },
            .value("name", reads: ["pool_patch"]) { $0.patch?["name_label"]?.json },
            .value("pool_patch", reads: ["pool_patch"]) { $0.patch.map { .string($0.ref) } },
            .value("size", reads: ["pool_patch"]) { source in
                source.patch.map { $0["size"]?.number.map { JSON($0) } ?? .null }
            },
            .value("guidance", reads: ["pool_patch"]) { $0.patch?["after_apply_guidance"]?.json },
            .time("time", "timestamp_applied"),
            .link("$host", "host"),
        ])

    /// Named by references; the real uuid is a property of its own.
    static let poolPatch = ObjectClass(
        "pool_patch", alsoReads: ["pool_applied"], type: { _ in "pool_patch" },
        id: { ($0.record.ref, $0.record.ref) },
        [
            .value("dataUuid", reads: []) { .string($0.record.uuid) },
            .copy("description", "name_description"),
            .copy("guidance", "after_apply_guidance"),
            .copy("name", "name_label"),
            .number("size"),
            .links("$host_patches", "host_patches"),
        ])
}

extension Source {
    fileprivate var patch: Record? { follow("pool_patch") }
}
