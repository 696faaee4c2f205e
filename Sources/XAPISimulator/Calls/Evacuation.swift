import XOJSON

/// Moving all guests away from a host.
extension Toolstack {
    static let evacuationCalls: [String: Handler] = [
        "host.evacuate": { try $0.evacuate($1) },
        "host.get_vms_which_prevent_evacuation": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(0))
            var reasons = JSONObject()
            for (vm, failure) in toolstack.planEvacuation(of: host).obstacles {
                reasons[vm.reference] = JSON([failure.code] + failure.parameters)
            }
            return .value(.object(reasons), .map(.reference("VM"), .set(.string)))
        },
        "host.assert_can_evacuate": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(0))
            let obstacles = toolstack.planEvacuation(of: host).obstacles
            guard !obstacles.isEmpty else { return .void }
            let texts = obstacles.map { ([$0.failure.code] + $0.failure.parameters).joined(separator: ",") }
            throw XAPIFailure("CANNOT_EVACUATE_HOST", texts.joined(separator: "|"))
        },
    ]

    private struct EvacuationPlan {
        var moves: [(vm: Row, target: Row)] = []
        var obstacles: [(vm: Row, failure: XAPIFailure)] = []
    }

    /// Finds a place for every guest, the largest first, so that all have room together.
    private func planEvacuation(of host: Row) -> EvacuationPlan {
        var plan = EvacuationPlan()
        let targets = database.all("host").filter { $0 !== host && $0.flag("enabled") && isLive($0) }
        var free = targets.map { freeMemory(of: $0) }
        for vm in residents(of: host).sorted(by: { memoryNeeded(by: $0) > memoryNeeded(by: $1) }) {
            do throws(XAPIFailure) {
                let target = try target(for: vm, among: targets, free)
                free[target] -= memoryNeeded(by: vm)
                plan.moves.append((vm, targets[target]))
            } catch {
                plan.obstacles.append((vm, error))
            }
        }
        return plan
    }

    /// The host with the most memory left of those that can run the VM.
    private func target(for vm: Row, among targets: [Row], _ free: [Int64]) throws(XAPIFailure) -> Int {
        if let obstacle = obstacle(to: "pool_migrate", on: vm) { throw obstacle }
        let unseen = targets.map { unseenStorage(of: vm, on: $0) }
        guard let best = targets.indices.filter({ unseen[$0] == nil }).max(by: { free[$0] < free[$1] }) else {
            guard let storage = unseen.compactMap(\.self).first else { throw XAPIFailure("NO_HOSTS_AVAILABLE") }
            throw XAPIFailure("VM_REQUIRES_SR", vm.reference, storage)
        }
        guard memoryNeeded(by: vm) <= free[best] else {
            throw XAPIFailure("HOST_NOT_ENOUGH_FREE_MEMORY", vm.reference)
        }
        return best
    }

    /// A storage of the VM's disks that is not plugged at a host.
    private func unseenStorage(of vm: Row, on host: Row) -> String? {
        let plugged = Set(
            database.rows("PBD", "PBDs", of: host).filter { $0.flag("currently_attached") }.map { $0.text("SR") })
        return database.rows("VBD", "VBDs", of: vm)
            .compactMap { database.find("VDI", "VDI", of: $0)?.text("SR") }
            .first { !plugged.contains($0) }
    }

    private func evacuate(_ call: Call) throws -> Outcome {
        let host = try database.row("host", call.text(0))
        guard !host.map("current_operations").contains(where: { $0.value == "evacuate" }) else {
            throw XAPIFailure("HOST_EVACUATE_IN_PROGRESS", host.reference)
        }
        let plan = planEvacuation(of: host)
        if let obstacle = plan.obstacles.first { throw obstacle.failure }
        guard !plan.moves.isEmpty else { return .void }
        let key = call.task?.reference ?? ""
        database.set(host, "current_operations", key: key, "evacuate")
        let pending = Pending()
        var underWay = plan.moves.count
        var failure: XAPIFailure?
        for (vm, target) in plan.moves {
            try migrate(vm, from: host, to: target, within: call) { [self] result in
                if case .failure(let reason) = result { failure = failure ?? reason }
                underWay -= 1
                guard underWay == 0 else { return }
                database.set(host, "current_operations", key: key, nil)
                pending.resolve(failure.map { .failure($0) } ?? .success(.void))
            }
        }
        return .pending(pending)
    }

    /// Moves a guest as a task of its own.
    private func migrate(
        _ vm: Row, from source: Row, to target: Row, within call: Call, whenDone: @escaping (Pending.Result) -> Void
    ) throws(XAPIFailure) {
        let task = try makeTask("Async.VM.pool_migrate")
        database.set(task, "subtask_of", .string(call.task?.reference ?? Reference.null))
        func ended(_ result: Pending.Result) {
            finish(task, result)
            database.destroy(task)
            whenDone(result)
        }
        let move = Call(
            message: call.message, arguments: call.arguments, session: call.session, task: task, agent: call.agent)
        do {
            let outcome = try operate("pool_migrate", on: vm, move) { [self] in
                try migrate(vm, from: source, to: target)
                return .void
            }
            switch outcome {
            case .done(let reply): ended(.success(reply))
            case .pending(let moving): moving.whenResolved(ended)
            }
        } catch let failure as XAPIFailure {
            ended(.failure(failure))
        } catch {
            ended(.failure(.internalError("\(error)")))
        }
    }
}
