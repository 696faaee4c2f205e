import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// Settings of hosts, storages, networks and pools, and where VMs run, through a real host.
@Suite(.timeLimit(.minutes(10))) struct PoolMethodTests {
    /// What has a name can be given another.
    @Test(arguments: [("host", "host.set"), ("SR", "sr.set"), ("network", "network.set"), ("pool", "pool.set")])
    func namesChange(_ type: String, _ method: String) async throws {
        try await PluginTestBench.run(.init(virtualMachines: 1)) { bench in
            let id = try #require(try await bench.objects(ofType: type).first?["id"]?.string)
            let names: JSON = ["id": .string(id), "name_label": "renamed", "name_description": ""]
            _ = try await bench.client.call(method, params: names)
            try await bench.wait(for: "name_label", of: id, toBe: "renamed")
            try await bench.wait(for: "name_description", of: id, toBe: "")
            let error = try await bench.failure(of: method, ["id": .string(id), "nonsense": 1])
            #expect(error?.code == 10)
        }
    }

    @Test func aHostIsTakenOutAndPutBack() async throws {
        try await PluginTestBench.run { bench in
            let host = try #require(try await bench.objects(ofType: "host").first?["id"]?.string)
            let target: JSON = ["id": .string(host)]
            _ = try await bench.client.call("host.disable", params: target)
            try await bench.wait(for: "enabled", of: host, toBe: false)
            _ = try await bench.client.call("host.enable", params: target)
            try await bench.wait(for: "enabled", of: host, toBe: true)
            _ = try await bench.client.call("host.restartAgent", params: target)
            // It may be the master's, whose restart ends connections.
            let isRight = try await poll {
                try? await bench.client.call("host.isHostServerTimeConsistent", params: ["host": .string(host)])
            } until: {
                $0 == true
            }
            #expect(isRight == true)
        }
    }

    @Test func aHostIsEmptiedForMaintenance() async throws {
        let configuration = SimulatedPool.Configuration(
            virtualMachines: 12, hostAddresses: .each(first: "127.0.26.1"), guestAgentDelay: .zero)
        try await PluginTestBench.run(configuration) { bench in
            let pool = try #require(try await bench.objects(ofType: "pool").first)
            let hosts = try await bench.objects(ofType: "host").filter { $0["id"] != pool["master"] }
            let host = try #require(hosts.first?["id"]?.string)
            func guests() async throws -> Int {
                try await bench.objects(ofType: "VM").count {
                    $0["$container"]?.string == host && $0["power_state"] == "Running"
                }
            }
            // Guests without drivers cannot be moved, and nothing is half-done then.
            for machine in try await bench.objects(ofType: "VM")
            where machine["$container"]?.string == host && machine["pvDriversDetected"] != true {
                _ = try? await bench.client.call(
                    "vm.stop", params: ["id": machine["id"] ?? .null, "force": true])
            }
            _ = try await bench.client.call(
                "host.setMaintenanceMode", params: ["id": .string(host), "maintenance": true])
            _ = try await poll({ try await guests() }, until: { $0 == 0 })
            try await bench.wait(for: "enabled", of: host, toBe: false)
            _ = try await bench.client.call(
                "host.setMaintenanceMode", params: ["id": .string(host), "maintenance": false])
            try await bench.wait(for: "enabled", of: host, toBe: true)
            _ = try await bench.client.call("host.stop", params: ["id": .string(host)])
            try await bench.wait(for: "power_state", of: host, toBe: "Halted")
        }
    }

    @Test func settingsOfNetworksAndPools() async throws {
        try await PluginTestBench.run(.init(virtualMachines: 1)) { bench in
            let network = try #require(try await bench.objects(ofType: "network").first?["id"]?.string)
            let changes: JSON = [
                "id": .string(network), "automatic": true, "defaultIsLocked": true, "mtu": 9000, "nbd": true,
            ]
            _ = try await bench.client.call("network.set", params: changes)
            for (property, value) in ["automatic": true, "defaultIsLocked": true, "MTU": 9000, "nbd": true]
                as JSONObject
            {
                try await bench.wait(for: property, of: network, toBe: value)
            }
            let small = try await bench.failure(of: "network.set", ["id": .string(network), "mtu": 10])
            #expect(small?.code == 10)

            let pool = try #require(try await bench.objects(ofType: "pool").first?["id"]?.string)
            let storage = try #require(try await bench.objects(ofType: "SR").first { $0["shared"] == true }?["id"])
            _ = try await bench.client.call(
                "pool.set", params: ["id": .string(pool), "auto_poweron": true, "suspendSr": storage])
            try await bench.wait(for: "auto_poweron", of: pool, toBe: true)
            try await bench.wait(for: "suspendSr", of: pool, toBe: storage)
            _ = try await bench.client.call("pool.set", params: ["id": .string(pool), "suspendSr": nil])
            try await bench.wait(for: "suspendSr", of: pool, toBe: nil)
            _ = try await bench.client.call("sr.scan", params: ["id": storage])
        }
    }

    @Test func aMachineMovesToAnotherHost() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let present = try await bench.object(machine)["$container"]
            let other = try #require(try await bench.objects(ofType: "host").first { $0["id"] != present }?["id"])
            let move: JSON = ["vm": .string(machine), "targetHost": other]
            _ = try await bench.client.call("vm.migrate", params: move)
            try await bench.wait(for: "$container", of: machine, toBe: other)
            let halted = try await bench.machine("Halted")
            let error = try await bench.failure(of: "vm.migrate", ["vm": .string(halted), "targetHost": other])
            #expect(error?.code == 13)
        }
    }

    /// The code is for programs, the sentence for people, who know names.
    @Test func errorsComeWithASentence() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let object = try await bench.object(machine)
            let other = try #require(
                try await bench.objects(ofType: "host").first { $0["id"] != object["$container"] })
            let host = JSON.string(other["id"]?.string ?? "")
            _ = try await bench.client.call("host.disable", params: ["id": host])
            try await bench.wait(for: "enabled", of: host.string ?? "", toBe: false)
            let error = try await bench.failure(of: "vm.migrate", ["vm": .string(machine), "targetHost": host])
            #expect(error?.data?["code"] == "HOST_DISABLED")
            #expect(error?.message == "HOST_DISABLED(\(host.string ?? ""))")
            let name = other["name_label"]?.string ?? ""
            #expect(error?.data?["explanation"]?.string == "'\(name)' takes no VMs at present: it is disabled")
        }
    }

    @Test func bootOrders() async throws {
        try await PluginTestBench.run { bench in
            let machine = try #require(
                try await bench.objects(ofType: "VM").first { $0["virtualizationMode"] == "hvm" }?["id"]?.string)
            _ = try await bench.client.call("vm.setBootOrder", params: ["vm": .string(machine), "order": "ndc"])
            let boot = try await poll({ try await bench.object(machine)["boot"] }, until: { $0?["order"] == "ndc" })
            #expect(boot?["order"] == "ndc")
            for wrong in ["x", "cc", "c d"] {
                let error = try await bench.failure(
                    of: "vm.setBootOrder", ["vm": .string(machine), "order": .string(wrong)])
                #expect(error?.code == 10)
            }
        }
    }

    /// Tasks of the pool itself: seen, ended, and what they did told.
    @Test func aTaskIsCancelled() async throws {
        try await PluginTestBench.run(.init(virtualMachines: 12, operationDuration: .seconds(60))) { bench in
            let machine = JSON.string(try await bench.machine("Halted"))
            async let start = bench.failure(of: "vm.start", ["id": machine])
            let tasks = try await poll({ try await bench.objects(ofType: "task") }, until: { !$0.isEmpty })
            let task = try #require(tasks.first?["id"])
            _ = try await bench.client.call("task.cancel", params: ["id": task])
            let error = try await start
            #expect(error?.data?["code"] == "TASK_CANCELLED")
            #expect(try await bench.object(machine.string ?? "")["power_state"] == "Halted")
        }
    }

    @Test func messagesAreDeleted() async throws {
        try await PluginTestBench.run { bench in
            let message = try #require(try await bench.objects(ofType: "message").first?["id"]?.string)
            _ = try await bench.client.call("message.delete", params: ["id": .string(message)])
            try await bench.wait(for: "id", of: message, toBe: nil)
        }
    }
}
