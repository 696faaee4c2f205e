import XOJSON

/// Clients of a transport with messages and requests under way. What becomes of them when its process is killed is open:
/// they may be lost with their connections. But nothing is answered twice.
final class TransportLoad {
    private var clients: [(client: RPCClient, ids: [Int64])] = []
    private var requests: [HTTPExchange] = []
    /// At each socket.
    private static let connections = 4
    /// Of each client.
    private static let messages = 8

    /// Begins.
    ///
    /// - Parameter services: what each of the sockets offers.
    init(_ services: [LocalAddress: Service], patience: Int64) {
        for (address, service) in services {
            for _ in 0..<Self.connections where service.answersMessages {
                guard let client = try? RPCClient(address, patience: patience) else { continue }
                clients.append((client, (0..<Self.messages).map { _ in client.begin("system.getVersion") }))
            }
            for _ in 0..<Self.connections where service.status != nil {
                let request = HTTPExchange(address, method: "GET", target: Service.target, patience: patience)
                if let request { requests.append(request) }
            }
        }
    }

    /// Waits until the first client has some of its answers, for not too long.
    func waitForSome(_ random: inout SeededRandom) {
        let some = Int.random(in: 0..<Self.messages, using: &random)
        _ = clients.first?.client.waitForAnswers(some, patience: CrashingPlugin.longestRun)
    }

    /// Fails the test if something was answered twice, or nothing was asked that is answered. The clients are gone then.
    func requireNothingTwice() throws {
        for (client, ids) in clients {
            let most = client.answeredOtherwiseThanOnce(ids).map(\.count).max() ?? 1
            try require(
                most <= 1, "A message that was under way when the process was killed is answered \(most) times.")
            try require(client.strays.isEmpty, "A client gets what answers no message: \(client.strays.first ?? "").")
            client.vanish()
        }
        for request in requests {
            let count = request.countResponses()
            try require(
                count <= 1, "A request that was under way when the process was killed is answered \(count) times.")
        }
    }
}
