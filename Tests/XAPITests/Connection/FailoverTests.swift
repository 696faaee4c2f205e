import TestSupport
import Testing
import XAPIPool
import XAPISimulator
import XOJSON

/// Pools whose hosts have addresses of their own, and whose master changes.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
    private static func pool(_ first: String, tls: Bool = false) -> SimulatedPool.Configuration {
        .init(
            hosts: 3, virtualMachines: 8, seed: 3, hostAddresses: .each(first: first), tls: tls, guestAgentDelay: .zero)
    }

    /// A change that is made now arrives.
    private func isAlive(_ bench: PoolTestBench) async throws {
        let vm = try #require(bench.machine("Halted"))
        let (id, ref) = (try #require(vm["id"]?.string), try #require(vm["_xapiRef"]?.string))
        try await bench.simulator.change(ref, ["name_label": "after"])
        await bench.inventory.contents.first { $0.objects[id]?["name_label"] == "after" }
    }

    @Test func anyMemberLeadsToTheMaster() async throws {
        try await PoolTestBench.run(
            Self.pool("127.0.21.1"),
            adjust: { $0.address = PoolAddress(isEncrypted: false, host: "127.0.21.3", port: $0.address.port) }
        ) { bench in
            try await bench.connection.start()
            let master = await bench.simulator.hosts.first { $0.isCoordinator }
            let pool = await bench.connection.status.pool
            #expect(pool?.coordinatorID == master?.uuid)
            #expect(pool?.memberAddresses == ["127.0.21.1", "127.0.21.2", "127.0.21.3"])
            try await isAlive(bench)
        }
    }

    @Test func anotherMasterIsFollowed() async throws {
        try await PoolTestBench.run(Self.pool("127.0.22.1")) { bench in
            try await bench.connection.start()
            let next = await bench.simulator.hosts[1]
            let before = bench.owner.statuses.value.count
            _ = try await bench.connection.call("pool.designate_new_master", [.string(next.reference)])
            await bench.owner.statuses.first {
                $0.dropFirst(before).contains { $0.pool?.coordinatorID == next.uuid && $0.error == nil }
            }
            try await isAlive(bench)
        }
    }

    /// With high availability another host takes over by itself; it is found among those that were known.
    @Test func aDeadMasterIsReplaced() async throws {
        try await PoolTestBench.run(Self.pool("127.0.23.1")) { bench in
            try await bench.connection.start()
            _ = try await bench.connection.call("pool.enable_ha", [[], [:]])
            let (dead, before) = (await bench.simulator.hosts[0], bench.owner.statuses.value.count)
            try await bench.simulator.die(dead.name)
            await bench.owner.statuses.first {
                $0.dropFirst(before).contains {
                    $0.phase == .connected && $0.error == nil && $0.pool?.coordinatorID != dead.uuid
                }
            }
            try await isAlive(bench)
        }
    }

    /// Without it the members wait for an administrator, who makes one of them the master.
    @Test func inAnEmergencyAnAdministratorDecides() async throws {
        try await PoolTestBench.run(Self.pool("127.0.24.1")) { bench in
            try await bench.connection.start()
            let hosts = await bench.simulator.hosts
            try await bench.simulator.die(hosts[0].name)
            await bench.owner.statuses.first { $0.last?.error != nil }
            #expect(!bench.inventory.contents.value.objects.isEmpty, "what was known is kept for a while")
            let before = bench.owner.statuses.value.count
            try await bench.simulator.promote(hosts[2].name)
            await bench.owner.statuses.first {
                $0.dropFirst(before).contains { $0.pool?.coordinatorID == hosts[2].uuid && $0.error == nil }
            }
            try await isAlive(bench)
        }
    }

    /// Each host has a certificate of its own, and each is pinned.
    @Test func certificatesOfAllMastersArePinned() async throws {
        try await PoolTestBench.run(
            Self.pool("127.0.25.1", tls: true), adjust: { $0.allowsUnauthorized = true }
        ) { bench in
            try await bench.connection.start()
            let hosts = await bench.simulator.hosts
            #expect(Set(hosts.compactMap(\.certificateFingerprint)).count == 3)
            _ = try await bench.connection.call("pool.designate_new_master", [.string(hosts[1].reference)])
            let pins = await bench.owner.fingerprints.first { $0.count == 2 }
            #expect(pins[hosts[0].address] == hosts[0].certificateFingerprint)
            #expect(pins[hosts[1].address] == hosts[1].certificateFingerprint)
        }
    }
}
