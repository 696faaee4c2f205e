import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// `vif.*` and `vm.createInterface`, through a real host.
@Suite(.timeLimit(.minutes(10))) struct InterfaceMethodTests {
    @Test func anInterfaceFromItsMakingToItsEnd() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let networks = try await bench.objects(ofType: "network").compactMap { $0["id"] }
            let made = try await bench.client.call(
                "vm.createInterface",
                params: [
                    "vm": .string(machine), "network": networks[0], "allowedIpv4Addresses": ["192.0.2.7"],
                ])
            let card = try #require(made.string)
            try await bench.wait(for: "attached", of: card, toBe: true)
            #expect(try await bench.object(card)["lockingMode"] == "locked")
            #expect(try await bench.object(card)["allowedIpv4Addresses"] == ["192.0.2.7"])

            func set(_ more: JSONObject) async throws -> JSON {
                try await bench.client.call(
                    "vif.set", params: .object((["id": .string(card)] as JSONObject).adding(more)))
            }
            #expect(try await set(["network": networks[1], "rateLimit": 100, "txChecksumming": false]) == made)
            try await bench.wait(for: "$network", of: card, toBe: networks[1])
            try await bench.wait(for: "rateLimit", of: card, toBe: 100)
            try await bench.wait(for: "txChecksumming", of: card, toBe: false)
            _ = try await set(["rateLimit": nil, "lockingMode": "unlocked", "allowedIpv4Addresses": []])
            try await bench.wait(for: "rateLimit", of: card, toBe: nil)
            try await bench.wait(for: "lockingMode", of: card, toBe: "unlocked")
            _ = try await set(["attached": false])
            try await bench.wait(for: "attached", of: card, toBe: false)
            _ = try await bench.client.call("vif.connect", params: ["id": .string(card)])
            _ = try await bench.client.call("vif.disconnect", params: ["id": .string(card)])
            _ = try await bench.client.call("vif.connect", params: ["id": .string(card)])

            // Another address is another interface, with all that the first one had.
            let renewed = try #require(try await set(["mac": "02:00:00:00:00:07"]).string)
            #expect(renewed != card)
            try await bench.wait(for: "MAC", of: renewed, toBe: "02:00:00:00:00:07")
            try await bench.wait(for: "$network", of: renewed, toBe: networks[1])
            try await bench.wait(for: "txChecksumming", of: renewed, toBe: false)
            try await bench.wait(for: "attached", of: renewed, toBe: true)
            try await bench.wait(for: "id", of: card, toBe: nil)

            _ = try await bench.client.call("vif.delete", params: ["id": .string(renewed)])
            try await bench.wait(for: "id", of: renewed, toBe: nil)
        }
    }

    /// Whoever may use an interface may not pass for another machine in its network, nor copy the machine.
    @Test func rightsOnAMachineAreNotRightsOnItsNeighbours() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let user = try await bench.host.addUser("bob", "bob's password")
            _ = try await bench.client.call(
                "acl.add", params: ["subject": .string(user), "object": .string(machine), "action": "admin"])
            let bob = try await bench.host.connect(as: "bob", "bob's password")
            let cards = try await bench.objects(ofType: "VIF").filter { $0["$VM"]?.string == machine }
            let card = try #require(cards.first?["id"])
            for (method, parameters) in [
                "vif.set": ["id": card, "mac": "02:00:00:00:00:09"],
                "vm.clone": ["id": .string(machine), "name": "mine", "full_copy": true],
                "vm.convertToTemplate": ["id": .string(machine)],
            ] as JSONObject {
                await #expect(throws: RemoteError.self) { try await bob.call(method, params: parameters) }
            }
            _ = try await bob.call("vif.set", params: ["id": card, "rateLimit": 10])
            let snapshot = try await bob.call("vm.snapshot", params: ["id": .string(machine), "name": "mine"])
            let seen = try await bob.call("xo.getAllObjects", params: ["filter": ["id": snapshot]])
            #expect(seen.object?.count == 1)
            await bob.close()
        }
    }

    @Test func anAddressThatIsRefusedCostsNoInterface() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            func cards() async throws -> [JSON] {
                try await bench.objects(ofType: "VIF").filter { $0["$VM"]?.string == machine }
            }
            let card = try #require(try await cards().first)
            let id = try #require(card["id"]?.string)
            let refusal = try await bench.failure(of: "vif.set", ["id": .string(id), "mac": "not a MAC"])
            #expect(refusal?.data?["code"] == "MAC_INVALID")
            try await bench.wait(for: "id", of: id, toBe: nil)
            _ = try await poll(cards) { $0.contains { $0["MAC"] == card["MAC"] } }
        }
    }

    @Test func whatIsWrongIsTold() async throws {
        try await PluginTestBench.run { bench in
            let machine = JSON.string(try await bench.machine("Halted"))
            let network = try #require(try await bench.objects(ofType: "network").first?["id"])
            let address = try await bench.failure(
                of: "vm.createInterface", ["vm": machine, "network": network, "mac": "not a MAC"])
            #expect(address?.data?["code"] == "MAC_INVALID")
            let unknown = try await bench.failure(of: "vm.createInterface", ["vm": machine, "network": "nothing"])
            #expect(unknown?.code == 1)
            #expect(
                try await bench.client.call("vif.getLockingModeValues")
                    == ["disabled", "locked", "network_default", "unlocked"])
        }
    }
}
