import XOJSON

/// Visits by clients, through the plugin's own sockets or those of others.
extension PlacedPlugin {
    /// Connects to each place where a transport listens, and speaks to the daemon through it; `false` if there is none.
    func connect() -> Bool {
        // Their ports are others in each run: the same are those at which the same is served.
        let services = services().sorted { $0.value < $1.value }
        note("counting the sockets at which it listens", JSON(services.count))
        for (index, service) in services.enumerated() where !isClosed { visit(service.key, "socket \(index + 1)") }
        return !services.isEmpty
    }

    /// What clients get at each of its sockets.
    func services() -> [LocalAddress: Service] {
        let offers = listeningSockets().map { ($0.address, Service($0.address, patience: patience / 5)) }
        // Several may share an address, with SO_REUSEPORT.
        return Dictionary(offers) { first, _ in first }
    }

    private func visit(_ address: LocalAddress, _ name: String) {
        for path in ["/healthz", "/nothing/here"] {
            request(Route(method: "GET", path: path, token: 0), at: address, name: " at \(name)")
        }
        let visitor = try? RPCClient(address, patience: patience / 5)
        note("connecting to \(name) by WebSocket", .bool(visitor != nil))
        guard let visitor else { return }
        let (user, password) = Daemon.administrator
        for (method, parameters) in [
            ("system.getVersion", [:]), ("nobody.knows", [:]), ("xo.getAllObjects", [:]),
            ("session.signIn", ["email": .string(user), "password": "wrong"]),
            ("session.signIn", ["email": .string(user), "password": .string(password)]),
            ("xo.getAllObjects", ["limit": "none"]), ("xo.getAllObjects", [:]),
        ] as [(String, JSON)] {
            note("\(method) \(parameters) through \(name)", visitor.call(method, parameters) ?? Self.silence)
        }
        note("looking for what answers no call through \(name)", JSON(visitor.strays))
        visitor.vanish()
    }

    /// Sends a request to one of the plugin's routes.
    ///
    /// - Parameters:
    ///   - address: `nil`: the daemon's own transport.
    ///   - name: of that, behind the request.
    func request(_ route: Route, at address: LocalAddress? = nil, name: String = "") {
        let target = route.path + (route.path.hasSuffix("/") ? "below?a=1&b" : "?a=1&b")
        let answer = HTTPAnswer(
            address ?? daemon.address, method: route.method, target: target, patience: patience / 5)
        let headers = answer?.head.headers.map { JSON("\($0.name): \($0.value)") } ?? []
        note(
            "\(route.method) \(target)\(name)",
            [
                "status": answer.map { JSON($0.head.status) } ?? .null, "headers": .array(headers),
                "body": .string(String(decoding: answer?.body ?? [], as: UTF8.self)),
            ])
    }
}
