import Testing
import XAPISimulator
import XOJSON

/// Hosts with addresses of their own: who answers what, and what a lost one takes with it.
@Suite struct HostTests {
    private func run(
        _ first: String, _ more: (inout SimulatedPool.Configuration) -> Void = { _ in },
        _ body: (SimulatedPool, [SimulatedPool.HostStatus]) async throws -> Void
    ) async throws {
        var configuration = SimulatedPool.Configuration(
            hosts: 3, virtualMachines: 9, hostAddresses: .each(first: first), guestAgentDelay: .zero)
        more(&configuration)
        let pool = try await SimulatedPool.start(configuration)
        do { try await body(pool, await pool.hosts) } catch {
            await pool.stop()
            throw error
        }
        await pool.stop()
    }

    private func call(
        _ pool: SimulatedPool, _ host: SimulatedPool.HostStatus, _ method: String, _ parameters: JSON...
    ) async throws -> JSON {
        try await PoolClient.call(pool.port, method, parameters, at: host.address)
    }

    private func failure(
        _ pool: SimulatedPool, _ host: SimulatedPool.HostStatus, _ method: String, _ parameters: JSON...
    ) async throws -> XAPIFailure? {
        do {
            _ = try await PoolClient.call(pool.port, method, parameters, at: host.address)
            return nil
        } catch let failure as XAPIFailure {
            return failure
        }
    }

    private func login(_ pool: SimulatedPool, _ host: SimulatedPool.HostStatus) async throws -> JSON {
        try await call(pool, host, "session.login_with_password", "root", "password", "1.0", "tests")
    }

    @Test func membersSendToTheCoordinator() async throws {
        try await run("127.0.31.1") { pool, hosts in
            #expect(hosts.map(\.address) == ["127.0.31.1", "127.0.31.2", "127.0.31.3"])
            #expect(hosts.map(\.isCoordinator) == [true, false, false])
            for member in hosts.dropFirst() {
                let refused = try await failure(
                    pool, member, "session.login_with_password", "root", "password", "1.0", "tests")
                #expect(refused?.code == "HOST_IS_SLAVE")
                #expect(refused?.parameters == [hosts[0].address])
            }
            let session = try await login(pool, hosts[0])
            let records = try await call(pool, hosts[0], "host.get_all_records", session)
            let addresses = records.object?.values.compactMap { $0["address"]?.string }.sorted()
            #expect(addresses == hosts.map(\.address))
        }
    }

    @Test func addressesThatAreNoneAreRefused() async throws {
        for wrong in ["", "localhost", "1.2.3", "1.2.3.4.5", "256.0.0.1", "255.255.255.254"] {
            await #expect(throws: BadHostAddress.self) { try await run(wrong) { _, _ in } }
        }
    }

    /// By the calls that an administrator makes at a member that has lost its coordinator.
    @Test func anEmergencyIsEndedAtAMember() async throws {
        try await run("127.0.32.1") { pool, hosts in
            try await pool.die(hosts[0].name)
            let member = hosts[1]
            let refused = try await failure(
                pool, member, "session.login_with_password", "root", "password", "1.0", "tests")
            #expect(refused?.code == "HOST_STILL_BOOTING")
            let local = try await call(
                pool, member, "session.slave_local_login_with_password", "root", "password")
            #expect(try await call(pool, member, "host.is_in_emergency_mode", local) == true)
            _ = try await call(pool, member, "pool.emergency_transition_to_master", local)
            var session: JSON?
            while session == nil { session = try? await login(pool, member) }
            let recovered = try await call(pool, member, "pool.recover_slaves", session ?? .null)
            #expect(recovered.array?.count == 1)
            #expect(await pool.hosts.map(\.isCoordinator) == [false, true, false])
            // Its guests went with the one that is lost.
            let guests = try await call(pool, member, "VM.get_all_records", session ?? .null).object ?? [:]
            let left = guests.values.filter {
                $0["resident_on"]?.string == hosts[0].reference && $0["is_control_domain"] == false
            }
            #expect(left.isEmpty)
        }
    }

    @Test func guestsThatAreProtectedAreRestarted() async throws {
        try await run("127.0.33.1") { pool, hosts in
            let session = try await login(pool, hosts[0])
            let guests = try await call(pool, hosts[0], "VM.get_all_records", session).object ?? [:]
            let lost = guests.filter {
                $1["resident_on"]?.string == hosts[2].reference && $1["is_control_domain"] == false
                    && $1["power_state"] == "Running"
            }
            let protected = try #require(lost.keys.first)
            _ = try await call(
                pool, hosts[0], "VM.set_ha_restart_priority", session, .string(protected), "restart")
            _ = try await call(pool, hosts[0], "pool.enable_ha", session, [], [:])
            try await pool.die(hosts[2].name)
            let record = try await call(pool, hosts[0], "VM.get_record", session, .string(protected))
            #expect(record["power_state"] == "Running")
            #expect(record["resident_on"]?.string != hosts[2].reference)
            try await pool.revive(hosts[2].name)
            #expect(await pool.hosts[2].state == "running")
        }
    }

    @Test func tasksFailOnDemand() async throws {
        try await withPool { pool, client in
            let vm = JSON.string(try await client.guest("Halted"))
            await pool.failTasks(with: XAPIFailure("SR_BACKEND_FAILURE_44", "", "full", ""), next: 1)
            let failure = try await client.failure(of: "VM.start", vm, false, false)
            #expect(failure?.code == "SR_BACKEND_FAILURE_44")
            #expect(try await client.failure(of: "VM.start", vm, false, false) == nil)
        }
    }

    @Test func aCertificateIsReplaced() async throws {
        try await run("127.0.34.1", { $0.tls = true }) { pool, hosts in
            try await pool.replaceCertificate(of: hosts[1].name)
            let after = await pool.hosts
            #expect(after[0].certificateFingerprint == hosts[0].certificateFingerprint)
            #expect(after[1].certificateFingerprint != hosts[1].certificateFingerprint)
            let records = await pool.records(of: "Certificate").values
            #expect(records.contains { $0["fingerprint"]?.string == after[1].certificateFingerprint })
        }
    }
}
