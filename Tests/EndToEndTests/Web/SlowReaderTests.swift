import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// A client that does not read what it is sent costs little memory, and nobody else anything.
@Suite(.disabled(if: BuildProducts.areSanitized, "sanitizers use memory of their own"))
struct SlowReaderTests {
    /// 100 objects of 20 kB, changed 200 times: 400 MB of notifications for whoever reads them.
    private static let rounds = 200
    private static let batch: JSONObject = ["objects": 100, "bytes": 20_000]
    private static let allowedGrowth = 150 << 20

    @Test func notificationsForASlowReaderAreMerged() async throws {
        let web = try JSON.web(["outgoingQueueLimit": 33_554_432, "slowReaderTimeout": 3600])
        try await withHost([web, .fixture("churn")]) { host in
            let client = try await SlowReaderTests.connectBlind(host)
            try await SlowReaderTests.churn(1, on: client)
            try await withWebSocket(to: host.url, receiveBuffer: 16_384) { socket in
                try await socket.signIn()
                let before = try SlowReaderTests.residentBytes(of: host)
                for round in 2...SlowReaderTests.rounds { try await SlowReaderTests.churn(round, on: client) }
                let after = try SlowReaderTests.residentBytes(of: host)
                #expect(after - before < SlowReaderTests.allowedGrowth)

                // Now it reads: much was left out, but what comes last is the present state of every object.
                var rounds: [String: Int64] = [:]
                var received = 0
                while rounds.count < 100 || rounds.values.contains(where: { $0 < SlowReaderTests.rounds }) {
                    let text = try await socket.receiveText()
                    received += text.utf8.count
                    let params = try JSON(parsing: text)["params"]
                    #expect(params?["type"] == "enter")
                    for (id, object) in params?["items"]?.object ?? [:] { rounds[id] = object["round"]?.integer }
                }
                #expect(received < 200 << 20)
                // And it is an ordinary client again.
                #expect(
                    try await socket.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.getVersion"}"#)
                        == #"{"id":1,"jsonrpc":"2.0","result":"0.1"}"#)
            }
        }
    }

    @Test func aClientThatReadsNothingAtAllIsClosedWithTheReason() async throws {
        let web = try JSON.web(["outgoingQueueLimit": 1_048_576, "slowReaderTimeout": 1])
        try await withHost([web, .fixture("churn")]) { host in
            let client = try await SlowReaderTests.connectBlind(host)
            try await withWebSocket(to: host.url, receiveBuffer: 16_384) { socket in
                try await socket.signIn()
                for round in 1...20 { try await SlowReaderTests.churn(round, on: client) }
                try await host.logLine { $0.message == "closing a client that reads too slowly" }
                var frame = try await socket.receiveFrame()
                while case .text = frame { frame = try await socket.receiveFrame() }
                guard case .close(let code, let reason) = frame else {
                    Issue.record("expected a close, got \(frame)")
                    return
                }
                #expect(code == 1013)
                #expect(reason.contains("too slowly"))
            }
            try await OpenMetrics.wait(for: #"websocket_slow_readers_closed_total{plugin="web"}"#, 1, of: host)
            #expect(try await client.call("system.getVersion") == "0.1")
        }
    }

    /// The same for somebody who asks and does not listen.
    @Test func answersThatNobodyReadsAreBounded() async throws {
        let web = try JSON.web(["outgoingQueueLimit": 1_048_576, "slowReaderTimeout": 3600])
        try await withHost([web, .fixture("churn")]) { host in
            let client = try await SlowReaderTests.connectBlind(host)
            try await SlowReaderTests.churn(1, on: client)
            try await withWebSocket(to: host.url, receiveBuffer: 16_384) { socket in
                try await socket.signIn()
                let before = try SlowReaderTests.residentBytes(of: host)
                // Each answer has 2 MB.
                for id in 0..<100 {
                    try await socket.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"xo.getAllObjects"}"#)
                }
                // Others are served meanwhile.
                for round in 2...20 { try await SlowReaderTests.churn(round, on: client) }
                #expect(try SlowReaderTests.residentBytes(of: host) - before < SlowReaderTests.allowedGrowth)
            }
        }
    }

    @Test func requestsWithoutEndAreBounded() async throws {
        try await withHost([.web(), .fixture("slow")]) { host in
            try await withWebSocket(to: host.url) { socket in
                let before = try SlowReaderTests.residentBytes(of: host)
                // One message in pieces that never ends.
                let piece = [UInt8](repeating: 0x20, count: 1 << 20)
                try await socket.send(opcode: 1, isFinal: false, [])
                await #expect(throws: (any Error).self) {
                    while true { try await socket.send(opcode: 0, isFinal: false, piece) }
                }
                #expect(try SlowReaderTests.residentBytes(of: host) - before < SlowReaderTests.allowedGrowth)
            }
            #expect(try await host.fetch("/healthz").status == 200)
        }
    }

    /// More at once than may wait for a client, but one that reads all the time: it is slowed down, not closed.
    @Test func aBurstReachesAClientThatReads() async throws {
        let web = try JSON.web(["outgoingQueueLimit": 1_048_576, "slowReaderTimeout": 3600])
        try await withHost([web, .fixture("churn")]) { host in
            let client = try await SlowReaderTests.connectBlind(host)
            let reader = try await host.connect()
            var notifications = reader.notifications.makeAsyncIterator()
            let rounds: Int64 = 5
            let churning = Task {
                for round in 1...rounds {
                    try await client.call("churn.put", params: ["objects": 1500, "bytes": 9000, "round": JSON(round)])
                }
            }
            var present: [String: Int64] = [:]
            while present.count < 1500 || !present.values.allSatisfy({ $0 == rounds }) {
                let news = try #require(await notifications.next(), "the connection was closed")
                for (id, object) in news.params["items"]?.object ?? [:] {
                    present[id] = object["round"]?.integer ?? 0
                }
            }
            try await churning.value
        }
    }

    /// A client that may call but sees no objects, so that nothing is sent to it but its answers.
    private static func connectBlind(_ host: TestHost) async throws -> XOClient {
        try await host.addUser("bob", "secret")
        return try await host.connect(as: "bob", "secret")
    }

    private static func churn(_ round: Int, on client: XOClient) async throws {
        var params = batch
        params["round"] = JSON(round)
        #expect(try await client.call("churn.put", params: .object(params)) == JSON(round))
    }

    private static func residentBytes(of host: TestHost) throws -> Int {
        let fields = try String(contentsOfFile: "/proc/\(host.processID)/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * Int(getpagesize())
    }
}
