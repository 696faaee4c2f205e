import Testing
import XAPISimulator
import XOClient
import XOJSON

/// `vm.*` and `tag.*`, through a real host.
@Suite(.timeLimit(.minutes(10))) struct MachineMethodTests {
    @Test func powerOfAMachine() async throws {
        try await PluginTestBench.run { bench in
            let id = JSON.string(try await bench.machine("Halted"))
            func call(_ method: String, _ more: JSONObject = [:], leadsTo state: String) async throws {
                let parameters = (["id": id] as JSONObject).adding(more)
                let result = try await bench.client.call(method, params: .object(parameters))
                #expect(result == true)
                try await bench.wait(for: "power_state", of: id.string ?? "", toBe: .string(state))
            }
            try await call("vm.start", leadsTo: "Running")
            try await call("vm.pause", leadsTo: "Paused")
            // There is no method to unpause: starting does it.
            try await call("vm.start", leadsTo: "Running")
            try await call("vm.restart", ["force": true], leadsTo: "Running")
            try await call("vm.stop", ["force": true], leadsTo: "Halted")
            let host = try #require(try await bench.objects(ofType: "host").first?["id"])
            try await call("vm.start", ["host": host], leadsTo: "Running")
            #expect(try await bench.object(id.string ?? "")["$container"] == host)

            let suspended = JSON.string(try await bench.machine("Suspended"))
            for method in ["vm.resume", "vm.suspend", "vm.start"] {
                #expect(try await bench.client.call(method, params: ["id": suspended]) == true)
            }
            try await bench.wait(for: "power_state", of: suspended.string ?? "", toBe: "Running")
        }
    }

    @Test func errorsAreTold() async throws {
        try await PluginTestBench.run { bench in
            let halted = JSON.string(try await bench.machine("Halted"))
            let stop = try await bench.failure(of: "vm.stop", ["id": halted])
            #expect(stop?.code == 13)
            #expect(stop?.data == ["objectId": halted, "expected": "running", "actual": "halted"])

            let running = JSON.string(try await bench.machine("Running", withDrivers: false))
            let clean = try await bench.failure(of: "vm.stop", ["id": running])
            #expect(clean?.code == 10)
            #expect(clean?.message == "clean shutdown requires PV drivers")

            #expect(try await bench.failure(of: "vm.start", ["id": "nothing"])?.code == 1)
            let template = try #require(try await bench.objects(ofType: "VM-template").first?["id"])
            #expect(try await bench.failure(of: "vm.start", ["id": template])?.code == 1)
        }
    }

    @Test func blockedOperationsAreLiftedByForce() async throws {
        try await PluginTestBench.run { bench in
            let id = try await bench.machine("Halted")
            _ = try await bench.client.call(
                "vm.set", params: ["id": .string(id), "blockedOperations": ["start": "because"]])
            try await bench.wait(for: "blockedOperations", of: id, toBe: ["start": "because"])
            let error = try await bench.failure(of: "vm.start", ["id": .string(id)])
            #expect(error?.code == 5)
            #expect(error?.data?["reason"] == "because")
            _ = try await bench.client.call("vm.start", params: ["id": .string(id), "force": true])
            try await bench.wait(for: "power_state", of: id, toBe: "Running")
            try await bench.wait(for: "blockedOperations", of: id, toBe: ["start": "because"])
        }
    }

    @Test func duplicatedMACAddresses() async throws {
        try await PluginTestBench.run { bench in
            let halted = try await bench.object(try await bench.machine("Halted"))
            let running = try await bench.object(try await bench.machine("Running"))
            let card = try await bench.object(try #require(halted["VIFs"]?[0]?.string))
            let other = try await bench.object(try #require(running["VIFs"]?[0]?.string))
            let address = try #require(other["MAC"])
            try await bench.simulator.change(try #require(card["_xapiRef"]?.string), ["MAC": address])
            try await bench.wait(for: "MAC", of: card["id"]?.string ?? "", toBe: address)

            let id = try #require(halted["id"])
            let error = try await bench.failure(of: "vm.start", ["id": id])
            #expect(error?.code == 21)
            #expect(error?.data == ["objectId": id, "code": "DUPLICATED_MAC_ADDRESS"])
            #expect(
                try await bench.client.call("vm.start", params: ["id": id, "bypassMacAddressesCheck": true]) == true)
        }
    }

    @Test func settings() async throws {
        try await PluginTestBench.run { bench in
            let id = try await bench.machine("Halted")
            _ = try await bench.client.call(
                "vm.set",
                params: [
                    "id": .string(id), "name_label": "renamed", "name_description": "", "notes": "a note",
                    "auto_poweron": true, "startDelay": 7, "coresPerSocket": 2, "cpuMask": [0, 1], "secureBoot": true,
                    "xenStoreData": ["vm-data/key": "value"],
                ])
            let expected: JSONObject = [
                "name_label": "renamed", "name_description": "", "notes": "a note", "auto_poweron": true,
                "startDelay": 7, "coresPerSocket": 2, "cpuMask": [0, 1], "secureBoot": true,
            ]
            for (property, value) in expected { try await bench.wait(for: property, of: id, toBe: value) }
            #expect(try await bench.object(id)["xenStoreData"]?["vm-data/key"] == "value")
            #expect(try await bench.objects(ofType: "pool").first?["auto_poweron"] == true)

            _ = try await bench.client.call(
                "vm.set", params: ["id": .string(id), "notes": nil, "coresPerSocket": nil, "auto_poweron": false])
            try await bench.wait(for: "notes", of: id, toBe: nil)
            try await bench.wait(for: "auto_poweron", of: id, toBe: false)
            #expect(
                try await bench.failure(of: "vm.set", ["id": .string(id), "affinityHost": "nobody"])?.code == 1)
        }
    }

    @Test func tags() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let network = try #require(try await bench.objects(ofType: "network").first?["id"]?.string)
            for id in [machine, network] {
                let before = try #require(try await bench.object(id)["tags"]?.array)
                let parameters: JSON = ["id": .string(id), "tag": "precious"]
                _ = try await bench.client.call("tag.add", params: parameters)
                _ = try await bench.client.call("tag.add", params: parameters)
                try await bench.wait(for: "tags", of: id, toBe: .array(before + ["precious"]))
                _ = try await bench.client.call("tag.remove", params: parameters)
                try await bench.wait(for: "tags", of: id, toBe: .array(before))
            }
            let disk = try #require(try await bench.objects(ofType: "VBD").first?["id"])
            #expect(try await bench.failure(of: "tag.add", ["id": disk, "tag": "x"])?.code == 10)
        }
    }

    @Test func readOnlyServersAreNotChanged() async throws {
        try await PluginTestBench.run { bench in
            let server = try #require(try await bench.client.call("server.getAll")[0]?["id"])
            let id = JSON.string(try await bench.machine("Halted"))
            _ = try await bench.client.call("server.set", params: ["id": server, "readOnly": true])
            for (method, more) in [("vm.start", [:]), ("vm.set", ["name_label": "x"]), ("tag.add", ["tag": "x"])]
                as [(String, JSONObject)]
            {
                let error = try await bench.failure(of: method, .object((["id": id] as JSONObject).adding(more)))
                #expect(error?.code == 5)
                #expect(error?.data?["reason"]?.string?.contains("read-only") == true)
            }
            _ = try await bench.client.call("server.set", params: ["id": server, "readOnly": false])
            #expect(try await bench.client.call("vm.start", params: ["id": id]) == true)
        }
    }
}
