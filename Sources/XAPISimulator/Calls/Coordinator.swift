import XOJSON

/// Calls that change who is coordinator, or that members carry out without one.
extension Toolstack {
    static let coordinatorCalls: [String: Handler] = [
        "pool.is_slave": { toolstack, call in
            .value(.bool(toolstack.masterAddress != nil || !toolstack.isCoordinator(call.agent)), .boolean)
        },
        "pool.designate_new_master": { try $0.designate($1) },
        "pool.emergency_transition_to_master": { toolstack, call in
            try toolstack.requireNoAvailability()
            // A coordinator is one already.
            if !toolstack.isCoordinator(call.agent) { toolstack.later { $0.takeOver(call.agent) } }
            return .void
        },
        "pool.emergency_reset_master": { toolstack, call in
            try toolstack.requireNoAvailability()
            guard !toolstack.isCoordinator(call.agent) else {
                throw XAPIFailure("OPERATION_NOT_ALLOWED", "This host is the coordinator")
            }
            let address = call.text(0)
            toolstack.later { $0.follow(call.agent, address) }
            return .void
        },
        "pool.recover_slaves": { toolstack, call in
            let lost = toolstack.agents.filter { member in
                member !== call.agent && member.state != .off
                    && (member.state == .emergency || member.coordinator != call.agent.address)
            }
            for member in lost { toolstack.follow(member, call.agent.address) }
            return .value(.array(lost.map { .string($0.reference) }), .set(.reference("host")))
        },
    ]

    private func designate(_ call: Call) throws -> Outcome {
        let host = try database.row("host", call.text(0))
        try requireNoAvailability()
        guard let new = agent(of: host), new !== coordinator else { return .void }
        // All hosts have to agree.
        for host in database.all("host") { try requireReachable(host) }
        later { $0.handOver(to: new) }
        return .void
    }

    /// - Throws: `HA_IS_ENABLED`, since then the hosts decide by themselves
    func requireNoAvailability() throws(XAPIFailure) {
        if pool?.flag("ha_enabled") == true { throw XAPIFailure("HA_IS_ENABLED") }
    }
}
