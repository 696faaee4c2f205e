import NIO
import TestSupport
import Testing
import XAPIPool
import XAPISimulator
import XOJSON

@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    @Test func everythingIsThereAfterTheStart() async throws {
        try await PoolTestBench.run { bench in
            try await bench.connection.start()
            let contents = bench.inventory.contents.value
            #expect(contents.isLive)
            #expect(contents.objects(ofType: "pool").count == 1)
            #expect(contents.objects(ofType: "host").count == 3)
            #expect(contents.objects(ofType: "VM").count == 8)
            for (className, type) in [
                ("SR", "SR"), ("network", "network"), ("PIF", "PIF"), ("VBD", "VBD"), ("VIF", "VIF"),
            ] {
                let records = await bench.simulator.records(of: className)
                #expect(contents.objects(ofType: type).count == records.count)
            }
            let status = await bench.connection.status
            #expect(status.phase == .connected)
            #expect(status.pool?.id == contents.objects(ofType: "pool").first?["id"]?.string)
            #expect(status.pool?.coordinatorID == contents.objects(ofType: "pool").first?["master"]?.string)
        }
    }

    @Test func aChangeInThePoolArrives() async throws {
        try await PoolTestBench.run { bench in
            try await bench.connection.start()
            let vm = try #require(bench.machine("Halted"))
            let (id, ref) = (try #require(vm["id"]?.string), try #require(vm["_xapiRef"]?.string))
            try await bench.simulator.change(ref, ["name_label": "renamed"])
            await bench.inventory.contents.first { $0.objects[id]?["name_label"] == "renamed" }
            try await bench.simulator.destroy(ref)
            await bench.inventory.contents.first { $0.objects[id] == nil }
        }
    }

    @Test func tasksAreAwaitedAndTheirErrorsKept() async throws {
        try await PoolTestBench.run { bench in
            try await bench.connection.start()
            let vm = try #require(bench.machine("Halted"))
            let (id, ref) = (try #require(vm["id"]?.string), try #require(vm["_xapiRef"]?.string))
            try await bench.connection.run("VM.start", [.string(ref), false, false])
            await bench.inventory.contents.first { $0.objects[id]?["power_state"] == "Running" }
            let error = await #expect(throws: XAPIError.self) {
                try await bench.connection.run("VM.start", [.string(ref), false, false])
            }
            #expect(error?.code == "VM_BAD_POWER_STATE")
            #expect(error?.parameters == [ref, "halted", "running"])
            await bench.inventory.contents.first { $0.objects(ofType: "task").isEmpty }
        }
    }

    @Test func aMemberSendsToTheCoordinator() async throws {
        try await PoolTestBench.run { bench in
            let port = bench.simulator.port
            let member = try await SimulatedPool.start(
                .init(hosts: 1, virtualMachines: 0, address: "127.0.0.2", port: port))
            await member.setMaster("127.0.0.1")
            let registered = try PoolTestBench.Redirected(member: member, port: port)
            try await registered.connection.start()
            #expect(registered.inventory.contents.value.objects(ofType: "host").count == 3)
            await registered.end()
            await member.stop()
        }
    }

    /// The address that was registered is gone, and another host of the pool is known from before.
    @Test func anEarlierMemberServesWhereTheFirstIsGone() async throws {
        try await PoolTestBench.run(
            adjust: { settings in
                settings.members = ["127.0.0.3", "127.0.0.1"]
                settings.address = PoolAddress(isEncrypted: false, host: "127.0.0.2", port: settings.address.port)
            }
        ) { bench in
            await #expect(throws: PoolProblem.self) { try await bench.connection.start() }
            await bench.owner.statuses.first { $0.last?.phase == .connected }
            #expect(bench.inventory.contents.value.objects(ofType: "host").count == 3)
        }
    }

    @Test func itTellsHowItIsDoing() async throws {
        try await PoolTestBench.run(adjust: { $0.timing.eventPoll = .milliseconds(100) }) { bench in
            try await bench.connection.start()
            let vitals = try await poll({ bench.connection.vitals.reading }, until: { $0.latency != nil })
            #expect(vitals.records["host"] == 3)
            #expect(vitals.records["VM"] ?? 0 >= 8)
            #expect(vitals.clockOffset.map { abs($0.components.seconds) <= 1 } == true)
            let vm = try #require(bench.machine("Halted")?["_xapiRef"]?.string)
            try await bench.simulator.change(vm, ["name_label": "renamed"])
            _ = try await poll({ bench.connection.vitals.reading.lastEvent }, until: { $0 != nil })
            await bench.connection.stop()
            #expect(bench.connection.vitals.reading.records.isEmpty)
        }
    }

    @Test func aWrongPasswordEndsTheAttempts() async throws {
        try await PoolTestBench.run(adjust: { $0.password = "wrong" }) { bench in
            await #expect(throws: PoolProblem.loginRefused(user: "root")) { try await bench.connection.start() }
            let statuses = await bench.owner.statuses.first { $0.last?.phase == .disconnected }
            #expect(statuses.last?.error?.contains("root") == true)
            #expect(statuses.last?.error?.contains("wrong") == false)
        }
    }

    @Test func aRefusedPoolIsNotPublished() async throws {
        try await PoolTestBench.run { bench in
            let problem = PoolProblem.alreadyConnected(pool: "p", connectedServer: "1", connectingServer: "2")
            bench.owner.refusal.update { $0 = problem }
            await #expect(throws: problem) { try await bench.connection.start() }
            #expect(bench.inventory.contents.value.objects.isEmpty)
        }
    }

    @Test func nobodyListens() async throws {
        try await PoolTestBench.run(adjust: { $0.address = PoolAddress(isEncrypted: false, host: "127.0.0.1", port: 1) }
        ) {
            bench in
            let error = await #expect(throws: PoolProblem.self) { try await bench.connection.start() }
            #expect("\(error.map { "\($0)" } ?? "")".contains("127.0.0.1:1 cannot be reached"))
            // It goes on trying.
            await bench.monitor.calls.first { $0.count > 3 }
            #expect(await bench.connection.status.phase == .connecting)
        }
    }

    @Test func stopSignsOut() async throws {
        try await PoolTestBench.run { bench in
            try await bench.connection.start()
            #expect(await bench.simulator.records(of: "session").count == 1)
            await bench.connection.stop()
            #expect(await bench.simulator.records(of: "session").isEmpty)
            #expect(bench.inventory.contents.value.objects.isEmpty)
        }
    }
}

// MARK: -

extension PoolTestBench {
    /// A connection that was given the address of a member.
    struct Redirected {
        let inventory = Inventory()
        let connection: PoolConnection
        private let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

        init(member: SimulatedPool, port: Int) throws {
            connection = PoolConnection(
                settings: PoolSettings(
                    address: PoolAddress(isEncrypted: false, host: "127.0.0.2", port: port), user: "root",
                    password: "password"),
                eventLoops: eventLoops, sink: inventory, owner: Owner(), monitor: Monitor())
        }

        func end() async {
            await connection.stop()
            try? await eventLoops.shutdownGracefully()
        }
    }
}
