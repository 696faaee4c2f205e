import NIOCore

extension Toolstack {
    /// A toolstack with the hosts of a configuration, none of which listens yet, and without objects.
    static func make(
        _ configuration: SimulatedPool.Configuration, on loop: any EventLoop
    ) throws -> NIOLoopBound<Toolstack> {
        let toolstack = Toolstack(
            configuration, database: Database(), random: SplitMix64(seed: configuration.seed), loop: loop)
        let count = max(1, configuration.hosts)
        let isWildcard = ["0.0.0.0", "::", ""].contains(configuration.address)
        let shared = isWildcard ? "127.0.0.1" : configuration.address
        let areShared = configuration.hostAddresses == .shared
        var door: HTTPServer?
        for address in try configuration.hostAddresses.list(count, shared: shared) {
            let new =
                try (areShared ? door : nil)
                ?? HTTPServer(
                    toolstack, address: areShared ? configuration.address : address, publicAddress: address,
                    port: configuration.port, certificate: configuration.tls ? ServerCertificate(name: address) : nil)
            door = new
            let agent = HostAgent(address: address, door: new)
            if !areShared { new.agent = agent }
            toolstack.agents.append(agent)
        }
        for agent in toolstack.agents { agent.coordinator = toolstack.agents[0].address }
        return NIOLoopBound(toolstack, eventLoop: loop)
    }

    /// Lets a host listen, at the port of the first one.
    func openDoor(_ index: Int) -> EventLoopFuture<Void> {
        let door = agents[index].door
        if index > 0 {
            if door === agents[0].door { return eventLoop.makeSucceededVoidFuture() }
            door.port = agents[0].door.port
        }
        return door.open()
    }

    /// Ends everything.
    func close() {
        for agent in agents {
            agent.cancelTimers()
            agent.door.close()
            _ = agent.door.faults.heal()
        }
        forget()
        agents.removeAll()
    }
}
