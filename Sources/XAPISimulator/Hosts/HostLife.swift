import NIOCore
import XOJSON

/// Starting, stopping and crashing of hosts.
extension Toolstack {
    /// Starts the toolstack of a host anew. With the coordinator's, all sessions and tasks are gone.
    func restart(_ agent: HostAgent, keepsEvents: Bool = false) {
        agent.cancelTimers()
        agent.state = .starting
        agent.localSessions.removeAll()
        closeConnections(to: agent)
        if isCoordinator(agent) { forget(keepsEvents: keepsEvents) }
        agent.starting = after(configuration.startDuration) { [self] in
            agent.starting = nil
            finishStart(of: agent)
        }
    }

    private func finishStart(of agent: HostAgent) {
        guard let host = database.find("host", agent.reference), let coordinator else { return }
        if pool?.flag("ha_enabled") == true { agent.coordinator = coordinator.address }
        guard isCoordinator(agent) || agent.coordinator == coordinator.address else {
            agent.state = .emergency
            return
        }
        guard isCoordinator(agent) || coordinator.state == .running else {
            // While that one starts it is waited for.
            if coordinator.state != .starting { agent.state = .emergency }
            return
        }
        agent.state = .running
        database.set(host, "other_config", key: "agent_start_time", .string("\(Timestamp.currentSeconds)."))
        setLive(host, true)
        setEnabled(host, true)
        guard isCoordinator(agent) else { return }
        for other in agents where other !== agent {
            switch other.state {
            case .off: noticeLoss(of: other)
            case .starting where other.starting == nil: finishStart(of: other)
            case .emergency where other.coordinator == agent.address: restart(other)
            default: break
            }
        }
    }

    // MARK: The machine

    /// Takes the power from a host.
    ///
    /// - Parameter orderly: if it has told the others, which find out by themselves otherwise.
    func powerOff(_ agent: HostAgent, orderly: Bool) {
        guard agent.state != .off else { return }
        agent.cancelTimers()
        agent.state = .off
        agent.localSessions.removeAll()
        if answersAlone(agent) { agent.door.close() }
        if isCoordinator(agent) { forget() }
        let delay = orderly && !isCoordinator(agent) ? .zero : configuration.failureDetection
        agent.lossDetection = after(delay) { [self] in noticeLoss(of: agent) }
    }

    /// Switches a host on. Its guests are gone.
    ///
    /// - Returns: when it listens
    func powerOn(_ agent: HostAgent) -> EventLoopFuture<Void> {
        guard agent.state == .off else { return eventLoop.makeSucceededVoidFuture() }
        agent.cancelTimers()
        // Not off any more, so that nobody switches it on twice.
        agent.state = .starting
        let opened = answersAlone(agent) ? agent.door.open() : eventLoop.makeSucceededVoidFuture()
        opened.assumeIsolated().whenComplete { [self] result in
            guard agent.state == .starting else { return }
            guard case .success = result else {
                agent.state = .off
                return
            }
            if let host = database.find("host", agent.reference) {
                loseGuests(of: host)
                database.set(host, "other_config", key: "boot_time", .string("\(Timestamp.currentSeconds)."))
            }
            restart(agent)
        }
        return opened
    }

    /// The others have found out that a host is gone.
    func noticeLoss(of agent: HostAgent) {
        guard agent.state == .off else { return }
        agent.lossDetection?.cancel()
        if isCoordinator(agent) { return loseCoordinator() }
        // Without a coordinator nobody writes it down; the next one will.
        guard coordinator?.state == .running, let host = database.find("host", agent.reference) else { return }
        setLive(host, false)
        loseGuests(of: host)
    }

    /// Whether what happens to this host happens to its door.
    private func answersAlone(_ agent: HostAgent) -> Bool { agent.door.agent != nil || isCoordinator(agent) }

    func closeConnections(to agent: HostAgent) {
        if answersAlone(agent) { agent.door.closeConnections() }
    }

    private func setLive(_ host: Row, _ isLive: Bool) {
        if let metrics = database.find("host_metrics", "metrics", of: host) {
            database.set(metrics, "live", .bool(isLive))
        }
        updateAllowedOperations(ofHost: host)
    }

    /// Halts what ran on a host, and what was about to; with high availability, restarts what shall be.
    private func loseGuests(of host: Row) {
        let failure = XAPIFailure("HOST_OFFLINE", host.reference)
        let scheduled = database.all("VM").filter { $0.text("scheduled_to_be_resident_on") == host.reference }
        for vm in residents(of: host) + scheduled {
            for task in vm.map("current_operations").keys { operations[task]?.cancel(because: failure) }
        }
        let lost = residents(of: host)
        for vm in lost {
            halt(vm)
            updateAllowedOperations(of: vm)
        }
        if pool?.flag("ha_enabled") == true { restartProtected(lost) }
    }

    /// The guests that run on a host, without its control domain.
    func residents(of host: Row) -> [Row] {
        database.rows("VM", "resident_VMs", of: host).filter { !$0.flag("is_control_domain") }
    }
}
