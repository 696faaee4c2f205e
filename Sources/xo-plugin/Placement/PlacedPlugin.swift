import XOJSON

/// The plugin under the real daemon, and what was done with it there.
final class PlacedPlugin {
    let scene: Scene
    let daemon: Daemon
    let client: RPCClient
    private(set) var transcript = Transcript()
    /// Nanoseconds that a step may take.
    let patience: Int64
    /// When nothing more is begun, so that slow methods do not use up the time of the whole test.
    private let closingTime: Int64
    /// Whether that has come, and a transcript ends here.
    private var isClosed = false
    /// Methods that do not answer in time are not asked again.
    private(set) var silent: Set<String> = []
    private let configuration: JSON

    /// Starts a daemon, and signs in; the plugin does not run yet.
    init(_ context: TestContext, _ scene: Scene, _ placement: Placement) throws {
        self.scene = scene
        patience = context.patience
        configuration = context.subject.configuration
        daemon = try Daemon(
            Installation(context.settings), context.subject.path, placement, folder: context.newFolder(),
            patience: patience)
        client = try RPCClient(daemon.address, patience: patience)
        let (name, password) = Daemon.administrator
        let answer = client.call("session.signIn", ["email": .string(name), "password": .string(password)])
        guard answer?["result"] != nil else {
            throw SystemError("xo-host does not let its administrator in: \(answer ?? .null)")
        }
        closingTime = MonotonicClock.now + patience / 2
    }

    // MARK: Steps

    /// Takes down what was seen, unless it is too late: a transcript is cut short at its end, and nowhere else.
    func note(_ action: String, _ seen: JSON) {
        guard !isClosed else { return }
        transcript.note(action, seen)
        isClosed = MonotonicClock.now >= closingTime
    }

    /// Has it started with the configuration of the test; `false` if it does not.
    @discardableResult
    func load() -> Bool {
        // Not in plugins.json, where nobody could change it.
        if configuration != [:] { configure(configuration) }
        let answer = administrate("plugin.load", ["id": .string(Daemon.subject)])
        return answer["error"] == nil
    }

    /// Has it stopped.
    func unload() { administrate("plugin.unload", ["id": .string(Daemon.subject)]) }

    /// Gives it a configuration, good or bad.
    func configure(_ configuration: JSON) {
        administrate("plugin.configure", ["id": .string(Daemon.subject), "configuration": configuration])
    }

    /// Calls a method of the daemon that leads the plugin through its life.
    @discardableResult
    private func administrate(_ method: String, _ parameters: JSON) -> JSON {
        let answer = client.call(method, parameters) ?? Self.silence
        note("\(method) \(parameters)", answer)
        return answer
    }

    /// Stops it and starts it again; nothing is noted. `false` if it does not start.
    func restart() -> Bool {
        let id: JSON = ["id": .string(Daemon.subject)]
        _ = client.call("plugin.unload", id)
        return client.call("plugin.load", id)?["result"] != nil
    }

    /// Its entry in the daemon's list.
    var entry: JSON? {
        client.call("plugin.get")?["result"]?.array?.first { $0["id"]?.string == Daemon.subject }
    }

    /// Where it is in its life, and why.
    func state() -> JSON {
        let entry = entry
        return ["state": entry?["state"] ?? .null, "error": entry?["error"] ?? .null]
    }

    /// Calls a method of the plugin.
    private func call(_ method: String, _ parameters: JSON, isNoted: Bool) {
        guard !silent.contains(method), !isClosed, isNoted || MonotonicClock.now < closingTime else { return }
        let answer = client.call(method, parameters, patience: patience / 5)
        if answer == nil { silent.insert(method) }
        if isNoted { note("\(method) \(parameters)", answer ?? Self.silence) }
    }

    /// Makes all calls of the scene.
    ///
    /// - Parameter isNoted: whether the answers are part of what is compared.
    func callAll(isNoted: Bool = true) {
        for (method, parameters) in scene.calls { call(method, parameters, isNoted: isNoted) }
    }

    /// Takes down what is listed, by type; and whether that is what the notifications have led to.
    func list() {
        let listed = listing()
        var types: [String: JSONObject] = [:]
        for (id, record) in listed.sorted(by: { $0.key < $1.key }) {
            types[record["type"]?.string ?? "", default: [:]][id] = record
        }
        note("listing objects", Self.object(types) { .object($0) })
        // Which stay the same also if ids do not.
        note(
            "looking at the members of objects",
            Self.object(types) { records in
                JSON(Set(records.values.flatMap { $0.object.map { Array($0.keys) } ?? [] }).sorted())
            })
        // The first that was listed was empty: the plugin did not run then.
        let isTold = client.waitForNotifications(patience: patience / 5) { Self.replica($0) == listed }
        note("asking whether the notifications lead to what is listed", .bool(isTold))
    }

    private static func object<Value>(_ members: [String: Value], _ value: (Value) -> JSON) -> JSON {
        let sorted = members.sorted { $0.key < $1.key }
        return .object(JSONObject(uniqueKeysWithValues: sorted.map { ($0.key, value($0.value)) }))
    }

    /// All objects, by id.
    func listing() -> [String: JSON] {
        let objects = client.call("xo.getAllObjects")?["result"]?.object ?? [:]
        return Dictionary(uniqueKeysWithValues: objects.map { ($0.key, $0.value) })
    }

    /// What a client knows that has believed these.
    private static func replica(_ notifications: [JSON]) -> [String: JSON] {
        notifications.reduce(into: [:]) { known, notification in
            for (id, record) in notification["items"]?.object ?? [:] {
                if notification["type"] == "exit" { known.removeValue(forKey: id) } else { known[id] = record }
            }
        }
    }

    /// Connects to where a transport listens, and speaks to the daemon through it; `false` if it does not say where.
    func connect() -> Bool {
        let found = daemon.log.address(of: Daemon.subject, patience: patience / 5)
        note("looking where it listens", .bool(found != nil))
        guard let address = found else { return false }
        for path in ["/healthz", "/nothing/here"] { request(Route(method: "GET", path: path, token: 0), at: address) }
        let visitor = try? RPCClient(address, patience: patience / 5)
        note("connecting to it by WebSocket", .bool(visitor != nil))
        guard let visitor else { return true }
        let (name, password) = Daemon.administrator
        for (method, parameters) in [
            ("system.getVersion", [:]), ("nobody.knows", [:]), ("xo.getAllObjects", [:]),
            ("session.signIn", ["email": .string(name), "password": "wrong"]),
            ("session.signIn", ["email": .string(name), "password": .string(password)]),
            ("xo.getAllObjects", ["limit": "none"]), ("xo.getAllObjects", [:]),
        ] as [(String, JSON)] {
            note("\(method) \(parameters) through it", visitor.call(method, parameters) ?? Self.silence)
        }
        note("looking for what answers no call", JSON(visitor.strays))
        visitor.vanish()
        return true
    }

    /// Sends a request to one of its routes.
    func request(_ route: Route, at address: LoopbackAddress? = nil) {
        let target = route.path + (route.path.hasSuffix("/") ? "below?a=1&b" : "?a=1&b")
        let answer = HTTPAnswer(
            address ?? daemon.address, method: route.method, target: target, patience: patience / 5)
        let headers = answer?.head.headers.map { JSON("\($0.name): \($0.value)") } ?? []
        note(
            "\(route.method) \(target)",
            [
                "status": answer.map { JSON($0.head.status) } ?? .null, "headers": .array(headers),
                "body": .string(String(decoding: answer?.body ?? [], as: UTF8.self)),
            ])
    }

    private static let silence: JSON = "no answer in time"
}

extension NotApplicable {
    /// It does not start under the real daemon, wherever it is.
    static func doesNotStart(_ reason: String) -> NotApplicable {
        NotApplicable(
            "it does not start under xo-host: \(reason); what it needs of other plugins comes with --with FILE.so, what "
                + "its configuration lacks with --configuration FILE.json")
    }
}
