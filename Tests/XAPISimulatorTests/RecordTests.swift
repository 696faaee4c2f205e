import Testing
import XAPISimulator
import XOJSON

@Suite struct RecordTests {
    @Test func recordsOfAClassHaveTheSameKeysAndReferToWhatExists() async throws {
        try await withPool(.init(virtualMachines: 30)) { pool, client in
            let methods =
                try await PoolClient.call(pool.port, "system.listMethods", []).array?.compactMap(\.string) ?? []
            #expect(methods.count == 2188)
            let classes = methods.filter { $0.hasSuffix(".get_all_records") }.map { String($0.dropLast(16)) }
            var all: [String: JSONObject] = [:]
            for className in classes { all[className] = try await client.records(className) }
            let references = Set(all.values.flatMap(\.keys))
            for (className, records) in all {
                let keys = records.values.first?.object?.keys
                for (reference, record) in records {
                    let members = try #require(record.object)
                    #expect(members.keys == keys, "\(className) \(reference)")
                    for (field, value) in members {
                        for text in [value.string].compactMap({ $0 }) + (value.array ?? []).compactMap(\.string)
                        where text.hasPrefix("OpaqueRef:") && text != "OpaqueRef:NULL" {
                            #expect(references.contains(text), "\(className).\(field) refers to nothing")
                        }
                    }
                }
            }
            // Both ends of some relations agree.
            for (set, other, back) in [
                ("VM.VBDs", "VBD", "VM"), ("SR.VDIs", "VDI", "SR"), ("host.resident_VMs", "VM", "resident_on"),
                ("network.VIFs", "VIF", "network"), ("VDI.VBDs", "VBD", "VDI"), ("VM.snapshots", "VM", "snapshot_of"),
            ] {
                let parts = set.split(separator: ".").map(String.init)
                for (reference, record) in try #require(all[parts[0]]) {
                    let listed = Set(record[parts[1]]?.array?.compactMap(\.string) ?? [])
                    let actual = all[other]?.filter { $0.value[back]?.string == reference }.map(\.key) ?? []
                    #expect(listed == Set(actual), "\(set) of \(reference)")
                }
            }
        }
    }

    @Test func thePoolHasGuestsInAllStates() async throws {
        try await withPool(.init(hosts: 2, virtualMachines: 10)) { pool, client in
            let guests = try await client.records("VM").values.filter {
                $0["is_a_template"] == false && $0["is_control_domain"] == false
            }
            #expect(guests.count == 10)
            #expect(Set(guests.map { $0["power_state"]?.string }) == ["Running", "Halted", "Suspended", "Paused"])
            let hosts = try await client.records("host").values
            #expect(hosts.count == 2)
            #expect(Set(hosts.map { $0["address"] }) == ["127.0.0.1"])
            let templates = try await client.records("VM").values.filter { $0["is_default_template"] == true }
            #expect(templates.contains { $0["name_label"] == "Debian Bookworm 12" })
        }
    }

    @Test func theSameSeedMakesTheSamePool() async throws {
        func references(_ seed: UInt64) async throws -> Set<String> {
            let pool = try await SimulatedPool.start(.init(seed: seed))
            let records = await pool.records(of: "VM")
            await pool.stop()
            return Set(records.keys)
        }
        #expect(try await references(5) == references(5))
        #expect(try await references(5).isDisjoint(with: references(6)))
    }

    @Test func mapsAndSetsAreChangedByElement() async throws {
        try await withPool { _, client in
            let vm = JSON.string(try await client.guest("Halted"))
            try await client.call("VM.set_other_config", vm, ["a": "1"])
            #expect(
                try await client.failure(of: "VM.add_to_other_config", vm, "a", "2")
                    == XAPIFailure("MAP_DUPLICATE_KEY", "VM", "other_config", vm.string ?? "", "a"))
            try await client.call("VM.remove_from_other_config", vm, "a")
            try await client.call("VM.remove_from_other_config", vm, "a")
            try await client.call("VM.add_to_other_config", vm, "a", "2")
            #expect(try await client.call("VM.get_other_config", vm) == ["a": "2"])
            try await client.call("VM.set_tags", vm, [])
            try await client.call("VM.add_tags", vm, "x")
            try await client.call("VM.add_tags", vm, "x")
            #expect(try await client.call("VM.get_tags", vm) == ["x"])
            #expect(try await client.failure(of: "VM.set_actions_after_reboot", vm, "FLY")?.code == "INVALID_VALUE")
            try await client.call("VM.set_actions_after_reboot", vm, "DESTROY")
            #expect(try await client.call("VM.get_actions_after_reboot", vm) == "destroy")
        }
    }

    @Test func filtersSelectRecords() async throws {
        try await withPool { _, client async throws in
            func count(_ filter: String) async throws -> Int? {
                try await client.call("VM.get_all_records_where", .string(filter)).object?.count
            }
            #expect(try await count("true") == (try await client.records("VM")).count)
            #expect(try await count("field \"is_control_domain\" = \"true\"") == 3)
            #expect(try await count("field \"name__label\" = \"web-01\" or (false and not true)") == 1)
            #expect(
                try await count("not field \"is_a_template\" = \"true\" and field \"power_state\" = \"Paused\"") == 2)
            #expect(try await client.failure(of: "VM.get_all_records_where", "field name")?.code == "INVALID_VALUE")
            #expect(
                try await client.failure(
                    of: "VM.get_all_records_where", .string(String(repeating: "(", count: 1000)))?.code
                    == "INVALID_VALUE")
        }
    }

    @Test func devicesAreMadeAndDestroyed() async throws {
        try await withPool { _, client in
            let vm = JSON.string(try await client.guest("Halted"))
            let storage = try #require(
                try await client.call("SR.get_by_name_label", "nfs-vm").array?.first)
            let vdi = try await client.call(
                "VDI.create",
                [
                    "name_label": "data", "name_description": "", "SR": storage, "virtual_size": "1000000",
                    "type": "user", "sharable": false, "read_only": false, "other_config": [:],
                ])
            #expect(try await client.call("VDI.get_virtual_size", vdi) == 2_097_152)
            let drive: JSON = [
                "VM": vm, "VDI": vdi, "userdevice": "autodetect", "bootable": false, "mode": "RW", "type": "Disk",
                "empty": false, "other_config": [:], "qos_algorithm_type": "", "qos_algorithm_params": [:],
            ]
            let vbd = try await client.call("VBD.create", drive)
            #expect(try await client.call("VBD.get_userdevice", vbd) == "1")
            #expect(try await client.call("VM.get_VBDs", vm).array?.contains(vbd) == true)
            var taken = try #require(drive.object)
            taken["userdevice"] = "1"
            #expect(
                try await client.failure(of: "VBD.create", .object(taken))
                    == XAPIFailure("DEVICE_ALREADY_EXISTS", "1"))
            try await client.call("VBD.destroy", vbd)
            try await client.call("VDI.destroy", vdi)
            #expect(try await client.failure(of: "VDI.get_record", vdi)?.code == "HANDLE_INVALID")
        }
    }

    @Test func aLargePoolIsMadeAndListed() async throws {
        try await withPool(.init(hosts: 4, virtualMachines: 2_000)) { pool, client in
            let answer = try await client.call("VM_metrics.get_all_records").object
            #expect((answer?.count ?? 0) > 2_000)
            let vm = try await client.guest("Halted")
            let token = try await client.now()
            try await client.call("VM.start", .string(vm), false, false)
            #expect(try await client.events(["vm"], since: token).list.count == 1)
        }
    }
}
