import CXOPlugin
import XOJSON

/// Clients of a transport under the suite's own host: those that the plugin brings by itself, or one that connects to
/// the socket that the plugin has of the host, or to where it says that it listens.
final class Visitors {
    private let client: RPCClient?
    private let address: LocalAddress?
    private let patience: Int64
    /// The calls of the client.
    private var ids: [Int64] = []

    /// Waits until there is a session that the host knows.
    ///
    /// - Parameter opens: whether the host opens sessions at all.
    init(_ instance: PluginInstance, opens: Bool = true) throws {
        let (host, patience) = (instance.host, instance.patience)
        self.patience = patience
        address =
            host.lentSockets.first?.address
            ?? host.urls.withLock { $0.lazy.compactMap(LocalAddress.init(url:)).first }
        guard instance.openSessions.isEmpty, let address else {
            guard !opens || !instance.openSessions.isEmpty else {
                throw NotApplicable(
                    "it opens no session, takes connections at no socket of the host, and announces no http://127.0.0.1:PORT"
                )
            }
            client = nil
            return
        }
        do {
            client = try RPCClient(address, patience: patience)
        } catch {
            // It may have refused the connection; or it speaks something else.
            guard !opens else {
                throw NotApplicable("it does not speak WebSocket where it takes connections: \(error)")
            }
            client = nil
            return
        }
        // Several at once, so that they come together if the transport hands over several.
        for number in 1...5 {
            if let id = client?.begin("suite.ask", ["number": .integer(Int64(number))]) { ids.append(id) }
        }
        guard opens else { return }
        let isThere: Bool? = host.sessions.wait(until: MonotonicClock.now + patience) { $0.isEmpty ? nil : true }
        try require(isThere == true, "It opens no session for a client that has connected.")
    }

    /// How many messages the client has sent; 0 if there is none, and the plugin knows.
    var messages: Int { ids.count }

    /// Fails the test unless each message of the client was answered, once, and nothing else has come.
    func requireAnswers() throws {
        guard let client else { return }
        _ = client.waitForAnswers(ids.count, patience: patience / 2)
        if let (_, count) = client.answeredOtherwiseThanOnce(ids).first {
            throw Breach(.finding, "A client gets \(count) answers to a message that the host has answered once.")
        }
        try require(client.strays.isEmpty, "A client gets what nobody has sent it: \(client.strays.first ?? "").")
    }

    /// Whether there is somebody who can send requests.
    var canRequest: Bool { address != nil }

    /// Sends a request and waits for the status of its response; `nil` if there is none.
    func request(_ target: String) -> Int? {
        address.flatMap { HTTPAnswer($0, method: "GET", target: target, patience: patience / 5)?.head.status }
    }

    /// They go away.
    func leave() { client?.vanish() }
}
