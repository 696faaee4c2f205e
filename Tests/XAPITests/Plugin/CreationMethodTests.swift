import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// `vm.create`, through a real host.
@Suite(.timeLimit(.minutes(10))) struct CreationMethodTests {
    private func template(_ bench: PluginTestBench) async throws -> JSON {
        let templates = try await bench.objects(ofType: "VM-template")
        return try #require(templates.first { $0["virtualizationMode"] == "hvm" }?["id"])
    }

    private func storage(_ bench: PluginTestBench) async throws -> JSON {
        try #require(try await bench.objects(ofType: "SR").first { $0["content_type"] == "user" }?["id"])
    }

    @Test func aMachineIsMadeAndStarted() async throws {
        try await PluginTestBench.run { bench in
            let networks = try await bench.objects(ofType: "network").compactMap { $0["id"] }
            let request: JSON = [
                "template": try await template(bench), "name_label": "web-1", "name_description": "the first",
                "CPUs": 2, "cpusMax": 4, "memory": "4GiB", "bootAfterCreate": true,
                "VIFs": [["network": networks[0], "mac": "02:00:00:00:00:01"], ["network": networks[1]]],
                "VDIs": [
                    ["name_label": "root", "size": "10GiB", "SR": try await storage(bench), "type": "system"],
                    ["name_label": "data", "size": 2_097_152, "SR": try await storage(bench), "type": "user"],
                ],
            ]
            let machine = try #require(try await bench.client.call("vm.create", params: request).string)
            try await bench.wait(for: "power_state", of: machine, toBe: "Running")
            let record = try await bench.object(machine)
            #expect(record["type"] == "VM")
            #expect(record["name_label"] == "web-1")
            #expect(record["name_description"] == "the first")
            #expect(record["CPUs"]?["max"] == 4)
            #expect(record["memory"]?["dynamic"]?[1] == .integer(4 << 30))
            let cards = try await bench.objects(ofType: "VIF").filter { $0["$VM"]?.string == machine }
            let connected = Set(cards.compactMap { $0["$network"]?.string })
            #expect(connected == Set(networks.prefix(2).compactMap(\.string)))
            #expect(cards.contains { $0["MAC"] == "02:00:00:00:00:01" })
            let drives = try await bench.objects(ofType: "VBD").filter { $0["VM"]?.string == machine }
            let disks = try await bench.objects(ofType: "VDI").filter { disk in
                drives.contains { $0["VDI"] == disk["id"] }
            }
            let names = disks.compactMap { $0["name_label"]?.string }
            #expect(names.contains("root") && names.contains("data"))
        }
    }

    @Test func aSystemIsInstalledFromADiscOrTheNetwork() async throws {
        try await PluginTestBench.run { bench in
            let images = try await bench.objects(ofType: "SR").filter { $0["content_type"] == "iso" }.map { $0["id"] }
            let disc = try #require(
                try await bench.objects(ofType: "VDI").first { images.contains($0["$SR"]) }?["id"])
            let cd: JSON = [
                "template": try await template(bench), "name_label": "by disc",
                "installation": ["method": "cd", "repository": disc],
            ]
            let first = try await bench.client.call("vm.create", params: cd)
            let drives = try await poll {
                try await bench.objects(ofType: "VBD").filter { $0["VM"] == first && $0["VDI"] == disc }
            } until: {
                !$0.isEmpty
            }
            #expect(drives.first?["is_cd_drive"] == true)
            let network: JSON = [
                "template": try await template(bench), "name_label": "by network", "clone": false,
                "installation": ["method": "network", "repository": "pxe"],
            ]
            let second = try await bench.client.call("vm.create", params: network)
            let boot = try await poll(
                { try await bench.object(second.string ?? "")["boot"] },
                until: {
                    $0?["order"]?.string?.hasPrefix("n") == true
                })
            #expect(boot?["order"]?.string?.hasPrefix("n") == true)
        }
    }

    /// What fails half-way leaves nothing behind.
    @Test func whatCannotBeMadeIsNotMadeInPart() async throws {
        try await PluginTestBench.run { bench in
            let before = (
                try await bench.objects(ofType: "VM").count, try await bench.objects(ofType: "VDI").count
            )
            let template = try await template(bench)
            let storage = try await storage(bench)
            let wrong: [JSONObject] = [
                ["VIFs": [["network": "nothing"]]], ["VDIs": [["size": "much", "SR": storage]]],
                ["VDIs": [["size": 1024, "SR": storage], ["size": 1024, "SR": "nothing"]]],
                ["installation": ["method": "magic", "repository": ""]], ["memory": "plenty"],
                ["cloudConfig": "#cloud-config"],
            ]
            for wrong in wrong {
                let request = (["template": template, "name_label": "half"] as JSONObject).adding(wrong)
                let error = try await bench.failure(of: "vm.create", .object(request))
                #expect(error != nil, "\(wrong)")
            }
            _ = try await poll({ try await bench.objects(ofType: "VM").count }, until: { $0 == before.0 })
            _ = try await poll({ try await bench.objects(ofType: "VDI").count }, until: { $0 == before.1 })
        }
    }
}
