import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// Memory and processors by `vm.set`, through a real host.
@Suite(.timeLimit(.minutes(10))) struct MachineResourceTests {
    private func set(_ machine: String, _ changes: JSONObject, _ bench: PluginTestBench) async throws {
        let parameters = (["id": .string(machine)] as JSONObject).adding(changes)
        _ = try await bench.client.call("vm.set", params: .object(parameters))
    }

    private func refusal(
        _ machine: String, _ changes: JSONObject, _ bench: PluginTestBench
    ) async throws -> RemoteError? {
        let parameters = (["id": .string(machine)] as JSONObject).adding(changes)
        return try await bench.failure(of: "vm.set", .object(parameters))
    }

    /// Limits that are in the way of what is wanted move along.
    @Test func atRestEverythingCanBeChanged() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Halted")
            try await set(machine, ["CPUs": 16], bench)
            try await bench.wait(for: "CPUs", of: machine, toBe: ["max": 16, "number": 16])
            try await set(machine, ["cpusMax": 2], bench)
            try await bench.wait(for: "CPUs", of: machine, toBe: ["max": 2, "number": 2])
            try await set(machine, ["CPUs": 1, "cpusMax": "4"], bench)
            try await bench.wait(for: "CPUs", of: machine, toBe: ["max": 4, "number": 1])

            let gigabyte: Int64 = 1 << 30
            func memory() async throws -> JSON? { try await bench.object(machine)["memory"] }
            try await set(machine, ["memory": "64GiB"], bench)
            let large = try await poll({ try await memory() }, until: { $0?["size"] == .integer(64 * gigabyte) })
            #expect(large?["dynamic"] == [.integer(64 * gigabyte), .integer(64 * gigabyte)])
            try await set(machine, ["memoryStaticMax": .integer(2 * gigabyte), "memoryMin": "1GiB"], bench)
            let small = try await poll(
                { try await memory() },
                until: { $0?["dynamic"] == [.integer(gigabyte), .integer(2 * gigabyte)] })
            #expect(small?["static"]?[1] == .integer(2 * gigabyte))
            for wrong in [["CPUs": 0], ["memory": "plenty"], ["cpusMax": -1]] as [JSONObject] {
                let error = try await refusal(machine, wrong, bench)
                #expect(error?.code == 10)
            }
        }
    }

    @Test func whatRunsKeepsItsLimits() async throws {
        try await PluginTestBench.run { bench in
            let machine = try await bench.machine("Running")
            let record = try await bench.object(machine)
            let limit = try #require(record["memory"]?["static"]?[1]?.integer)
            try await set(machine, ["memoryMin": .integer(limit / 2), "memoryMax": .integer(limit / 2)], bench)
            _ = try await poll(
                { try await bench.object(machine)["memory"]?["dynamic"] },
                until: { $0 == [.integer(limit / 2), .integer(limit / 2)] })
            let tooMuch = try await refusal(machine, ["memory": .integer(limit * 2)], bench)
            #expect(tooMuch?.message.contains("has to be halted") == true)
            try await set(machine, ["CPUs": 1], bench)
            let most = try #require(record["CPUs"]?["max"]?.integer)
            let more = try await refusal(machine, ["cpusMax": .integer(most + 1)], bench)
            #expect(more?.code == 13)
        }
    }
}
