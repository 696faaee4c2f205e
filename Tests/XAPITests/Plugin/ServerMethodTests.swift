import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// `server.*`, through a real host.
@Suite(.timeLimit(.minutes(10))) struct ServerMethodTests {
    @Test func aServerFromItsRegistrationToItsRemoval() async throws {
        try await PluginTestBench.run(isConnected: false) { bench in
            let id = try await bench.connect(["label": "lab"])
            let server = try #require(try await bench.server(id))
            let pool = try #require(try await bench.objects(ofType: "pool").first)
            #expect(server["label"] == "lab")
            #expect(server["enabled"] == true)
            #expect(server["poolId"] == pool["id"])
            #expect(server["master"] == pool["master"])
            #expect(server["poolNameLabel"] == pool["name_label"])
            #expect(server["password"] == nil)
            #expect(server["error"] == nil)

            _ = try await bench.client.call("server.set", params: ["id": .string(id), "label": nil])
            #expect(try await bench.server(id)?["label"] == pool["name_label"])

            #expect(try await bench.failure(of: "server.enable", ["id": .string(id)])?.code == 25)
            #expect(
                try await bench.failure(of: "server.set", ["id": .string(id), "host": "elsewhere"])?.code == -32000)
            #expect(
                try await bench.failure(
                    of: "server.add", ["host": .string(bench.simulator.url), "username": "a", "password": "b"])?.code
                    == 16)

            _ = try await bench.client.call("server.disable", params: ["id": .string(id)])
            #expect(try await bench.objects(ofType: "VM").isEmpty)
            #expect(try await bench.failure(of: "server.disable", ["id": .string(id)])?.code == 25)
            _ = try await bench.client.call("server.enable", params: ["id": .string(id)])
            #expect(try await bench.objects(ofType: "VM").count == 12)

            _ = try await bench.client.call("server.remove", params: ["id": .string(id)])
            #expect(try await bench.client.call("server.getAll") == [])
            #expect(try await bench.failure(of: "server.remove", ["id": .string(id)])?.code == 1)
        }
    }

    @Test func whyAServerCannotBeConnected() async throws {
        try await PluginTestBench.run(isConnected: false) { bench in
            let wrong = try await bench.add(["password": "a secret that is wrong", "autoConnect": false])
            _ = try await bench.client.call("server.disable", params: ["id": .string(wrong)])
            #expect(try await bench.failure(of: "server.enable", ["id": .string(wrong)])?.code == 8)
            let server = try await bench.waitForStatus("disconnected", of: wrong)
            #expect(server?["error"]?["message"]?.string?.contains("password of user 'root'") == true)
            #expect(server?.description.contains("a secret that is wrong") == false)
            #expect(!bench.host.log.contains { $0.description.contains("a secret that is wrong") })

            let dead = try await bench.add(["host": "http://127.0.0.1:1", "autoConnect": false])
            _ = try await bench.client.call("server.disable", params: ["id": .string(dead)])
            #expect(try await bench.failure(of: "server.enable", ["id": .string(dead)])?.code == 9)
            #expect(try await bench.server(dead)?["status"] == "connecting")
            #expect(
                try await bench.server(dead)?["error"]?["message"]
                    == "127.0.0.1:1 cannot be reached: it refuses connections")

            #expect(
                try await bench.failure(of: "server.add", ["host": "no host/", "username": "a", "password": "b"])?.code
                    == 10)
        }
    }

    @Test func theSamePoolIsConnectedOnce() async throws {
        try await PluginTestBench.run { bench in
            let first = try #require(try await bench.client.call("server.getAll")[0]?["id"]?.string)
            let again = "http://localhost:\(bench.simulator.port)"
            let second = try await bench.add(["host": .string(again), "autoConnect": false])
            _ = try await bench.client.call("server.disable", params: ["id": .string(second)])
            let error = try await bench.failure(of: "server.enable", ["id": .string(second)])
            #expect(error?.message == "this pool is already connected")
            #expect(error?.data?["connectedServerId"] == .string(first))
            #expect(error?.data?["connectingServerId"] == .string(second))
            #expect(try await bench.server(first)?["status"] == "connected")
            #expect(try await bench.objects(ofType: "VM").count == 12)
        }
    }

    @Test func serversAndTheirPinsSurviveARestart() async throws {
        let configuration = SimulatedPool.Configuration(virtualMachines: 2, tls: true)
        try await PluginTestBench.run(configuration, isConnected: false) { bench in
            let id = try await bench.connect(["allowUnauthorized": true])
            await bench.client.close()
            await bench.host.stop()
            try await bench.host.start()
            let client = try await bench.host.connect()
            let again = PluginTestBench(host: bench.host, client: client, simulator: bench.simulator)
            try await again.waitForStatus("connected", of: id)

            // Another machine at the same address.
            let other = try await SimulatedPool.start(configuration)
            _ = try await client.call("server.disable", params: ["id": .string(id)])
            _ = try await client.call("server.set", params: ["id": .string(id), "host": .string(other.url)])
            let known = try #require(bench.simulator.certificateFingerprint)
            let found = try #require(other.certificateFingerprint)
            let error = try await again.failure(of: "server.enable", ["id": .string(id)])
            #expect(error?.message.contains(known) == true && error?.message.contains(found) == true)
            #expect(try await again.server(id)?["error"]?["message"] == error.map { .string($0.message) })

            // It is accepted by saying so.
            _ = try await client.call("server.disable", params: ["id": .string(id)])
            _ = try await client.call("server.set", params: ["id": .string(id), "allowUnauthorized": true])
            _ = try await client.call("server.enable", params: ["id": .string(id)])
            #expect(try await again.server(id)?["status"] == "connected")
            _ = try await client.call("server.disable", params: ["id": .string(id)])
            await client.close()
            await other.stop()
        }
    }

    /// Confirmed before the first connection instead of trusted at it.
    @Test func aCertificateCanBePinnedBeforehand() async throws {
        try await PluginTestBench.run(.init(virtualMachines: 1, tls: true), isConnected: false) { bench in
            let shown = try #require(bench.simulator.certificateFingerprint)
            let other = String(repeating: "0", count: 64)
            let id = try await bench.add(["fingerprint": .string(other), "autoConnect": false])
            _ = try await bench.client.call("server.disable", params: ["id": .string(id)])
            let error = try await bench.failure(of: "server.enable", ["id": .string(id)])
            #expect(error?.message.contains(shown) == true)
            _ = try await bench.client.call("server.disable", params: ["id": .string(id)])
            let bare = shown.filter { $0 != ":" }.lowercased()
            _ = try await bench.client.call(
                "server.set", params: ["id": .string(id), "fingerprint": .string(bare)])
            _ = try await bench.client.call("server.enable", params: ["id": .string(id)])
            let server = try await bench.server(id)
            #expect(server?["fingerprints"] == ["127.0.0.1": .string(shown)])
            for wrong in ["", "xy", String(repeating: "0", count: 63)] {
                let error = try await bench.failure(
                    of: "server.add",
                    ["host": "h", "username": "a", "password": "b", "fingerprint": .string(wrong)])
                #expect(error?.code == 10)
            }
        }
    }

    @Test func aServerTellsHowItIsDoing() async throws {
        try await PluginTestBench.run { bench in
            let server = try await poll {
                try await bench.client.call("server.getAll")[0]
            } until: {
                $0?["latency"] != nil
            }
            #expect(server?["records"]?["VM"]?.integer ?? 0 >= 12)
            #expect(server?["latency"]?.double ?? -1 > 0)
            #expect(server?["clockOffset"]?.integer.map { abs($0) <= 1 } == true)
        }
    }

    /// One that stalls keeps nobody waiting: neither the other pools nor the list of all.
    @Test func aPoolThatStallsDelaysNobodyElse() async throws {
        try await PluginTestBench.run { bench in
            let other = try await SimulatedPool.start(.init(hosts: 1, virtualMachines: 3, seed: 2))
            let id = try await bench.add(["host": .string(other.url)])
            try await bench.waitForStatus("connected", of: id)
            let first = Set(await bench.simulator.records(of: "VM").values.compactMap { $0["uuid"]?.string })
            let all = try await bench.objects(ofType: "VM").filter { $0["power_state"] == "Halted" }
            let stalled = try #require(all.compactMap { $0["id"]?.string }.first { first.contains($0) })
            await bench.simulator.inject(.stall)
            async let answer = bench.failure(of: "vm.start", ["id": .string(stalled)])
            let others = Set(await other.records(of: "VM").values.compactMap { $0["uuid"]?.string })
            let halted = try await bench.objects(ofType: "VM").filter { $0["power_state"] == "Halted" }
            let machine = try #require(halted.compactMap { $0["id"]?.string }.first { others.contains($0) })
            _ = try await bench.client.call("vm.start", params: ["id": .string(machine)])
            try await bench.wait(for: "power_state", of: machine, toBe: "Running")
            #expect(try await bench.client.call("server.getAll").array?.count == 2)
            await bench.simulator.heal()
            _ = try await answer
            await other.stop()
        }
    }

    @Test func onlyAdministratorsMayLook() async throws {
        try await PluginTestBench.run(isConnected: false) { bench in
            try await bench.host.addUser("bob", "bob's password")
            let bob = try await bench.host.connect(as: "bob", "bob's password")
            await #expect(throws: RemoteError.self) { try await bob.call("server.getAll") }
            await bob.close()
        }
    }

    @Test func theDemoPoolRegistersItselfOnce() async throws {
        let demo = JSON.plugin(
            "demo", try BuildProducts.plugin("DemoPool"), ["hosts": 2, "virtualMachines": 5],
            ["grants": ["calls.as-service"]])
        try await withHost([.web(), .xapi(), demo]) { host in
            var client = try await host.connect()
            _ = try await poll {
                try await client.call("server.getAll")
            } until: {
                $0[0]?["status"] == "connected"
            }
            let first = try await client.call("server.getAll")
            #expect(first[0]?["label"] == "Demo pool")
            await client.close()
            await host.stop()
            try await host.start()
            client = try await host.connect()
            let second = try await poll {
                try await client.call("server.getAll")
            } until: {
                $0[0]?["status"] == "connected"
            }
            #expect(second.array?.count == 1)
            #expect(second[0]?["id"] == first[0]?["id"])
            #expect(second[0]?["host"] != first[0]?["host"])
            await client.close()
        }
    }
}
