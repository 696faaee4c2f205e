import XOJSON

/// What may be done with a VM now, and why not.
extension Toolstack {
    func powerState(of vm: Row) -> PowerState { PowerState(rawValue: vm.text("power_state")) ?? .halted }

    /// Checks in xapi's order, and returns the first reason against the operation.
    func obstacle(to operation: String, on vm: Row) -> XAPIFailure? {
        if let reason = vm.map("blocked_operations")[operation]?.string {
            return XAPIFailure("OPERATION_BLOCKED", vm.reference, reason)
        }
        let state = powerState(of: vm)
        let states = possibleStates(for: operation, on: vm)
        guard states.contains(state) else {
            let expected = states.map { $0.rawValue.lowercased() }.joined(separator: ", ")
            return XAPIFailure("VM_BAD_POWER_STATE", vm.reference, expected, state.rawValue.lowercased())
        }
        return conflict(of: operation, on: vm) ?? kindObstacle(to: operation, on: vm)
            ?? guestObstacle(to: operation, on: vm, state)
    }

    /// Recomputes `allowed_operations`.
    func updateAllowedOperations(of vm: Row) {
        let allowed = PowerState.listedOperations.filter { obstacle(to: $0, on: vm) == nil }
        database.set(vm, "allowed_operations", JSON(allowed))
    }

    private func possibleStates(for operation: String, on vm: Row) -> [PowerState] {
        let states = PowerState.byOperation[operation] ?? []
        switch operation {
        case "changing_VCPUs", "changing_static_range", "changing_memory_limits":
            return vm.flag("is_control_domain") ? states + [.running] : states
        case "clone", "copy": return vm.flag("is_a_snapshot") ? states + [.suspended] : states
        default: return states
        }
    }

    // MARK: Other operations

    private func conflict(of operation: String, on vm: Row) -> XAPIFailure? {
        let current = vm.map("current_operations").compactMap { task, name in
            name.string.map { (task: task, operation: $0) }
        }
        guard current.contains(where: { !Toolstack.isCompatible(operation, with: $0.operation) }) else { return nil }
        func list(_ texts: [String]) -> String {
            texts.count == 1 ? texts[0] : "{\(texts.joined(separator: ","))}"
        }
        return XAPIFailure(
            "OTHER_OPERATION_IN_PROGRESS", "VM", vm.reference, list(current.map(\.operation)), list(current.map(\.task))
        )
    }

    private static func isCompatible(_ operation: String, with current: String) -> Bool {
        switch operation {
        case "get_boot_record": true
        case "clone", "copy", "export": ["clone", "copy", "export"].contains(current)
        case "snapshot", "checkpoint": ["snapshot", "checkpoint", "snapshot_with_quiesce"].contains(current)
        case "metadata_export", "clean_shutdown", "clean_reboot": current == "migrate_send"
        case "hard_shutdown": current != "hard_shutdown"
        case "hard_reboot": current != "hard_shutdown" && current != "hard_reboot"
        default: false
        }
    }

    // MARK: Kinds of VMs

    private static let templateOperations = Set(
        words(
            """
            changing_dynamic_range changing_static_range changing_memory_limits changing_shadow_memory changing_VCPUs
            changing_NVRAM clone copy export metadata_export provision
            """))
    private static let snapshotOperations = Set(
        words("revert clone copy export destroy hard_shutdown metadata_export"))
    private static let controlDomainOperations = Set(
        words(
            """
            data_source_op changing_memory_live awaiting_memory_live metadata_export changing_dynamic_range
            changing_memory_limits changing_static_range start start_on changing_VCPUs destroy
            """))

    private func kindObstacle(to operation: String, on vm: Row) -> XAPIFailure? {
        let isSnapshot = vm.flag("is_a_snapshot")
        if vm.flag("is_a_template"), !isSnapshot, !Toolstack.templateOperations.contains(operation),
            vm.flag("is_default_template") || !["destroy", "migrate_send"].contains(operation)
        {
            return XAPIFailure("VM_IS_TEMPLATE", vm.reference, operation)
        }
        if isSnapshot, !Toolstack.snapshotOperations.contains(operation) {
            return XAPIFailure("VM_IS_SNAPSHOT", vm.reference, operation)
        }
        if operation == "provision", !vm.flag("is_a_template") {
            return XAPIFailure("PROVISION_ONLY_ALLOWED_ON_TEMPLATE")
        }
        if operation == "revert", !isSnapshot { return XAPIFailure("REVERT_ONLY_ALLOWED_ON_SNAPSHOT") }
        if vm.flag("is_control_domain") {
            let isFirst = vm.integer("domid") == 0
            if !Toolstack.controlDomainOperations.contains(operation)
                || isFirst && (operation == "destroy" || operation == "changing_VCPUs")
            {
                return XAPIFailure("OPERATION_NOT_ALLOWED", "Operations on domain 0 are not allowed")
            }
        }
        return nil
    }

    // MARK: Guests

    private func guestObstacle(to operation: String, on vm: Row, _ state: PowerState) -> XAPIFailure? {
        if ["suspend", "checkpoint", "pool_migrate", "migrate_send"].contains(operation), state.isLive,
            vm.map("platform")["nomigrate"]?.string == "true" || vm.map("platform")["nested-virt"]?.string == "true"
        {
            return XAPIFailure("VM_IS_IMMOBILE", vm.reference)
        }
        if operation == "snapshot_with_quiesce" {
            return XAPIFailure("VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED", vm.reference)
        }
        guard state.isLive, vm.text("domain_type") == "hvm" else { return nil }
        let metrics = database.find("VM_guest_metrics", "guest_metrics", of: vm)
        guard !hasDrivers(metrics) else { return nil }
        let sufficientFeatures: [String]
        switch operation {
        case "suspend", "checkpoint", "pool_migrate", "migrate_send": sufficientFeatures = ["feature-suspend"]
        case "clean_shutdown": sufficientFeatures = ["feature-shutdown", "feature-poweroff"]
        case "clean_reboot": sufficientFeatures = ["feature-shutdown", "feature-reboot"]
        case "changing_VCPUs_live": sufficientFeatures = ["feature-vcpu-hotplug"]
        default: return nil
        }
        let features = metrics?.map("other") ?? [:]
        return sufficientFeatures.contains { features[$0] == "1" }
            ? nil : XAPIFailure("VM_LACKS_FEATURE", vm.reference)
    }

    /// Whether the guest's drivers have told their version.
    func hasDrivers(_ guestMetrics: Row?) -> Bool {
        guard let version = guestMetrics?.map("PV_drivers_version") else { return false }
        return ["major", "minor"].allSatisfy { version[$0]?.string.flatMap { Int($0) } != nil }
    }
}
