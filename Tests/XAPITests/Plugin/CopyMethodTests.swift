import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// Copies, snapshots, templates and the end of VMs, through a real host.
@Suite(.timeLimit(.minutes(10))) struct CopyMethodTests {
    private func disks(of machine: String, _ bench: PluginTestBench) async throws -> Set<String> {
        let drives = try await bench.objects(ofType: "VBD").filter {
            $0["VM"]?.string == machine && $0["is_cd_drive"] == false
        }
        return Set(drives.compactMap { $0["VDI"]?.string })
    }

    @Test func aSnapshotIsGoneBackTo() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let before = try await disks(of: machine, bench)
            #expect(!before.isEmpty)
            let made = try await bench.client.call(
                "vm.snapshot", params: ["id": .string(machine), "name": "first", "description": "before"])
            let snapshot = try #require(made.string)
            try await bench.wait(for: "name_description", of: snapshot, toBe: "before")
            let record = try await bench.object(snapshot)
            #expect(record["type"] == "VM-snapshot")
            #expect(record["name_label"] == "first")
            #expect(record["$snapshot_of"] == .string(machine))
            let snapshots = try await bench.object(machine)["snapshots"]?.array ?? []
            #expect(snapshots.contains(.string(snapshot)))

            _ = try await bench.client.call("vm.revert", params: ["snapshot": .string(snapshot)])
            for disk in before { try await bench.wait(for: "id", of: disk, toBe: nil) }
            let after = try await disks(of: machine, bench)
            #expect(after.isDisjoint(with: before) && after.count == before.count)
            let reverted = try await bench.object(machine)
            #expect(reverted["power_state"] == "Halted")

            // Without a name it is the VM's with the time.
            let other = try await bench.client.call("vm.snapshot", params: ["id": .string(machine)])
            let name = reverted["name_label"]?.string ?? ""
            let unnamed = try await bench.object(other.string ?? "")["name_label"]?.string ?? ""
            #expect(unnamed.hasPrefix("\(name)_20"))
        }
    }

    @Test func memoryComesBack() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let snapshot = try await bench.client.call(
                "vm.snapshot", params: ["id": .string(machine), "saveMemory": true])
            try await bench.wait(for: "power_state", of: snapshot.string ?? "", toBe: "Suspended")
            _ = try await bench.client.call("vm.stop", params: ["id": .string(machine), "force": true])
            _ = try await bench.client.call("vm.revert", params: ["snapshot": snapshot])
            try await bench.wait(for: "power_state", of: machine, toBe: "Running")
        }
    }

    @Test(arguments: [false, true])
    func aCloneIsAnother(_ isFull: Bool) async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let clone = try #require(
                try await bench.client.call(
                    "vm.clone", params: ["id": .string(machine), "name": "twin", "full_copy": .bool(isFull)]
                ).string)
            try await bench.wait(for: "name_label", of: clone, toBe: "twin")
            let (own, others) = (try await disks(of: clone, bench), try await disks(of: machine, bench))
            #expect(own.count == others.count && own.isDisjoint(with: others))
            let empty = try await bench.failure(
                of: "vm.clone", ["id": .string(machine), "name": "", "full_copy": true])
            #expect(empty?.code == 10)
        }
    }

    @Test func oneThatRunsIsCopiedToAnotherStorage() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let snapshots = try await bench.object(machine)["snapshots"]
            let storage = try #require(
                try await bench.objects(ofType: "SR").last { $0["content_type"] == "user" }?["id"])
            let copy = try #require(
                try await bench.client.call(
                    "vm.copy", params: ["vm": .string(machine), "sr": storage, "name": "elsewhere"]
                ).string)
            try await bench.wait(for: "type", of: copy, toBe: "VM")
            for disk in try await disks(of: copy, bench) {
                #expect(try await bench.object(disk)["$SR"] == storage)
            }
            // The snapshot that it was made of is gone.
            try await bench.wait(for: "snapshots", of: machine, toBe: snapshots)
        }
    }

    @Test func templatesAndTheEnd() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            let own = try await disks(of: machine, bench)
            let snapshot = try await bench.client.call("vm.snapshot", params: ["id": .string(machine)])
            _ = try await bench.client.call("vm.copyToTemplate", params: ["id": snapshot])
            _ = try await bench.client.call("vm.convertToTemplate", params: ["id": .string(machine)])
            try await bench.wait(for: "type", of: machine, toBe: "VM-template")
            _ = try await bench.client.call("vm.delete", params: ["id": .string(machine)])
            for id in own.union([machine, snapshot.string ?? ""]) { try await bench.wait(for: "id", of: id, toBe: nil) }
        }
    }

    @Test func whatIsProtectedStays() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            _ = try await bench.client.call(
                "vm.set", params: ["id": .string(machine), "blockedOperations": ["destroy": "the crown jewels"]])
            try await bench.wait(for: "blockedOperations", of: machine, toBe: ["destroy": "the crown jewels"])
            let blocked = try await bench.failure(of: "vm.delete", ["id": .string(machine)])
            #expect(blocked?.code == 5)
            let own = try await disks(of: machine, bench)
            _ = try await bench.client.call(
                "vm.delete", params: ["id": .string(machine), "force": true, "deleteDisks": false])
            try await bench.wait(for: "id", of: machine, toBe: nil)
            for disk in own { #expect(try await bench.object(disk)["id"]?.string == disk) }

            let template = try #require(
                try await bench.objects(ofType: "VM-template").first { $0["isDefaultTemplate"] == true }?["id"])
            #expect(try await bench.failure(of: "vm.delete", ["id": template])?.code == 25)
        }
    }

    @Test func aPoolToLookAtIsNotChanged() async throws {
        try await PluginTestBench.run { bench in
            let machine = JSON.string(try await bench.machine("Halted"))
            let server = try #require(try await bench.client.call("server.getAll")[0]?["id"])
            _ = try await bench.client.call("server.set", params: ["id": server, "readOnly": true])
            for method in ["vm.delete", "vm.snapshot", "vm.convertToTemplate"] {
                let error = try await bench.failure(of: method, ["id": machine])
                #expect(error?.code == 5)
            }
        }
    }
}
