import XOJSON

extension Classes {
    static let pifMetrics = ObjectClass(auxiliary: "PIF_metrics", ["device_name", "carrier", "speed"])

    static let network = ObjectClass(
        "network", type: "network",
        [
            .flag("automatic", "automatic", of: "other_config"),
            .copy("bridge"),
            .copy("current_operations"),
            .value("defaultIsLocked", reads: ["default_locking_mode"]) { source in
                .bool(source.string("default_locking_mode") == "disabled")
            },
            .number("MTU"),
            .copy("name_description"),
            .copy("name_label"),
            .copy("other_config"),
            .copy("tags"),
            .links("PIFs"),
            .links("VIFs"),
            .value("nbd", reads: ["purpose"]) { source in
                source["purpose"].map { .bool($0.strings.contains("nbd")) }
            },
            .value("insecureNbd", reads: ["purpose"]) { source in
                source["purpose"].map { .bool($0.strings.contains("insecure_nbd")) }
            },
            .value("isBonded", reads: ["PIFs"]) { source in
                let interfaces = source["PIFs"]?.strings.compactMap { source.cache[$0] } ?? []
                return .bool(interfaces.contains { $0.isBondMaster || $0.isBondSlave })
            },
        ])

    static let pif = ObjectClass(
        "PIF", type: "PIF",
        [
            .bool("attached", "currently_attached"),
            .value("isBondMaster", reads: ["bond_master_of"]) { .bool($0.record.isBondMaster) },
            .value("isBondSlave", reads: ["bond_slave_of"]) { .bool($0.record.isBondSlave) },
            .value("bondMaster", reads: ["bond_master_of", "bond_slave_of"]) { source in
                guard source.record.isBondSlave else { return nil }
                let bond = source.record.isBondMaster ? source.firstBond : source.follow("bond_slave_of")
                return source.cache.follow("master", of: bond).map { .string($0.uuid) }
            },
            .value("bondSlaves", reads: ["bond_master_of"]) { source in
                guard source.record.isBondMaster, let bond = source.firstBond else { return nil }
                return .array(bond["slaves"]?.strings.map { source.cache[$0].map { .string($0.uuid) } ?? .null } ?? [])
            },
            .copy("device"),
            .value("deviceName", reads: ["metrics"]) { $0.follow("metrics")?["device_name"]?.json },
            .copy("dns", "DNS"),
            .copy("disallowUnplug", "disallow_unplug"),
            .copy("gateway"),
            .copy("ip", "IP"),
            .copy("ipv6", "IPv6"),
            .copy("ipv6Mode", "ipv6_configuration_mode"),
            .copy("mac", "MAC"),
            .bool("management"),
            .value("carrier", reads: ["metrics"]) { .bool($0.follow("metrics")?["carrier"]?.isTruthy ?? false) },
            .copy("mode", "ip_configuration_mode"),
            .number("mtu", "MTU"),
            .copy("netmask"),
            .bool("physical"),
            .copy("primaryAddressType", "primary_address_type"),
            .value("speed", reads: ["metrics"]) { source in
                source.follow("metrics").map { $0["speed"]?.number.map { JSON($0) } ?? .null }
            },
            .number("vlan", "VLAN"),
            .link("$host", "host"),
            .link("$network", "network"),
        ])

    static let vif = ObjectClass(
        "VIF", type: "VIF",
        [
            .copy("allowedIpv4Addresses", "ipv4_allowed"),
            .copy("allowedIpv6Addresses", "ipv6_allowed"),
            .bool("attached", "currently_attached"),
            .copy("device"),
            .copy("lockingMode", "locking_mode"),
            .copy("MAC"),
            .number("MTU"),
            .copy("other_config"),
            .value("txChecksumming", reads: ["other_config"]) { source in
                .bool(!["false", "off"].contains(source.text("ethtool-tx", of: "other_config")))
            },
            .value("rateLimit", reads: ["qos_algorithm_type", "qos_algorithm_params"]) { source in
                guard source.string("qos_algorithm_type") == "ratelimit",
                    let limit = source.entry("kbps", of: "qos_algorithm_params")
                else { return nil }
                return limit.number.map { JSON($0) } ?? .null
            },
            .link("$network", "network"),
            .link("$VM", "VM"),
        ])

    static let bond = ObjectClass(
        "Bond", alsoReads: ["slaves"], type: { _ in "bond" },
        [
            .link("master"),
            .copy("mode"),
        ])
}

extension Record {
    /// Of a PIF.
    fileprivate var isBondMaster: Bool { self["bond_master_of"].map { !$0.isEmptyList } ?? false }
    fileprivate var isBondSlave: Bool {
        let bond = string("bond_slave_of") ?? ""
        return bond.hasPrefix("OpaqueRef:") && bond != "OpaqueRef:NULL"
    }
}

extension Source {
    fileprivate var firstBond: Record? { cache[self["bond_master_of"]?.strings.first] }
}
