import XOJSON

extension Toolstack {
    static let powerCalls: [String: Handler] = [
        "VM.start": { try $0.start($1, on: nil, paused: $1.flag(1)) },
        "VM.start_on": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(1))
            return try toolstack.start(call, on: host, paused: call.flag(2))
        },
        "VM.resume": { try $0.resume($1, on: nil, paused: $1.flag(1)) },
        "VM.resume_on": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(1))
            return try toolstack.resume(call, on: host, paused: call.flag(2))
        },
        "VM.pause": { try $0.changeState($1, "pause", to: .paused, "VM_PAUSED", "paused") },
        "VM.unpause": { try $0.changeState($1, "unpause", to: .running, "VM_UNPAUSED", "unpaused") },
        "VM.suspend": { try $0.suspend($1) },
        "VM.clean_shutdown": { try $0.shutDown($1, "clean_shutdown", "shutdown") },
        "VM.shutdown": { try $0.shutDown($1, "shutdown", "shutdown") },
        "VM.hard_shutdown": { toolstack, call in
            let vm = try toolstack.database.row("VM", call.text(0))
            // The obstacle counts first: a blocked operation must not end others.
            if let obstacle = toolstack.obstacle(to: "hard_shutdown", on: vm) { throw obstacle }
            toolstack.cancelOperations(of: vm, Toolstack.yielding)
            return try toolstack.shutDown(call, "hard_shutdown", "shutdown forcibly")
        },
        "VM.clean_reboot": { try $0.reboot($1, "clean_reboot", "rebooted cleanly") },
        "VM.hard_reboot": { try $0.reboot($1, "hard_reboot", "rebooted forcibly") },
        "VM.pool_migrate": { try $0.migrate($1) },
        "VM.power_state_reset": { try $0.resetPowerState($1) },
    ]

    private static let yielding = Set(
        words("clean_shutdown clean_reboot hard_reboot pool_migrate call_plugin shutdown suspend"))

    private func start(_ call: Call, on chosen: Row?, paused: Bool) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        let operation = chosen == nil ? "start" : "start_on"
        if let obstacle = obstacle(to: operation, on: vm) { throw obstacle }
        let host = try chosenHost(for: vm, chosen)
        return try operate(operation, on: vm, call, finally: { self.release(vm) }) { [self] in
            try makeDomain(of: vm, on: host, paused: paused)
            resetForBoot(vm)
            try announce("VM_STARTED", vm, "started on host: \(host.name) (uuid: \(host.uuid))")
            return .void
        }
    }

    private func resume(_ call: Call, on chosen: Row?, paused: Bool) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        let operation = chosen == nil ? "resume" : "resume_on"
        if let obstacle = obstacle(to: operation, on: vm) { throw obstacle }
        guard let image = database.find("VDI", "suspend_VDI", of: vm) else {
            throw XAPIFailure("VM_HAS_NO_SUSPEND_VDI", vm.reference)
        }
        let host = try chosenHost(for: vm, chosen)
        return try operate(operation, on: vm, call, finally: { self.release(vm) }) { [self] in
            try makeDomain(of: vm, on: host, paused: paused)
            database.set(vm, "suspend_VDI", .string(Reference.null))
            destroyDisk(image)
            try announce("VM_RESUMED", vm, "resumed on host: \(host.name) (uuid: \(host.uuid))")
            return .void
        }
    }

    /// Finds a host, and shows where the VM is about to run.
    private func chosenHost(for vm: Row, _ chosen: Row?) throws(XAPIFailure) -> Row {
        if let chosen { try check(chosen, canRun: vm) }
        let host = if let chosen { chosen } else { try chooseHost(for: vm) }
        if configuration.operationDuration > .zero {
            database.set(vm, "scheduled_to_be_resident_on", .string(host.reference))
        }
        return host
    }

    private func release(_ vm: Row) {
        database.set(vm, "scheduled_to_be_resident_on", .string(Reference.null))
    }

    private func changeState(
        _ call: Call, _ operation: String, to state: PowerState, _ message: String, _ what: String
    ) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        return try operate(operation, on: vm, call) { [self] in
            database.set(vm, "power_state", .string(state.rawValue))
            updateDevices(of: vm)
            try announce(message, vm, what)
            return .void
        }
    }

    private func suspend(_ call: Call) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        return try operate("suspend", on: vm, call) { [self] in
            let image = try makeSuspendImage(of: vm)
            destroyDomain(of: vm, state: .suspended)
            database.set(vm, "suspend_VDI", .string(image.reference))
            try announce("VM_SUSPENDED", vm, "suspended")
            return .void
        }
    }

    private func shutDown(_ call: Call, _ operation: String, _ what: String) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        return try operate(operation, on: vm, call) { [self] in
            halt(vm)
            try announce("VM_SHUTDOWN", vm, what)
            return .void
        }
    }

    private func reboot(_ call: Call, _ operation: String, _ what: String) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        return try operate(operation, on: vm, call) { [self] in
            guard let host = database.find("host", "resident_on", of: vm) else {
                throw XAPIFailure("VM_BAD_POWER_STATE", vm.reference, "running", "halted")
            }
            destroyDomain(of: vm, state: .halted)
            try makeDomain(of: vm, on: host, paused: false)
            resetForBoot(vm)
            try announce("VM_REBOOTED", vm, what)
            return .void
        }
    }

    private func migrate(_ call: Call) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        let target = try database.row("host", call.text(1))
        if let obstacle = obstacle(to: "pool_migrate", on: vm) { throw obstacle }
        let source = database.find("host", "resident_on", of: vm)
        if source !== target { try check(target, canRun: vm) }
        return try operate("pool_migrate", on: vm, call) { [self] in
            guard let source, source !== target else { return .void }
            try migrate(vm, from: source, to: target)
            return .void
        }
    }

    func migrate(_ vm: Row, from source: Row, to target: Row) throws(XAPIFailure) {
        try move(vm, from: source, to: target)
        try announce(
            "VM_MIGRATED", vm,
            "migrated from host '\(source.name)' (uuid: \(source.uuid)) to host '\(target.name)' "
                + "(uuid: \(target.uuid))")
    }

    private func resetPowerState(_ call: Call) throws -> Outcome {
        let vm = try database.row("VM", call.text(0))
        guard !vm.flag("is_control_domain"), database.find("host", "resident_on", of: vm) == nil else {
            throw XAPIFailure("OPERATION_NOT_ALLOWED", "The VM is a control domain or its host is alive")
        }
        return try operate("power_state_reset", on: vm, call) { [self] in
            halt(vm)
            return .void
        }
    }
}
