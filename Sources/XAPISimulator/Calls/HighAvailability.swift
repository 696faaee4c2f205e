import XOJSON

/// High availability, as far as it can be seen from outside.
extension Toolstack {
    static let availabilityCalls: [String: Handler] = [
        "pool.enable_ha": { try $0.enableAvailability($1) },
        "pool.disable_ha": { toolstack, _ in
            toolstack.disableAvailability()
            return .void
        },
        "pool.set_ha_host_failures_to_tolerate": { toolstack, call in
            let pool = try toolstack.database.row("pool", call.text(0))
            toolstack.setTolerated(call.arguments[1].integer ?? 0, of: pool)
            return .void
        },
        "pool.ha_compute_max_host_failures_to_tolerate": { toolstack, _ in
            .value(.integer(toolstack.tolerable), .integer)
        },
        "pool.ha_failover_plan_exists": { toolstack, call in
            .value(.bool((call.arguments[0].integer ?? 0) <= toolstack.tolerable), .boolean)
        },
    ]

    /// How many hosts may fail so that the others, in number, still make a pool. What guests need is not looked at.
    private var tolerable: Int64 { max(0, Int64(database.all("host").count { isLive($0) }) - 1) / 2 }

    private func enableAvailability(_ call: Call) throws -> Outcome {
        try requireNoAvailability()
        guard let pool else { throw XAPIFailure.internalError("no pool") }
        for host in database.all("host") where !isLive(host) { throw XAPIFailure("HOST_OFFLINE", host.reference) }
        let named = call.arguments[0].array?.compactMap(\.string) ?? []
        let storages =
            named.isEmpty
            ? database.all("SR").filter { $0.flag("shared") && $0.text("content_type") != "iso" }
            : try named.map { try database.row("SR", $0) }
        guard !storages.isEmpty, storages.allSatisfy({ $0.flag("shared") }) else {
            throw XAPIFailure("CANNOT_CREATE_STATE_FILE")
        }
        let files = try storages.map { storage in
            try makeDisk("Statefile for HA", on: storage.reference, size: 4 << 20, type: "ha_statefile").reference
        }
        database.set(pool, "ha_enabled", true)
        database.set(pool, "ha_statefiles", JSON(files))
        database.set(pool, "ha_configuration", call.arguments[1])
        let peers = database.all("host").map(\.uuid)
        for host in database.all("host") {
            database.set(host, "ha_statefiles", JSON(files))
            database.set(host, "ha_network_peers", JSON(peers))
        }
        setTolerated(tolerable, of: pool)
        updateAllowedOperations(ofPool: pool)
        return .void
    }

    private func disableAvailability() {
        guard let pool, pool.flag("ha_enabled") else { return }
        for file in pool.references("ha_statefiles").compactMap({ database.find("VDI", $0) }) { destroyDisk(file) }
        database.set(pool, "ha_enabled", false)
        database.set(pool, "ha_statefiles", .array([]))
        for host in database.all("host") {
            database.set(host, "ha_statefiles", .array([]))
            database.set(host, "ha_network_peers", .array([]))
        }
        setTolerated(0, of: pool)
        updateAllowedOperations(ofPool: pool)
    }

    private func setTolerated(_ failures: Int64, of pool: Row) {
        database.set(pool, "ha_host_failures_to_tolerate", .integer(failures))
        database.set(pool, "ha_plan_exists_for", .integer(min(failures, tolerable)))
        database.set(pool, "ha_overcommitted", .bool(failures > tolerable))
    }

    private func updateAllowedOperations(ofPool pool: Row) {
        let instead = pool.flag("ha_enabled") ? "ha_disable" : "ha_enable"
        let others = pool.references("allowed_operations").filter { !$0.hasPrefix("ha_") }
        database.set(pool, "allowed_operations", JSON([instead] + others))
    }

    /// Starts the guests of a lost host again, in their order, that are to be restarted.
    func restartProtected(_ lost: [Row]) {
        let wanted = lost.filter { ["restart", "best-effort"].contains($0.text("ha_restart_priority")) }
        for vm in wanted.sorted(by: { $0.integer("order") < $1.integer("order") }) {
            // For lack of room it stays halted.
            guard let host = try? chooseHost(for: vm), (try? makeDomain(of: vm, on: host, paused: false)) != nil else {
                continue
            }
            resetForBoot(vm)
            updateAllowedOperations(of: vm)
        }
    }
}
