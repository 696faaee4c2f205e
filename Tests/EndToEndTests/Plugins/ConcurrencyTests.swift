import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// Slow calls: nobody else waits for them, and they end with their client.
@Suite struct ConcurrencyTests {
    /// Longer than any test.
    private static let long: JSON = ["ms": 3_600_000]

    @Test func aSlowCallDoesNotHoldUpTheOthersOfItsConnection() async throws {
        try await withHost([.web(), .fixture("slow")]) { host in
            let client = try await host.connect()
            let slow = Task { try await client.call("slow.wait", params: ConcurrencyTests.long) }
            for _ in 0..<10 { #expect(try await client.call("system.getVersion") == "0.1") }
            #expect(try await client.call("slow.wait", params: ["ms": 5]) == ["ms": 5])
            await client.close()
            await #expect(throws: ConnectionError.self) { try await slow.value }
        }
    }

    @Test func callsOfAClientThatIsGoneAreCancelled() async throws {
        try await withHost([.web(), .fixture("slow")]) { host in
            let client = try await host.connect()
            let idle = try threads(of: host)
            let calls = 50
            for _ in 0..<calls { client.call("slow.wait", params: ConcurrencyTests.long) { _ in } }
            // Each call has a thread of the plugin's.
            _ = try await poll({ try threads(of: host) }, until: { $0 >= idle + calls })
            await client.close()
            _ = try await poll({ try threads(of: host) }, until: { $0 < idle + calls / 2 })

            let plugin = try await host.plugin("slow")
            #expect(plugin["counters"]?["calls"] == JSON(calls))
            #expect(
                plugin["counters"]?["staleHandles"] == 0, "to complete a cancelled call is no mistake of the plugin")
        }
    }

    @Test func moreCallsThanTheLimitWaitAndAreAnsweredAllTheSame() async throws {
        try await withHost([.web(), .fixture("slow")], host: ["limits": ["callsPerSession": 4]]) { host in
            let client = try await host.connect()
            let answers = try await withThrowingTaskGroup(of: JSON.self) { group in
                for _ in 0..<40 { group.addTask { try await client.call("slow.wait", params: ["ms": 1]) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers == Array(repeating: ["ms": 1], count: 40))
        }
    }

    /// What a client has sent before it says good-bye is still done, also if it is more than the host takes at once.
    @Test func messagesBeforeACloseAreCarriedOut() async throws {
        try await withHost([.web(), .fixture("slow")], host: ["limits": ["callsPerSession": 4]]) { host in
            try await withWebSocket(to: host.url) { socket in
                try await socket.signIn()
                var bytes: [UInt8] = []
                for id in 0..<100 {
                    let text = #"{"jsonrpc":"2.0","id":\#(id),"method":"slow.wait","params":{"ms":1}}"#
                    bytes += RawConnection.frame(opcode: 1, Array(text.utf8))
                }
                try await socket.write(bytes + RawConnection.frame(opcode: 8, [0x03, 0xE8]))
                while case .text = try await socket.receiveFrame() {}
            }
            let plugin = try await poll({ try await host.plugin("slow") }, until: { $0["counters"]?["calls"] == 100 })
            #expect(plugin["counters"]?["staleHandles"] == 0)
        }
    }

    @Test func aPluginWithCallsUnderWayStopsInOrder() async throws {
        try await withHost([.web(), .fixture("slow")]) { host in
            let client = try await host.connect()
            let slow = Task { try await client.call("slow.wait", params: ConcurrencyTests.long) }
            _ = try await poll(
                { try await host.plugin("slow") }, until: { $0["counters"]?["calls"] == 1 })
            #expect(try await client.call("plugin.unload", params: ["id": "slow"]) == true)
            await #expect(throws: RemoteError.self) { try await slow.value }
        }
    }

    @Test func theHostLeavesAtOnceThoughCallsAreUnderWay() async throws {
        try await withHost([.web(), .fixture("slow")]) { host in
            let client = try await host.connect()
            let slow = Task { try await client.call("slow.wait", params: ConcurrencyTests.long) }
            _ = try await poll(
                { try await host.plugin("slow") }, until: { $0["counters"]?["calls"] == 1 })
            #expect(await host.stop() == 0)
            await #expect(throws: (any Error).self) { try await slow.value }
            await client.closed()
        }
    }

    /// Of the host and of the processes that hold its plugins.
    private func threads(of host: TestHost) throws -> Int {
        let tasks = "/proc/\(host.processID)/task"
        let names = try FileManager.default.contentsOfDirectory(atPath: tasks)
        return try names.reduce(names.count) { count, name in
            let children = (try? String(contentsOfFile: "\(tasks)/\(name)/children", encoding: .utf8)) ?? ""
            return try children.split(separator: " ").reduce(count) {
                try $0 + FileManager.default.contentsOfDirectory(atPath: "/proc/\($1)/task").count
            }
        }
    }
}
