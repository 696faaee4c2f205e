import XOJSON

extension Seed {
    private static let backupTag: Int64 = 20

    /// Two network cards per host, each in a network of the whole pool, a VLAN on the second, and an internal network.
    mutating func addNetworks() throws(XAPIFailure) {
        for position in 0..<2 {
            let network = try toolstack.create(
                "network",
                [
                    "name_label": .string("Pool-wide network associated with eth\(position)"), "MTU": 1500,
                    "bridge": .string("xenbr\(position)"), "managed": true,
                ])
            networks.append(network)
        }
        let backup = try toolstack.create(
            "network", ["name_label": "vlan20-backup", "MTU": 1500, "bridge": "xapi1", "managed": true])
        _ = try toolstack.create(
            "network",
            [
                "name_label": "Host internal management network",
                "name_description": "Link-local network between guests and their host", "MTU": 1500,
                "bridge": "xenapi", "managed": true,
                "other_config": [
                    "is_guest_installer_network": "true", "is_host_internal_management_network": "true",
                    "ip_begin": "169.254.0.1", "ip_end": "169.254.255.254", "netmask": "255.255.0.0",
                ],
            ])
        for host in hosts {
            var cards: [Row] = []
            for position in 0..<2 { cards.append(try addCard(position, of: host)) }
            try addVLAN(on: cards[1], of: host, network: backup)
        }
    }

    private func addCard(_ position: Int, of host: Row) throws(XAPIFailure) -> Row {
        let metrics = try toolstack.create(
            "PIF_metrics",
            [
                "carrier": true, "vendor_id": "8086", "vendor_name": "Intel Corporation", "device_id": "1563",
                "device_name": "Ethernet Controller X550", "speed": 10_000, "duplex": true,
                "pci_bus_path": .string("0000:01:00.\(position)"), "last_updated": .string(Timestamp.now),
            ])
        let isManagement = position == 0
        return try toolstack.create(
            "PIF",
            [
                "device": .string("eth\(position)"), "network": .string(networks[position].reference),
                "host": .string(host.reference), "MAC": .string(toolstack.makeMAC()), "MTU": 1500, "VLAN": -1,
                "metrics": .string(metrics.reference), "physical": true, "currently_attached": true,
                "ip_configuration_mode": isManagement ? "Static" : "None",
                "IP": .string(isManagement ? host.text("address") : ""), "netmask": isManagement ? "255.255.255.0" : "",
                "management": .bool(isManagement), "ipv6_configuration_mode": "None",
                "primary_address_type": "IPv4", "managed": true, "properties": ["gro": "on"],
                "igmp_snooping_status": "unknown",
            ])
    }

    private func addVLAN(on card: Row, of host: Row, network: Row) throws(XAPIFailure) {
        let pif = try toolstack.create(
            "PIF",
            [
                "device": card["device"], "network": .string(network.reference), "host": .string(host.reference),
                "MAC": "fe:ff:ff:ff:ff:ff", "MTU": 1500, "VLAN": .integer(Seed.backupTag),
                "metrics": card["metrics"], "physical": false, "currently_attached": true,
                "ip_configuration_mode": "None", "ipv6_configuration_mode": "None", "primary_address_type": "IPv4",
                "managed": true, "igmp_snooping_status": "unknown",
            ])
        let vlan = try toolstack.create(
            "VLAN",
            [
                "tagged_PIF": .string(card.reference), "untagged_PIF": .string(pif.reference),
                "tag": .integer(Seed.backupTag),
            ])
        database.set(pif, "VLAN_master_of", .string(vlan.reference))
    }
}
