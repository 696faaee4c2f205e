import XOJSON

/// Memory and processors of VMs.
extension Toolstack {
    static let resourceCalls: [String: Handler] = [
        "VM.set_memory_limits": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if let obstacle = toolstack.obstacle(to: "changing_memory_limits", on: vm) { throw obstacle }
            let order = [1, 3, 4, 2].map { call.arguments[$0].integer ?? 0 }
            try toolstack.setMemory(of: vm, order)
            return .void
        },
        "VM.set_memory_dynamic_range": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if let obstacle = toolstack.obstacle(to: "changing_dynamic_range", on: vm) { throw obstacle }
            try toolstack.setMemory(
                of: vm,
                [
                    vm.integer("memory_static_min"), call.arguments[1].integer ?? 0, call.arguments[2].integer ?? 0,
                    vm.integer("memory_static_max"),
                ])
            return .void
        },
        "VM.set_VCPUs_max": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if let obstacle = toolstack.obstacle(to: "changing_VCPUs", on: vm) { throw obstacle }
            let count = call.arguments[1].integer ?? 0
            try toolstack.setProcessors(of: vm, vm.integer("VCPUs_at_startup"), most: count)
            return .void
        },
        "VM.set_VCPUs_at_startup": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if let obstacle = toolstack.obstacle(to: "changing_VCPUs", on: vm) { throw obstacle }
            try toolstack.setProcessors(of: vm, call.arguments[1].integer ?? 0, most: vm.integer("VCPUs_max"))
            return .void
        },
        "VM.set_VCPUs_number_live": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            if let obstacle = toolstack.obstacle(to: "changing_VCPUs_live", on: vm) { throw obstacle }
            let count = call.arguments[1].integer ?? 0
            try toolstack.setProcessors(of: vm, count, most: vm.integer("VCPUs_max"))
            if let metrics = toolstack.database.find("VM_metrics", "metrics", of: vm) {
                toolstack.database.set(metrics, "VCPUs_number", .integer(count))
            }
            return .void
        },
    ]

    /// - Parameter values: static minimum, dynamic minimum, dynamic maximum, static maximum.
    private func setMemory(of vm: Row, _ values: [Int64]) throws {
        guard values[0] >= 0, zip(values, values.dropFirst()).allSatisfy(<=) else {
            throw XAPIFailure("MEMORY_CONSTRAINT_VIOLATION_ORDER")
        }
        let fields = ["memory_static_min", "memory_dynamic_min", "memory_dynamic_max", "memory_static_max"]
        for (field, value) in zip(fields, values) { database.set(vm, field, .integer(value)) }
        if powerState(of: vm) == .running, let metrics = database.find("VM_metrics", "metrics", of: vm) {
            database.set(metrics, "memory_actual", .integer(values[2]))
        }
    }

    private func setProcessors(of vm: Row, _ count: Int64, most: Int64) throws {
        guard count > 0, count <= most else {
            throw XAPIFailure(
                "INVALID_VALUE", "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max",
                "VCPUs_at_startup = \(count), VCPUs_max = \(most)")
        }
        database.set(vm, "VCPUs_at_startup", .integer(count))
        database.set(vm, "VCPUs_max", .integer(most))
    }
}
