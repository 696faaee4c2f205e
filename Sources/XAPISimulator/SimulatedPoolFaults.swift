import NIOCore
import XOJSON

/// What goes wrong on demand. A host is called by its name, its UUID or its reference.
extension SimulatedPool {
    /// Spoils the next answers of all hosts: `times` of each, or all until ``heal()``. It takes the place of an earlier
    /// fault.
    public func inject(_ fault: Fault, times: Int? = nil) async {
        await onLoop { toolstack in
            for door in toolstack.doors { door.faults.inject(fault, times: times) }
        }
    }

    /// The same for one host.
    ///
    /// - Throws: ``UnknownHost``
    public func inject(_ fault: Fault, times: Int? = nil, at host: String) async throws(UnknownHost) {
        try await attempt { toolstack throws(UnknownHost) in
            try toolstack.agent(named: host).door.faults.inject(fault, times: times)
        }
    }

    /// Ends faults, also those of tasks; answers that were kept back are sent.
    public func heal() async {
        await onLoop { toolstack in
            toolstack.taskFaults = TaskFaults()
            for door in toolstack.doors {
                for answer in door.faults.heal() { answer() }
            }
        }
    }

    /// Lets the operations that are under way fail, and the next `times` calls that have a task.
    ///
    /// - Returns: how many were under way
    @discardableResult
    public func failTasks(with failure: XAPIFailure, next times: Int = 0) async -> Int {
        await onLoop { $0.failTasks(failure, next: times) } ?? 0
    }

    /// Makes all sessions invalid; waiting event calls fail.
    public func forgetSessions() async {
        await onLoop { $0.forgetSessions() }
    }

    /// Starts the coordinator's toolstack anew: connections are closed; sessions and tasks are gone and, unless it
    /// `keepsEvents`, the memory of deleted objects.
    public func restart(keepsEvents: Bool = false) async {
        await onLoop { toolstack in
            guard let coordinator = toolstack.coordinator, coordinator.state != .off else { return }
            toolstack.restart(coordinator, keepsEvents: keepsEvents)
        }
    }

    /// Takes the power from a host: it is not reached any more, its guests are gone, and the others notice after a
    /// while (``Configuration/failureDetection``). One that is off stays so.
    ///
    /// - Throws: ``UnknownHost``
    public func die(_ host: String) async throws(UnknownHost) {
        try await attempt { toolstack throws(UnknownHost) in
            toolstack.powerOff(try toolstack.agent(named: host), orderly: false)
        }
    }

    /// Makes a host the coordinator, and has the others follow it, as administrators do when the last one is lost.
    ///
    /// - Throws: ``UnknownHost``
    public func promote(_ host: String) async throws(UnknownHost) {
        try await attempt { toolstack throws(UnknownHost) in
            toolstack.handOver(to: try toolstack.agent(named: host))
        }
    }

    /// Switches a host on again, and returns when it listens.
    ///
    /// - Throws: ``UnknownHost``, or why it cannot listen
    public func revive(_ host: String) async throws {
        try await wait { toolstack in toolstack.powerOn(try toolstack.agent(named: host)) }
    }

    /// Gives one host another certificate, or all, and closes their connections. Does nothing without TLS.
    ///
    /// - Throws: ``UnknownHost``
    public func replaceCertificate(of host: String? = nil) async throws {
        try await wait { toolstack in
            if let host {
                try toolstack.replaceCertificate(of: try toolstack.agent(named: host).door)
            } else {
                for door in toolstack.doors { try toolstack.replaceCertificate(of: door) }
            }
            return toolstack.eventLoop.makeSucceededVoidFuture()
        }
    }

    /// Answers all calls by `HOST_IS_SLAVE`, as a member does whose master is at `address`; `nil` makes it the master
    /// again.
    public func setMaster(_ address: String?) async {
        await onLoop { $0.masterAddress = address }
    }
}
