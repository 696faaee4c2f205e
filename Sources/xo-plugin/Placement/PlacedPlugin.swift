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
    private var closingTime: Int64
    /// Whether that has come, and a transcript ends here.
    private(set) var isClosed = false
    /// Methods that do not answer in time are not asked again.
    private(set) var silent: Set<String> = []
    private let configuration: JSON
    /// At which others than the plugin take connections.
    private let othersSockets: Set<ListeningSockets.Socket>

    /// Starts a daemon, and signs in; the plugin does not run yet.
    ///
    /// - Parameter isRecorded: whether the events are heard that it publishes.
    init(_ context: TestContext, _ scene: Scene, _ placement: Placement, isRecorded: Bool = false) throws {
        self.scene = scene
        patience = context.patience
        configuration = context.subject.configuration
        daemon = try Daemon(
            Installation(context.settings, withRecorder: isRecorded), context.subject.path, placement,
            folder: context.newFolder(),
            patience: patience)
        client = try RPCClient(daemon.address, patience: patience)
        let (name, password) = Daemon.administrator
        let answer = client.call("session.signIn", ["email": .string(name), "password": .string(password)])
        guard answer?["result"] != nil else {
            throw SystemError("xo-host does not let its administrator in: \(answer ?? .null)")
        }
        othersSockets = daemon.listeningSockets
        closingTime = MonotonicClock.now + patience / 2
    }

    /// Begins a transcript anew, for which there is as much time as for the first.
    func reopen() {
        transcript = Transcript()
        closingTime = MonotonicClock.now + patience / 2
        isClosed = false
    }

    // MARK: Steps

    /// Takes down what was seen, unless it is too late: a transcript is cut short at its end, and nowhere else.
    func note(_ action: String, _ seen: JSON) {
        if !isTooLate() { transcript.note(action, seen) }
    }

    /// Whether the transcript ends here; once it does, nothing comes behind.
    private func isTooLate() -> Bool {
        if MonotonicClock.now >= closingTime { isClosed = true }
        if isClosed { transcript.cutShort() }
        return isClosed
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

    /// Why it does not start, in the daemon's words.
    var refusal: String { entry?["error"]?.string ?? "" }

    /// Calls a method of the plugin.
    private func call(_ method: String, _ parameters: JSON, isNoted: Bool) {
        guard !isTooLate() else { return }
        let isSilent = silent.contains(method)
        let answer = isSilent ? nil : client.call(method, parameters, patience: patience / 5)
        if answer == nil { silent.insert(method) }
        // Also what is not asked again: the steps of all transcripts are the same.
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

    /// The sockets at which the plugin takes connections; waits until there is one. Looked for among those of the daemon
    /// and of all that it has started: a transport need not say where it listens.
    func listeningSockets() -> Set<ListeningSockets.Socket> {
        poll(patience: patience / 5) {
            let own = daemon.listeningSockets.subtracting(othersSockets)
            return own.isEmpty ? nil : own
        } ?? []
    }

    static let silence: JSON = "no answer in time"
}

extension NotApplicable {
    /// It does not start under the real daemon, wherever it is.
    static func doesNotStart(_ reason: String) -> NotApplicable {
        NotApplicable(
            "it does not start under xo-host: \(reason); what it needs of other plugins comes with --with FILE.so, what "
                + "its configuration lacks with --configuration FILE.json")
    }
}
