import XOJSON

/// Who is coordinator, and what the others answer.
extension Toolstack {
    /// Calls that every host carries out by itself, whatever state it is in.
    static let localCalls: Set<String> = [
        "session.slave_local_login_with_password", "session.local_logout", "host.is_in_emergency_mode",
        "pool.is_slave", "pool.emergency_transition_to_master", "pool.emergency_reset_master",
    ]

    var coordinator: HostAgent? { agents.first { isCoordinator($0) } }

    func isCoordinator(_ agent: HostAgent) -> Bool { agent.reference == pool?.text("master") }

    func agent(of host: Row) -> HostAgent? { agents.first { $0.reference == host.reference } }

    /// The scheme and authority under which clients reach a host.
    func url(of host: Row) -> String { agent(of: host)?.door.url ?? "" }

    /// Why a host does not carry out a call, as far as that is for its role and state.
    func refusal(of method: String, at agent: HostAgent) -> XAPIFailure? {
        if Toolstack.localCalls.contains(method) { return nil }
        if let masterAddress { return XAPIFailure("HOST_IS_SLAVE", masterAddress) }
        guard agent.state == .running else { return XAPIFailure("HOST_STILL_BOOTING") }
        return isCoordinator(agent) ? nil : XAPIFailure("HOST_IS_SLAVE", agent.coordinator)
    }

    /// - Throws: `HOST_OFFLINE` if the host is known to be down, `CANNOT_CONTACT_HOST` if that is not known yet
    func requireReachable(_ host: Row) throws(XAPIFailure) {
        guard isLive(host) else { throw XAPIFailure("HOST_OFFLINE", host.reference) }
        guard agent(of: host)?.state != .off else { throw XAPIFailure("CANNOT_CONTACT_HOST", host.reference) }
    }

    // MARK: Changing it

    /// Makes another host the coordinator, with the agreement of all: every toolstack is started again.
    func handOver(to new: HostAgent) {
        for agent in agents { agent.coordinator = new.address }
        takeOver(new)
        for agent in agents where agent !== new && agent.state != .off { restart(agent) }
    }

    /// Makes a host the coordinator without asking the others, who go on looking where they did.
    func takeOver(_ agent: HostAgent) {
        agent.coordinator = agent.address
        if let pool { database.set(pool, "master", .string(agent.reference)) }
        restart(agent)
    }

    /// Lets a host follow another coordinator.
    func follow(_ agent: HostAgent, _ address: String) {
        agent.coordinator = address
        restart(agent)
    }

    /// The members have found out that their coordinator is gone.
    func loseCoordinator() {
        let members = agents.filter { !isCoordinator($0) && $0.state != .off }
        if pool?.flag("ha_enabled") == true, let heir = members.first(where: { $0.state == .running }) {
            handOver(to: heir)
        } else {
            for member in members {
                member.state = .emergency
                closeConnections(to: member)
            }
        }
    }
}
