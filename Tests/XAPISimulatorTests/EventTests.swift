import Testing
import XAPISimulator
import XOJSON

@Suite struct EventTests {
    @Test func anEmptyTokenListsEverything() async throws {
        try await withPool { _, client in
            let events = try await client.events(["VM", "message"])
            #expect(events.summary == ["add vm", "add message"])
            #expect(events.counts["vm"] == .integer(Int64(try await client.records("VM").count)))
            #expect(events.counts["message"] == nil)
            let token = try #require(events.token.string)
            #expect(token.wholeMatch(of: /[0-9]{20},[0-9]{20}/) != nil)
            let message = try #require(events.list.first)
            #expect(message["class"] == "message")
            #expect(message["id"] == "0")
            let (reference, record) = try #require(try await client.records("VM").elements.first)
            #expect(events.snapshot(of: reference) == record)
        }
    }

    @Test func changesCoalesceAndUnchangedWritesAreSilent() async throws {
        try await withPool { _, client in
            let vm = try await client.guest("Halted")
            let token = try await client.now()
            let old = try await client.call("VM.get_name_label", .string(vm))
            try await client.call("VM.set_name_label", .string(vm), old)
            #expect(try await client.events(["*"], since: token).list.isEmpty)
            try await client.call("VM.set_name_label", .string(vm), "a")
            try await client.call("VM.set_name_label", .string(vm), "b")
            let events = try await client.events(["*"], since: token)
            #expect(events.summary == ["mod vm"])
            #expect(events.list.count == 1)
            #expect(events.snapshot(of: vm)?["name_label"] == "b")
            #expect(try await client.events(["*"], since: events.token).list.isEmpty)
            #expect(try await client.events(["host"], since: token).list.isEmpty)
        }
    }

    @Test func bothEndsOfARelationChange() async throws {
        try await withPool { _, client in
            let vm = try await client.guest("Halted")
            let network = try #require(try await client.call("network.get_by_name_label", "vlan20-backup").array?.first)
            let token = try await client.now()
            let vif = try await client.call(
                "VIF.create",
                [
                    "device": "1", "network": network, "VM": .string(vm), "MAC": "", "MTU": 1500,
                    "other_config": [:], "qos_algorithm_type": "", "qos_algorithm_params": [:],
                ])
            let events = try await client.events(["*"], since: token)
            #expect(events.summary == ["add vif", "add vif_metrics", "mod vm", "mod network"])
            #expect(events.snapshot(of: network.string ?? "")?["VIFs"] == [vif])
            try await client.call("VIF.destroy", vif)
            let later = try await client.events(["vif", "network"], since: events.token)
            #expect(later.summary == ["del vif", "mod network"])
            #expect(later.list.first { $0["operation"] == "del" }?["snapshot"] == nil)
            // Made and destroyed in between: nothing.
            #expect(try await client.events(["vif"], since: token).list.isEmpty)
        }
    }

    @Test func injectionStandsJustBeforeItsChange() async throws {
        try await withPool { _, client in
            let pool = try #require(try await client.call("pool.get_all").array?.first)
            let token = try await client.call("event.inject", "pool", pool)
            let events = try await client.events(["*"], since: token)
            #expect(events.summary == ["mod pool"])
            #expect(
                try await client.failure(of: "event.inject", "vm", pool)
                    == XAPIFailure("HANDLE_INVALID", "vm", pool.string ?? ""))
        }
    }

    @Test func waitingCallsAreWokenSideBySide() async throws {
        try await withPool { pool, client in
            let token = try await client.now()
            let vm = try await client.guest("Halted")
            let other = try await client.guest("Running")
            async let all = client.events(["*"], since: token, timeout: 60)
            async let single = client.events(["vm/\(vm)"], since: token, timeout: 60)
            async let unrelated = client.events(["vm/\(other)", "host"], since: token, timeout: 0.2)
            try await pool.change(vm, ["name_label": "changed"])
            #expect(try await all.summary == ["mod vm"])
            #expect(try await single.snapshot(of: vm)?["name_label"] == "changed")
            let nothing = try await unrelated
            #expect(nothing.list.isEmpty)
            #expect(nothing.token.string ?? "" >= token.string ?? "")
        }
    }

    @Test func waitingEndsWithTheSession() async throws {
        try await withPool { pool, client in
            let token = try await client.now()
            async let waiting = client.failure(of: "event.from", ["vm"], token, 60.5)
            // Whether the call comes before or after this, its session is gone.
            await pool.forgetSessions()
            #expect(try await waiting == XAPIFailure("SESSION_INVALID", client.session))
        }
    }

    @Test func malformedParametersAreNamed() async throws {
        try await withPool { _, client async throws in
            #expect(
                try await client.failure(of: "event.from", ["vm"], "12", 0.0)
                    == XAPIFailure("EVENT_FROM_TOKEN_PARSE_FAILURE", "12"))
            #expect(
                try await client.failure(of: "event.from", ["a/b/c"], "", 0.0)
                    == XAPIFailure("EVENT_SUBSCRIPTION_PARSE_FAILURE", "a/b/c"))
        }
    }

    @Test func onlyTheLastDeletionsAreRemembered() async throws {
        try await withPool(.init(virtualMachines: 300, eventPause: .milliseconds(1))) { pool, client in
            let before = try await client.events(["vif"])
            let victims = await pool.records(of: "VIF").keys.sorted()
            for vif in victims.prefix(200) { try await pool.destroy(vif) }
            #expect(try await client.events(["vif"], since: before.token).list.count == 200)
            for vif in victims { try? await pool.destroy(vif) }
            try await client.call("pool.get_all")
            await pool.restart()
            let again = try await PoolClient(pool)
            let after = try await again.events(["vif"], since: before.token)
            #expect(after.list.isEmpty, "a restart forgets")
            #expect(after.counts["vif"] == 0, "but the count tells")
        }
    }
}
