import XOJSON

/// What clients get of a transport at one of its sockets, as far as can be asked with HTTP and WebSocket.
struct Service: Comparable, CustomStringConvertible {
    /// The status of a response; `nil`: there is none.
    let status: Int?
    /// Whether it answers a message through WebSocket.
    let answersMessages: Bool

    static let target = "/healthz"

    /// Asks for it.
    init(_ address: LocalAddress, patience: Int64) {
        status = HTTPAnswer(address, method: "GET", target: Self.target, patience: patience)?.head.status
        let client = try? RPCClient(address, patience: patience)
        answersMessages = client?.call("system.getVersion")?["result"] != nil
        client?.vanish()
    }

    /// An order that is the same in all runs.
    static func < (one: Service, other: Service) -> Bool { one.description < other.description }

    var isNone: Bool { self == Service.none }

    private init() { (status, answersMessages) = (nil, false) }
    private static let none = Service()

    var description: String {
        let requests = status.map { "a request with \($0)" } ?? "no request"
        return "\(requests), and \(answersMessages ? "messages" : "no messages") through WebSocket"
    }
}
