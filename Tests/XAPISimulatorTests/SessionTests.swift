import Testing
import XAPISimulator
import XOJSON

@Suite struct SessionTests {
    @Test func loginTakesTwoToFourParameters() async throws {
        try await withPool { pool, _ in
            for extra in [[], ["1.0"], ["1.0", "test"]] as [[JSON]] {
                let session = try await PoolClient.call(
                    pool.port, "session.login_with_password", ["root", "password"] + extra)
                #expect(session.string?.hasPrefix("OpaqueRef:") == true)
            }
            await #expect(
                throws: XAPIFailure("MESSAGE_PARAMETER_COUNT_MISMATCH", "session.login_with_password", "2", "1")
            ) {
                try await PoolClient.call(pool.port, "session.login_with_password", ["root"])
            }
        }
    }

    @Test func aWrongPasswordIsRefused() async throws {
        try await withPool { pool, _ in
            await #expect(throws: XAPIFailure("SESSION_AUTHENTICATION_FAILED", "root", "Authentication failure")) {
                try await PoolClient.call(pool.port, "session.login_with_password", ["root", "guess"])
            }
        }
    }

    @Test func aSessionEndsWithLogoutAndWhenForgotten() async throws {
        try await withPool { pool, client in
            let other = try await PoolClient(pool)
            try await client.call("session.logout")
            #expect(try await client.failure(of: "VM.get_all") == XAPIFailure("SESSION_INVALID", client.session))
            #expect(try await other.failure(of: "session.get_uuid", .string(other.session)) == nil)
            await pool.forgetSessions()
            #expect(try await other.failure(of: "VM.get_all") == XAPIFailure("SESSION_INVALID", other.session))
        }
    }

    @Test func aMemberNamesItsMaster() async throws {
        try await withPool { pool, client async throws in
            await pool.setMaster("192.0.2.7")
            #expect(try await client.failure(of: "VM.get_all") == XAPIFailure("HOST_IS_SLAVE", "192.0.2.7"))
            await #expect(throws: XAPIFailure("HOST_IS_SLAVE", "192.0.2.7")) { try await PoolClient(pool) }
            await pool.setMaster(nil)
            #expect(try await client.failure(of: "VM.get_all") == nil)
        }
    }

    @Test func unknownCallsAndWrongParametersAreToldApart() async throws {
        try await withPool { _, client async throws in
            #expect(try await client.failure(of: "VM.fly") == XAPIFailure("MESSAGE_METHOD_UNKNOWN", "VM.fly"))
            #expect(
                try await client.failure(of: "Async.VM.get_all")
                    == XAPIFailure("MESSAGE_METHOD_UNKNOWN", "Async.VM.get_all"))
            #expect(
                try await client.failure(of: "VM.start", "OpaqueRef:x")
                    == XAPIFailure("MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.start", "3", "1"))
            #expect(
                try await client.failure(of: "VM.get_record", "OpaqueRef:x")
                    == XAPIFailure("HANDLE_INVALID", "VM", "OpaqueRef:x"))
            #expect(
                try await client.failure(of: "host.get_by_uuid", "x") == XAPIFailure("UUID_INVALID", "host", "x"))
            #expect(
                try await client.failure(of: "pool.sync_updates", "x", false, "", "", "", "")?.code
                    == "NOT_IMPLEMENTED")
            #expect(try await client.failure(of: "VM.snapshot_with_quiesce", "x", "y")?.code == "MESSAGE_REMOVED")
            // The old spelling with an underscore, also for classes that contain one.
            #expect(try await client.call("VM_guest_metrics_get_all").array?.isEmpty == false)
        }
    }
}
