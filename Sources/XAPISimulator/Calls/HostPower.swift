import NIOCore
import XOJSON

/// Calls that switch hosts and their toolstacks on and off. Whoever asks has the answer before it happens.
extension Toolstack {
    static let hostPowerCalls: [String: Handler] = [
        "host.restart_agent": { toolstack, call in
            let (_, agent) = try toolstack.reachable(call)
            toolstack.later { $0.restart(agent) }
            return .void
        },
        "host.shutdown": { toolstack, call in
            let agent = try toolstack.emptied(call)
            toolstack.later { $0.powerOff(agent, orderly: true) }
            return .void
        },
        "host.reboot": { toolstack, call in
            let agent = try toolstack.emptied(call)
            toolstack.later { toolstack in
                toolstack.powerOff(agent, orderly: true)
                agent.starting = toolstack.after(toolstack.configuration.startDuration) { [toolstack] in
                    _ = toolstack.powerOn(agent)
                }
            }
            return .void
        },
        "host.power_on": { try $0.powerOn($1) },
        "host.set_power_on_mode": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(0))
            toolstack.database.set(host, "power_on_mode", call.arguments[1])
            toolstack.database.set(host, "power_on_config", call.arguments[2])
            toolstack.updateAllowedOperations(ofHost: host)
            return .void
        },
        "host.declare_dead": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(0))
            guard let agent = toolstack.agent(of: host), agent.state == .off else {
                throw XAPIFailure("HOST_IS_LIVE", host.reference)
            }
            toolstack.noticeLoss(of: agent)
            return .void
        },
        "host.is_in_emergency_mode": { _, call in .value(.bool(call.agent.state == .emergency), .boolean) },
        "host.compute_free_memory": { toolstack, call in
            let host = try toolstack.database.row("host", call.text(0))
            return .value(.integer(toolstack.freeMemory(of: host)), .integer)
        },
    ]

    /// Once the answer to the present call has been sent.
    func later(_ action: @escaping (Toolstack) -> Void) { loop.execute { action(self) } }

    private func reachable(_ call: Call) throws(XAPIFailure) -> (host: Row, agent: HostAgent) {
        let host = try database.row("host", call.text(0))
        try requireReachable(host)
        guard let agent = agent(of: host) else { throw .internalError("host \(host.name) has no machine") }
        return (host, agent)
    }

    /// A host that may be switched off: disabled, and without guests.
    private func emptied(_ call: Call) throws(XAPIFailure) -> HostAgent {
        let (host, agent) = try reachable(call)
        guard !host.flag("enabled") else { throw XAPIFailure("HOST_NOT_DISABLED") }
        if let guest = residents(of: host).first {
            throw XAPIFailure("HOST_IN_USE", host.reference, "vm", guest.reference)
        }
        return agent
    }

    private func powerOn(_ call: Call) throws -> Outcome {
        let host = try database.row("host", call.text(0))
        guard !isLive(host), let agent = agent(of: host) else { throw XAPIFailure("HOST_IS_LIVE", host.reference) }
        guard !host.text("power_on_mode").isEmpty else { throw XAPIFailure("HOST_POWER_ON_MODE_DISABLED") }
        let pending = Pending()
        powerOn(agent).assumeIsolated().whenComplete { result in
            switch result {
            case .success: pending.resolve(.success(.void))
            case .failure(let error): pending.resolve(.failure(.internalError("\(error)")))
            }
        }
        return .pending(pending)
    }
}
