import XOJSON

/// What happened, and what is going on.
extension Classes {
    static let message = ObjectClass(
        "message", type: "message",
        [.copy("name"), .copy("body"), .time("time", "timestamp"), .copy("$object", "obj_uuid")])

    static let task = ObjectClass(
        "task", alsoReads: ["error_info"], type: { _ in "task" },
        [
            .copy("allowedOperations", "allowed_operations"),
            .time("created"),
            .copy("current_operations"),
            .time("finished"),
            .copy("name_description"),
            .copy("name_label"),
            .number("progress"),
            .copy("result"),
            .copy("status"),
            .value("xapiRef", reads: []) { .string($0.record.ref) },
            .value("applies_to", reads: ["other_config"]) { source in
                guard let target = source.text("applies_to", of: "other_config") else { return nil }
                return (source.cache[target] ?? source.cache.record(uuid: target)).map { .string($0.uuid) }
            },
            .link("$host", "resident_on"),
        ])
}
