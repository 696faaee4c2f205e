import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// `disk.*`, `vdi.*`, `vbd.*` and the drives of VMs, through a real host.
@Suite(.timeLimit(.minutes(10))) struct DiskMethodTests {
    /// A storage that takes disks.
    private func storage(_ bench: PluginTestBench) async throws -> JSON {
        let storages = try await bench.objects(ofType: "SR")
        let fitting = storages.first { $0["content_type"] == "user" && $0["shared"] == true }
        return try #require((fitting ?? storages.first { $0["content_type"] == "user" })?["id"])
    }

    private func drives(of machine: String, _ bench: PluginTestBench) async throws -> [JSON] {
        try await bench.objects(ofType: "VBD").filter { $0["VM"]?.string == machine }
    }

    @Test func aDiskFromItsMakingToItsEnd() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let made = try await bench.client.call(
                "disk.create",
                params: ["name": "data", "size": "10GiB", "sr": try await storage(bench), "vm": .string(machine)])
            let disk = try #require(made.string)
            try await bench.wait(for: "size", of: disk, toBe: .integer(10 << 30))
            let drive = try #require(
                try await drives(of: machine, bench).first { $0["VDI"] == .string(disk) }?["id"]?.string)
            try await bench.wait(for: "attached", of: drive, toBe: true)

            // While it is in use its size stays, and so does the disk.
            let grown = try await bench.failure(of: "vdi.set", ["id": .string(disk), "size": "20GiB"])
            #expect(grown?.code == 17)
            let deleted = try await bench.failure(of: "vdi.delete", ["id": .string(disk)])
            #expect(deleted?.code == 17)
            let kept = try await bench.object(drive)
            #expect(kept["attached"] == true && kept["VDI"] == .string(disk))
            _ = try await bench.client.call("vbd.disconnect", params: ["id": .string(drive)])
            try await bench.wait(for: "attached", of: drive, toBe: false)
            _ = try await bench.client.call("vbd.connect", params: ["id": .string(drive)])
            try await bench.wait(for: "attached", of: drive, toBe: true)
            _ = try await bench.client.call("vbd.setBootable", params: ["vbd": .string(drive), "bootable": true])
            try await bench.wait(for: "bootable", of: drive, toBe: true)
            _ = try await bench.client.call("vbd.delete", params: ["id": .string(drive)])
            try await bench.wait(for: "id", of: drive, toBe: nil)

            _ = try await bench.client.call(
                "vdi.set",
                params: ["id": .string(disk), "size": "20 GiB", "name_label": "more", "name_description": ""])
            try await bench.wait(for: "size", of: disk, toBe: .integer(20 << 30))
            try await bench.wait(for: "name_label", of: disk, toBe: "more")
            let smaller = try await bench.failure(of: "vdi.set", ["id": .string(disk), "size": 1024])
            #expect(smaller?.code == 10)
            _ = try await bench.client.call("vdi.delete", params: ["id": .string(disk)])
            try await bench.wait(for: "id", of: disk, toBe: nil)
        }
    }

    @Test func disksComeAndGo() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let disk = try await bench.client.call(
                "disk.create", params: ["name": "spare", "size": 1_048_576, "sr": try await storage(bench)])
            _ = try await bench.client.call(
                "vm.attachDisk", params: ["vm": .string(machine), "vdi": disk, "mode": "RO", "position": "7"])
            let drive = try #require(try await drives(of: machine, bench).first { $0["VDI"] == disk })
            #expect(drive["read_only"] == true)
            #expect(drive["position"] == "7")
            #expect(drive["attached"] == false)
            let taken = try await bench.failure(
                of: "vm.attachDisk", ["vm": .string(machine), "vdi": disk, "position": "7"])
            #expect(taken?.data?["code"] == "DEVICE_ALREADY_EXISTS")
            // On a VM without power it is in nobody's way.
            _ = try await bench.client.call("vdi.delete", params: ["id": disk])
            try await bench.wait(for: "id", of: drive["id"]?.string ?? "", toBe: nil)
        }
    }

    private static let badSizes: [JSON] = ["", "x", "10 furlongs", "-1", "1e999GiB", "9999999PiB", -5, true]

    @Test(arguments: badSizes)
    func badSizesAreRefused(_ size: JSON) async throws {
        try await PluginTestBench.run(.init(virtualMachines: 1)) { bench in
            let error = try await bench.failure(
                of: "disk.create", ["name": "d", "size": size, "sr": try await storage(bench)])
            #expect(error?.code == 10)
        }
    }

    @Test func discsInDrives() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let images = try await bench.objects(ofType: "SR").filter { $0["content_type"] == "iso" }.map { $0["id"] }
            let discs = try await bench.objects(ofType: "VDI").filter { images.contains($0["$SR"]) }
            let (first, second) = (try #require(discs.first?["id"]), try #require(discs.last?["id"]))
            func content() async throws -> JSON? {
                try await drives(of: machine, bench).first { $0["is_cd_drive"] == true }?["VDI"]
            }
            func insert(_ disc: JSON, _ more: JSONObject = [:]) async throws {
                _ = try await bench.client.call(
                    "vm.insertCd",
                    params: .object((["id": .string(machine), "cd_id": disc] as JSONObject).adding(more)))
                _ = try await poll({ try await content() }, until: { $0 == disc })
            }
            try await insert(first)
            try await insert(second)
            let refused = try await bench.failure(
                of: "vm.insertCd", ["id": .string(machine), "cd_id": first, "force": false])
            #expect(refused?.message.contains("a disc in the drive") == true)
            for _ in 0..<2 { _ = try await bench.client.call("vm.ejectCd", params: ["id": .string(machine)]) }
            _ = try await poll({ try await content() }, until: { $0 == nil })
        }
    }

    /// Rights on a VM are none on storages.
    @Test func whoMayNotUseAStorageMakesNoDisks() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let user = try await bench.host.addUser("bob", "bob's password")
            _ = try await bench.client.call(
                "acl.add", params: ["subject": .string(user), "object": .string(machine), "action": "admin"])
            let bob = try await bench.host.connect(as: "bob", "bob's password")
            let storage = try await storage(bench)
            await #expect(throws: RemoteError.self) {
                try await bob.call(
                    "disk.create", params: ["name": "d", "size": 1024, "sr": storage, "vm": .string(machine)])
            }
            _ = try await bob.call("vm.ejectCd", params: ["id": .string(machine)])
            await bob.close()
        }
    }
}
