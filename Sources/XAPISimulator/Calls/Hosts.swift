import XOJSON

extension Toolstack {
    static let hostCalls: [String: Handler] = [
        "host.get_servertime": { _, _ in .value(.string(Timestamp.now), .date) },
        "host.enable": { toolstack, call in
            toolstack.setEnabled(try toolstack.database.row("host", call.text(0)), true)
            return .void
        },
        "host.disable": { toolstack, call in
            toolstack.setEnabled(try toolstack.database.row("host", call.text(0)), false)
            return .void
        },
        "network.add_purpose": { try $0.changePurpose($1, isAdded: true) },
        "network.remove_purpose": { try $0.changePurpose($1, isAdded: false) },
        "SR.scan": { toolstack, call in
            _ = try toolstack.database.row("SR", call.text(0))
            return .void
        },
        "host.call_plugin": { _, call in throw XAPIFailure("XENAPI_MISSING_PLUGIN", call.text(1)) },
        "role.get_all_records_where": { toolstack, call in
            // Roles are computed, and only these two expressions mean anything; permissions are not simulated.
            .done(.records(call.text(0) == "subroles=[]" ? [] : toolstack.database.all("role")))
        },
    ]

    private func changePurpose(_ call: Call, isAdded: Bool) throws -> Outcome {
        let network = try database.row("network", call.text(0))
        let others = (network["purpose"].array ?? []).filter { $0.string != call.text(1) }
        database.set(network, "purpose", .array(isAdded ? others + [.string(call.text(1))] : others))
        return .void
    }

    func setEnabled(_ host: Row, _ isEnabled: Bool) {
        database.set(host, "enabled", .bool(isEnabled))
        updateAllowedOperations(ofHost: host)
    }

    func updateAllowedOperations(ofHost host: Row) {
        var allowed = words("provision evacuate vm_start vm_resume vm_migrate enable")
        if !host.flag("enabled") { allowed += ["reboot", "shutdown"] }
        if !isLive(host), !host.text("power_on_mode").isEmpty { allowed.append("power_on") }
        database.set(host, "allowed_operations", JSON(allowed))
    }

    /// The enabled host with the most free memory.
    ///
    /// - Throws: `NO_HOSTS_AVAILABLE`, `HOST_NOT_ENOUGH_FREE_MEMORY`
    func chooseHost(for vm: Row) throws(XAPIFailure) -> Row {
        let candidates = database.all("host").filter { $0.flag("enabled") && isLive($0) }
        guard let best = candidates.max(by: { freeMemory(of: $0) < freeMemory(of: $1) }) else {
            throw XAPIFailure("NO_HOSTS_AVAILABLE")
        }
        try checkMemory(of: best, for: vm)
        try requireReachable(best)
        return best
    }

    /// - Throws: why this very host cannot run the VM
    func check(_ host: Row, canRun vm: Row) throws(XAPIFailure) {
        guard host.flag("enabled") else { throw XAPIFailure("HOST_DISABLED", host.reference) }
        guard isLive(host) else { throw XAPIFailure("HOST_NOT_LIVE") }
        try requireReachable(host)
        try checkMemory(of: host, for: vm)
    }

    /// Bytes that a VM takes on its host.
    func memoryNeeded(by vm: Row) -> Int64 { vm.integer("memory_dynamic_max") + vm.integer("memory_overhead") }

    func changeFreeMemory(of host: Row, by bytes: Int64) {
        guard let metrics = database.find("host_metrics", "metrics", of: host) else { return }
        database.set(metrics, "memory_free", .integer(metrics.integer("memory_free") + bytes))
    }

    func isLive(_ host: Row) -> Bool {
        database.find("host_metrics", "metrics", of: host)?.flag("live") == true
    }

    func freeMemory(of host: Row) -> Int64 {
        database.find("host_metrics", "metrics", of: host)?.integer("memory_free") ?? 0
    }

    private func checkMemory(of host: Row, for vm: Row) throws(XAPIFailure) {
        let needed = memoryNeeded(by: vm)
        let free = freeMemory(of: host)
        guard needed <= free else { throw XAPIFailure("HOST_NOT_ENOUGH_FREE_MEMORY", String(needed), String(free)) }
    }
}
