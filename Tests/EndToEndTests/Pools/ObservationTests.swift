import TestSupport
import Testing
import XOJSON

/// Listings and notifications together: whoever applies them in the order of their arrival knows the present state.
@Suite struct ObservationTests {
    private static let objects = 50
    private static let rounds = 60

    @Test func aListingAndWhatFollowsItNeverGoBackInTime() async throws {
        try await withHost([.web(), .fixture("churn")]) { host in
            let client = try await host.connect()
            try await withWebSocket(to: host.url) { socket in
                try await socket.signIn()
                let churning = Task {
                    for round in 1...ObservationTests.rounds {
                        let params: JSON = [
                            "objects": JSON(ObservationTests.objects), "bytes": 2000, "round": JSON(round),
                        ]
                        try await client.call("churn.put", params: params)
                    }
                }
                var present: [String: Int64] = [:]
                var listings = 0
                func isComplete() -> Bool {
                    present.count == ObservationTests.objects
                        && present.values.allSatisfy { $0 == ObservationTests.rounds }
                }
                let question = #"{"jsonrpc":"2.0","id":1,"method":"xo.getAllObjects"}"#
                try await socket.send(question)
                while listings == 0 || !isComplete() {
                    let message = try JSON(parsing: try await socket.receiveText())
                    let isListing = message["id"] == 1
                    let items = message[isListing ? "result" : "params"]
                    let changed = (isListing ? items : items?["items"])?.object ?? [:]
                    for (id, object) in changed {
                        let round = object["round"]?.integer ?? 0
                        #expect(
                            round >= present[id] ?? 0, "\(id) went back by \(isListing ? "listing" : "notification")")
                        present[id] = round
                    }
                    guard isListing else { continue }
                    listings += 1
                    #expect(changed.count >= present.count, "a listing has everything that was told before")
                    if !isComplete() { try await socket.send(question) }
                }
                try await churning.value
            }
        }
    }

    @Test func everyClientIsToldTheSame() async throws {
        try await withHost([.web(), .fixture("churn")]) { host in
            let client = try await host.connect()
            let listeners = try await withThrowingTaskGroup(of: JSON?.self) { group in
                for _ in 0..<20 {
                    let listener = try await host.connect()
                    var notifications = listener.notifications.makeAsyncIterator()
                    group.addTask { await notifications.next()?.params }
                }
                let params: JSON = ["objects": 1, "bytes": 10, "round": 1]
                try await client.call("churn.put", params: params)
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let object: JSON = ["id": "churn-0", "type": "churn", "round": 1, "filling": "xxxxxxxxxx"]
            #expect(listeners == Array(repeating: ["type": "enter", "items": ["churn-0": object]], count: 20))
        }
    }
}
