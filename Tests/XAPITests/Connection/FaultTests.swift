import Testing
import XAPIPool
import XAPISimulator
import XOJSON

/// What happens while a server misbehaves, and that everything is right again afterwards.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    /// Connects, lets `disturb` do its work, waits for the recovery, and looks whether changes still arrive.
    private func recovers(
        adjust: @Sendable (inout PoolSettings) -> Void = { _ in }, from disturb: (PoolTestBench) async throws -> Void
    ) async throws {
        try await PoolTestBench.run(adjust: adjust) { bench in
            try await bench.connection.start()
            let before = bench.inventory.contents.value.objects.keys
            let statuses = bench.owner.statuses.value.count
            try await disturb(bench)
            await bench.owner.recovered(after: statuses)
            #expect(bench.inventory.contents.value.isLive)
            #expect(Set(bench.inventory.contents.value.objects.keys) == Set(before))
            let vm = try #require(bench.machine("Halted"))
            let (id, ref) = (try #require(vm["id"]?.string), try #require(vm["_xapiRef"]?.string))
            try await bench.simulator.change(ref, ["name_label": "after"])
            await bench.inventory.contents.first { $0.objects[id]?["name_label"] == "after" }
        }
    }

    @Test func restart() async throws { try await recovers { await $0.simulator.restart() } }

    @Test func lossOfTheSession() async throws { try await recovers { await $0.simulator.forgetSessions() } }

    @Test(arguments: [Fault.garbage, .dropConnection])
    func spoiltAnswers(fault: Fault) async throws {
        try await recovers { bench in
            await bench.simulator.inject(fault)
            let statuses = await bench.owner.statuses.first { $0.contains { $0.error != nil } }
            // The objects are kept, and known to be old.
            #expect(!bench.inventory.contents.value.isLive)
            #expect(!bench.inventory.contents.value.objects.isEmpty)
            #expect(statuses.last?.phase == .connected)
            await bench.simulator.heal()
        }
    }

    @Test func stalledAnswers() async throws {
        try await recovers(adjust: { settings in
            settings.timing.eventPoll = .milliseconds(50)
            settings.timing.call = .milliseconds(300)
        }) { bench in
            await bench.simulator.inject(.stall)
            let statuses = await bench.owner.statuses.first { $0.contains { $0.error != nil } }
            #expect(statuses.last?.error?.contains("has not answered") == true)
            await bench.simulator.heal()
        }
    }

    @Test func silenceForTooLongRemovesTheObjects() async throws {
        try await recovers(adjust: { $0.timing.markDisconnectedDelay = .milliseconds(50) }) { bench in
            await bench.simulator.inject(.garbage)
            await bench.inventory.contents.first { $0.objects.isEmpty }
            await bench.owner.statuses.first { $0.last?.phase == .connecting }
            await bench.simulator.heal()
        }
    }

    @Test func theFirstAnswerIsGarbage() async throws {
        try await PoolTestBench.run { bench in
            await bench.simulator.inject(.garbage, times: 1)
            await #expect(throws: PoolProblem.self) { try await bench.connection.start() }
            await bench.owner.statuses.first { $0.last?.phase == .connected }
            #expect(!bench.inventory.contents.value.objects.isEmpty)
        }
    }

    @Test func deletionsThatTheServerHasForgottenAreNoticed() async throws {
        // The pause gathers all changes into one batch.
        try await PoolTestBench.run(.init(virtualMachines: 320, eventPause: .seconds(6))) { bench in
            try await bench.connection.start()
            let disks = await bench.simulator.records(of: "VBD")
            // A server remembers the last 256 to 512 only; the others show in its count.
            #expect(disks.count > 600)
            for ref in disks.keys { try await bench.simulator.destroy(ref) }
            await bench.inventory.contents.first { $0.objects(ofType: "VBD").isEmpty }
            #expect(bench.monitor.calls.value.count { $0 == "VBD.get_all_records" } > 1)
        }
    }

    // MARK: Certificates

    @Test func aCertificateThatNobodyVouchesForIsRefused() async throws {
        try await PoolTestBench.run(.init(virtualMachines: 1, tls: true)) { bench in
            let error = await #expect(throws: PoolProblem.self) { try await bench.connection.start() }
            // What the administrator compares with the server's console.
            let found = bench.simulator.certificateFingerprint
            #expect(found != nil)
            guard case .untrustedCertificate(_, found) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(await bench.simulator.records(of: "session").isEmpty)
        }
    }

    @Test func anAcceptedCertificateIsPinned() async throws {
        try await PoolTestBench.run(.init(virtualMachines: 1, tls: true), adjust: { $0.allowsUnauthorized = true }) {
            bench in
            try await bench.connection.start()
            let pins = await bench.owner.fingerprints.first { !$0.isEmpty }
            #expect(pins["127.0.0.1"] == bench.simulator.certificateFingerprint)
        }
    }

    @Test func aChangedCertificateIsRefused() async throws {
        let other = Array(repeating: "00", count: 32).joined(separator: ":")
        try await PoolTestBench.run(
            .init(virtualMachines: 1, tls: true),
            adjust: { settings in
                settings.allowsUnauthorized = true
                settings.pins = ["127.0.0.1": other]
            }
        ) { bench in
            let error = await #expect(throws: PoolProblem.self) { try await bench.connection.start() }
            let text = error.map { "\($0)" } ?? ""
            let found = try #require(bench.simulator.certificateFingerprint)
            #expect(text.contains(other) && text.contains(found))
            #expect(await bench.simulator.records(of: "session").isEmpty)
        }
    }
}
