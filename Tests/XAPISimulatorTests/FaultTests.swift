import Testing
import XAPISimulator
import XOJSON

@Suite struct FaultTests {
    @Test func answersStallUntilHealed() async throws {
        try await withPool { pool, client in
            let vm = try await client.guest("Halted")
            await pool.inject(.stall)
            async let stalled = client.call("VM.set_name_label", .string(vm), "late")
            // The call is carried out although its answer is kept back.
            while await pool.records(of: "VM")[vm]?["name_label"] != "late" {}
            await pool.heal()
            #expect(try await stalled == "")
        }
    }

    @Test func connectionsDropAmidAnAnswer() async throws {
        try await withPool { pool, client in
            await pool.inject(.dropConnection, times: 1)
            do {
                try await client.call("VM.get_all_records")
                Issue.record("expected the connection to be closed")
            } catch let error as HTTPExchange.ConnectionClosed {
                #expect(error.received.starts(with: "HTTP/1.1 200 OK".utf8))
                #expect(error.received.count > 1000)
            }
            #expect(try await client.failure(of: "VM.get_all") == nil)
        }
    }

    @Test func garbageComesAsOften() async throws {
        try await withPool { pool, client async throws in
            await pool.inject(.garbage, times: 2)
            for _ in 0..<2 {
                await #expect(throws: JSONError.self) { try await client.call("VM.get_all") }
            }
            #expect(try await client.failure(of: "VM.get_all") == nil)
        }
    }

    @Test func aRestartForgetsSessionsAndTasks() async throws {
        try await withPool(.init(operationDuration: .seconds(3600))) { pool, client in
            let vm = JSON.string(try await client.guest("Halted"))
            try await client.call("Async.VM.start", vm, false, false)
            await pool.restart()
            #expect(try await client.failure(of: "VM.get_all")?.code == "SESSION_INVALID")
            let again = try await PoolClient(pool)
            #expect(try await again.records("task").isEmpty)
            #expect(try await again.call("VM.get_current_operations", vm) == [:])
        }
    }
}
