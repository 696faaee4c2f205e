import Testing
import XAPISimulator
import XOJSON

@Suite struct PowerTests {
    @Test func aGuestGoesThroughItsLife() async throws {
        try await withPool(.init(guestAgentDelay: .milliseconds(20), eventPause: .milliseconds(1))) { _, client in
            let vm = JSON.string(try await client.guest("Halted"))
            func state() async throws -> JSON { try await client.call("VM.get_power_state", vm) }
            let token = try await client.now()

            try await client.call("VM.start", vm, false, false)
            #expect(try await state() == "Running")
            let started = try await client.events(["*"], since: token)
            let record = try #require(started.snapshot(of: vm.string ?? ""))
            let host = try #require(record["resident_on"])
            #expect(record["domid"]?.integer ?? 0 > 0)
            #expect(started.snapshot(of: host.string ?? "")?["resident_VMs"]?.array?.contains(vm) == true)
            #expect(started.summary.isSuperset(of: ["mod vbd", "mod vif", "add console", "mod host_metrics"]))
            let message = try #require(started.list.first { $0["class"] == "message" }?["snapshot"])
            #expect(message["name"] == "VM_STARTED")
            #expect(message["obj_uuid"] == record["uuid"])

            // The agent reports later, and then there is more that can be done.
            let reported = try await client.wait(for: "vm", vm.string ?? "") {
                $0["guest_metrics"] != "OpaqueRef:NULL" && $0["allowed_operations"]?.array?.contains("suspend") == true
            }
            let metrics = try await client.call("VM_guest_metrics.get_record", try #require(reported["guest_metrics"]))
            #expect(metrics["PV_drivers_version"]?["major"] == "8")

            try await client.call("VM.pause", vm)
            #expect(try await state() == "Paused")
            try await client.call("VM.unpause", vm)
            try await client.call("VM.suspend", vm)
            #expect(try await state() == "Suspended")
            let image = try await client.call("VM.get_suspend_VDI", vm)
            #expect(try await client.call("VDI.get_type", image) == "suspend")
            #expect(try await client.call("VM.get_resident_on", vm) == "OpaqueRef:NULL")
            try await client.call("VM.resume", vm, false, false)
            #expect(try await state() == "Running")
            #expect(try await client.failure(of: "VDI.get_uuid", image)?.code == "HANDLE_INVALID")
            try await client.call("VM.clean_reboot", vm)
            #expect(try await state() == "Running")
            try await client.call("VM.hard_shutdown", vm)
            #expect(try await state() == "Halted")
            #expect(try await client.call("VM.get_consoles", vm) == [])
            #expect(try await client.call("VM.get_domid", vm) == -1)
        }
    }

    @Test func impossibleOperationsSayWhy() async throws {
        try await withPool { pool, client in
            let halted = try await client.guest("Halted")
            let running = try await client.guest("Running")
            #expect(
                try await client.failure(of: "VM.start", .string(running), false, false)
                    == XAPIFailure("VM_BAD_POWER_STATE", running, "halted", "running"))
            #expect(
                try await client.failure(of: "VM.destroy", .string(running))
                    == XAPIFailure("VM_BAD_POWER_STATE", running, "halted, suspended", "running"))
            let template = try #require(
                try await client.call("VM.get_by_name_label", "Debian Bookworm 12").array?.first?.string)
            #expect(
                try await client.failure(of: "VM.start", .string(template), false, false)
                    == XAPIFailure("VM_IS_TEMPLATE", template, "start"))
            let snapshot = try #require(
                try await client.records("VM").first { $0.value["is_a_snapshot"] == true }?.key)
            #expect(
                try await client.failure(of: "VM.start", .string(snapshot), false, false)
                    == XAPIFailure("VM_IS_SNAPSHOT", snapshot, "start"))
            try await client.call("VM.add_to_blocked_operations", .string(halted), "start", "maintenance")
            #expect(
                try await client.failure(of: "VM.start", .string(halted), false, false)
                    == XAPIFailure("OPERATION_BLOCKED", halted, "maintenance"))
            #expect(
                try await client.call("VM.get_allowed_operations", .string(halted)).array?.contains("start") == false)
            let silent = try await client.guest("Running", hasAgent: false)
            #expect(
                try await client.failure(of: "VM.clean_shutdown", .string(silent))
                    == XAPIFailure("VM_LACKS_FEATURE", silent))
            try await client.call("VM.remove_from_blocked_operations", .string(halted), "start")
            for host in try await client.records("host").keys { try await client.call("host.disable", .string(host)) }
            #expect(
                try await client.failure(of: "VM.start", .string(halted), false, false)
                    == XAPIFailure("NO_HOSTS_AVAILABLE"))
            let host = try #require(await pool.records(of: "host").keys.first)
            #expect(
                try await client.failure(of: "VM.start_on", .string(halted), .string(host), false, false)
                    == XAPIFailure("HOST_DISABLED", host))
        }
    }

    @Test func aTaskShowsAndEndsAnOperation() async throws {
        // Nothing ends by itself during this test.
        try await withPool(.init(operationDuration: .seconds(3600), eventPause: .milliseconds(1))) { _, client in
            let vm = JSON.string(try await client.guest("Halted"))
            let task = try await client.call("Async.VM.start", vm, false, false)
            let record = try await client.call("task.get_record", task)
            #expect(record["status"] == "pending")
            #expect(record["name_label"] == "Async.VM.start")
            #expect(record["allowed_operations"] == ["cancel"])
            #expect(try await client.call("VM.get_current_operations", vm) == [task.string ?? "": "start"])
            #expect(try await client.call("VM.get_power_state", vm) == "Halted")
            #expect(
                try await client.failure(of: "VM.clone", vm, "copy")
                    == XAPIFailure(
                        "OTHER_OPERATION_IN_PROGRESS", "VM", vm.string ?? "", "start", task.string ?? ""))
            try await client.call("task.cancel", task)
            let cancelled = try await client.call("task.get_record", task)
            #expect(cancelled["status"] == "cancelled")
            #expect(cancelled["error_info"] == ["TASK_CANCELLED", task])
            #expect(try await client.call("VM.get_current_operations", vm) == [:])
            #expect(try await client.call("VM.get_allowed_operations", vm).array?.contains("start") == true)
            try await client.call("task.destroy", task)
            #expect(try await client.failure(of: "task.get_record", task)?.code == "HANDLE_INVALID")
        }
    }

    @Test func tasksEndWithResultOrError() async throws {
        try await withPool(.init(operationDuration: .milliseconds(10), eventPause: .milliseconds(1))) { _, client in
            let vm = JSON.string(try await client.guest("Halted"))
            let clone = try await client.call("Async.VM.clone", vm, "copy of it")
            let done = try await client.wait(for: "task", clone.string ?? "") { $0["status"] != "pending" }
            #expect(done["status"] == "success")
            #expect(done["progress"] == 1)
            let copy = try #require(done["result"]?.string?.firstMatch(of: /<value>(OpaqueRef:[-0-9a-f]+)<\/value>/)?.1)
            #expect(try await client.call("VM.get_name_label", .string(String(copy))) == "copy of it")

            let start = try await client.call("Async.VM.start", vm, false, false)
            let started = try await client.wait(for: "task", start.string ?? "") { $0["status"] != "pending" }
            #expect(started["result"] == "<value></value>")

            let again = try await client.call("Async.VM.start", vm, false, false)
            let failed = try await client.call("task.get_record", again)
            #expect(failed["status"] == "failure")
            #expect(failed["error_info"] == ["VM_BAD_POWER_STATE", vm, "halted", "running"])
        }
    }

    @Test func aSnapshotBelongsToItsGuest() async throws {
        try await withPool { _, client in
            let vm = JSON.string(try await client.guest("Running"))
            let snapshot = try await client.call("VM.snapshot", vm, "before")
            let record = try await client.call("VM.get_record", snapshot)
            #expect(record["snapshot_of"] == vm)
            #expect(record["is_a_template"] == true)
            #expect(record["power_state"] == "Halted")
            #expect(try await client.call("VM.get_snapshots", vm).array?.contains(snapshot) == true)
            #expect(try await client.call("VM.get_parent", vm) == snapshot)
            try await client.call("VM.destroy", snapshot)
            #expect(try await client.call("VM.get_snapshots", vm).array?.contains(snapshot) == false)
        }
    }
}
