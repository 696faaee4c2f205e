import XOJSON

extension SimulatedPool {
    /// A host as it is now.
    public struct HostStatus: Sendable, Hashable {
        public let name: String
        public let uuid: String
        public let reference: String
        public let address: String
        public let url: String
        public let certificateFingerprint: String?
        public let isCoordinator: Bool
        /// `running`, `starting`, `emergency` or `off`.
        public let state: String
        /// What will be wrong with its next answers, and with how many; with all if that is `nil`.
        public let fault: Fault?
        public let times: Int?
    }

    /// In the order of their addresses; empty once the pool has been stopped.
    public var hosts: [HostStatus] {
        get async { await onLoop { toolstack in toolstack.agents.compactMap { toolstack.status(of: $0) } } ?? [] }
    }

    /// No host of the pool is called so.
    public struct UnknownHost: Error, CustomStringConvertible {
        let name: String
        let known: [String]
        public var description: String {
            "no host is called '\(name)'; there are \(known.joined(separator: ", "))"
        }
    }
}

extension Toolstack {
    fileprivate func status(of agent: HostAgent) -> SimulatedPool.HostStatus? {
        guard let host = database.find("host", agent.reference) else { return nil }
        let door = agent.door
        return .init(
            name: host.name, uuid: host.uuid, reference: agent.reference, address: agent.address, url: door.url,
            certificateFingerprint: door.certificate?.fingerprint, isCoordinator: isCoordinator(agent),
            state: agent.state.rawValue, fault: door.faults.pending, times: door.faults.remaining)
    }

    /// Each once.
    var doors: [HTTPServer] {
        agents.reduce(into: []) { doors, agent in
            if !doors.contains(where: { $0 === agent.door }) { doors.append(agent.door) }
        }
    }

    /// The host with this name, UUID or reference.
    func agent(named name: String) throws(SimulatedPool.UnknownHost) -> HostAgent {
        let hosts = database.all("host")
        let row = hosts.first { [$0.name, $0.uuid, $0.reference].contains(name) }
        guard let row, let agent = agent(of: row) else {
            throw SimulatedPool.UnknownHost(name: name, known: hosts.map(\.name))
        }
        return agent
    }
}
