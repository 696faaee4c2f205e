import NIO
import XAPIPool
import XAPISimulator
import XOJSON

/// A simulated pool and a connection to it.
struct PoolTestBench {
    let simulator: SimulatedPool
    let inventory = Inventory()
    let owner = Owner()
    let monitor = Monitor()
    let connection: PoolConnection
    private let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Runs `body` with a connection that has not been started, and ends everything afterwards.
    static func run(
        _ configuration: SimulatedPool.Configuration = .init(virtualMachines: 8, guestAgentDelay: .zero),
        adjust: @Sendable (inout PoolSettings) -> Void = { _ in },
        _ body: (PoolTestBench) async throws -> Void
    ) async throws {
        let simulator = try await SimulatedPool.start(configuration)
        let bench = try PoolTestBench(simulator, configuration, adjust)
        do {
            try await body(bench)
        } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    private init(
        _ simulator: SimulatedPool, _ configuration: SimulatedPool.Configuration, _ adjust: (inout PoolSettings) -> Void
    ) throws {
        self.simulator = simulator
        var settings = PoolSettings(
            address: try PoolAddress(simulator.url), user: configuration.user, password: configuration.password,
            timing: PoolTiming(
                retryBase: .milliseconds(20), eventPoll: .seconds(2), connect: .seconds(5), call: .seconds(20)))
        adjust(&settings)
        connection = PoolConnection(
            settings: settings, eventLoops: eventLoops, sink: inventory, owner: owner, monitor: monitor)
    }

    private func end() async {
        await connection.stop()
        await simulator.stop()
        try? await eventLoops.shutdownGracefully()
    }

    func machine(_ state: String) -> JSON? {
        inventory.contents.value.objects(ofType: "VM").first { $0["power_state"]?.string == state }
    }

    /// Notes what it is told and refuses the pools that it shall refuse.
    final class Owner: PoolOwner {
        let statuses = Watched<[PoolStatus]>([])
        let fingerprints = Watched<[String: String]>([:])
        let refusal = Watched<PoolProblem?>(nil)

        func admit(pool id: String) async throws { if let problem = refusal.value { throw problem } }
        func statusChanged(_ status: PoolStatus) async { statuses.update { $0.append(status) } }
        func pinned(_ fingerprints: [String: String]) async { self.fingerprints.update { $0 = fingerprints } }
        func warn(_ text: String) async {}

        /// Waits until, after a status with an error, there is one without.
        func recovered(after count: Int) async {
            await statuses.first { statuses in
                let later = statuses.dropFirst(count)
                guard let failed = later.firstIndex(where: { $0.error != nil }) else { return false }
                return later[failed...].contains { $0.error == nil && $0.phase == .connected }
            }
        }
    }

    final class Monitor: PoolMonitor {
        let calls = Watched<[String]>([])
        func called(_ method: String, took duration: Duration, failed: Bool) { calls.update { $0.append(method) } }
        func published(events: Int, after delay: Duration) {}
    }
}
