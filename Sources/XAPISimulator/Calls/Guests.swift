import XOJSON

/// An operating system whose agent runs inside a guest.
struct GuestSystem: Sendable {
    let name: String
    let kernel: String
    let distribution: String
    let major: String
    let minor: String

    /// What is installed in guests made from a template; `nil` if no agent is, as in those made from generic ones.
    static func installed(fromTemplate label: String) -> GuestSystem? { byLabel[label] }

    private static let byLabel: [String: GuestSystem] = """
        almalinux-9|AlmaLinux 9.5 (Teal Serval)|5.14.0-503.el9.x86_64|almalinux|9|5
        debian-11|Debian GNU/Linux 11 (bullseye)|5.10.0-33-amd64|debian|11|11
        debian-12|Debian GNU/Linux 12 (bookworm)|6.1.0-31-amd64|debian|12|9
        debian-13|Debian GNU/Linux 13 (trixie)|6.12.41+deb13-amd64|debian|13|1
        rocky-9|Rocky Linux 9.5 (Blue Onyx)|5.14.0-503.el9.x86_64|rocky|9|5
        ubuntu-22.04|Ubuntu 22.04.5 LTS|5.15.0-130-generic|ubuntu|22|04
        ubuntu-24.04|Ubuntu 24.04.2 LTS|6.8.0-52-generic|ubuntu|24|04
        windows-server-2022-64bit|Microsoft Windows Server 2022 Standard||windows|10|0
        """.split(separator: "\n").reduce(into: [:]) { table, line in
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            table[parts[0]] = GuestSystem(
                name: parts[1], kernel: parts[2], distribution: parts[3], major: parts[4], minor: parts[5])
        }
}

extension Toolstack {
    /// Lets the agent of a VM that has just booted report after a while.
    func awaitGuest(of vm: Row) {
        let domain = vm.integer("domid")
        _ = after(configuration.guestAgentDelay) { [self] in
            // It may have been stopped, or even started again, in between.
            guard !vm.isDestroyed, vm.integer("domid") == domain else { return }
            makeGuestMetrics(of: vm)
            updateDevices(of: vm)
            updateAllowedOperations(of: vm)
        }
    }

    /// Makes what the agent reports, or an empty record if there is no agent.
    func makeGuestMetrics(of vm: Row) {
        guard let model = database.model["VM_guest_metrics"] else { return }
        let system = GuestSystem.installed(fromTemplate: vm.text("reference_label"))
        let now = JSON.string(Timestamp.now)
        let reference = Reference.make(using: &random)
        let uuid = makeUUID(using: &random)
        if let system {
            database.create(
                model, reference: reference, uuid: uuid,
                [
                    "os_version": [
                        "name": .string(system.name), "uname": .string(system.kernel),
                        "distro": .string(system.distribution), "major": .string(system.major),
                        "minor": .string(system.minor),
                    ],
                    "PV_drivers_version": Toolstack.driversVersion, "PV_drivers_up_to_date": true,
                    "networks": .object(networks(of: vm)), "other": Toolstack.agentFeatures,
                    "last_updated": now, "live": .bool(powerState(of: vm).isLive), "can_use_hotplug_vbd": "yes",
                    "can_use_hotplug_vif": "yes", "PV_drivers_detected": true,
                ])
        } else {
            database.create(
                model, reference: reference, uuid: uuid,
                [
                    "last_updated": now, "live": .bool(powerState(of: vm).isLive),
                    "can_use_hotplug_vbd": "unspecified", "can_use_hotplug_vif": "unspecified",
                ])
        }
        database.set(vm, "guest_metrics", .string(reference))
    }

    private static let driversVersion: JSON = ["major": "8", "minor": "4", "micro": "0", "build": "1"]
    private static let agentFeatures: JSON = [
        "feature-balloon": "1", "feature-poweroff": "1", "feature-reboot": "1", "feature-suspend": "1",
        "feature-vcpu-hotplug": "1", "feature-static-ip-setting": "1", "has-vendor-device": "0",
        "platform-feature-multiprocessor-suspend": "1", "platform-feature-xs_reset_watches": "1",
    ]

    /// Addresses that follow from the MAC addresses, so that they are stable.
    private func networks(of vm: Row) -> JSONObject {
        var networks = JSONObject()
        for vif in database.rows("VIF", "VIFs", of: vm) {
            let bytes = vif.text("MAC").split(separator: ":").compactMap { UInt8($0, radix: 16) }
            guard bytes.count == 6 else { continue }
            let address = JSON.string("10.\(bytes[3]).\(bytes[4]).\(bytes[5])")
            networks["\(vif.text("device"))/ip"] = address
            networks["\(vif.text("device"))/ipv4/0"] = address
        }
        return networks
    }
}
