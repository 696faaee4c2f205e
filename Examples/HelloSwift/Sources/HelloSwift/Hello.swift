import Synchronization
import XOPluginAPI

/// Greets: offers methods, publishes an object, answers HTTP requests, counts, takes new configurations while it runs.
final class Hello: Plugin {
    struct Configuration: Decodable { let greeting: String }

    static let descriptor = PluginDescriptor(
        id: "hello", version: "1.0.0", name: "Hello", description: "Greets; an example for authors who write Swift.",
        configurationSchema: [
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "greeting": ["type": "string", "minLength": 1, "maxLength": 200, "default": "Hello"]
            ],
        ])

    private struct State {
        var greeting = ""
        // While it runs.
        var source: ObjectSource?
        var route: HTTPRoutes.Route?
        var watch: Task<Void, Never>?
    }

    private let host: Host
    private let visits: Visits
    private let greetings: Counter
    private let changes: Counter
    private let state = Mutex(State())

    init(host: Host) throws {
        self.host = host
        visits = Visits(store: host.store)
        greetings = try host.metrics.counter("hello_greetings", "How often somebody was greeted.")
        changes = try host.metrics.counter("hello_vm_changes", "How often a VM came or changed.")
    }

    // MARK: Life

    func configure(_ configuration: Configuration) {
        let source = state.withLock { state in
            state.greeting = configuration.greeting
            return state.source
        }
        // Clients see the new greeting at once, if the plugin runs already.
        source?.put([record])
    }

    func start() throws {
        let source = try host.openSource("greetings")
        let events = try host.events.subscribe("objects")
        let watch = Task { [changes] in
            for await event in events where event.payload["type"] == "enter" {
                let machines = event.payload["items"]?.object?.values.count { $0["type"] == "VM" }
                changes.add(Double(machines ?? 0))
            }
        }
        let route = try host.http.add("GET", "/hello") { [self] _ in
            HTTPResponse(text: "\(greet("visitor \(try await visits.addOne())"))\n")
        }
        state.withLock { ($0.source, $0.route, $0.watch) = (source, route, watch) }
        // A snapshot says: this is all there is.
        source.beginSnapshot()
        source.put([record])
        source.endSnapshot()
        source.report(.live)
    }

    func stop() {
        let ending = state.withLock { state in
            defer { (state.source, state.route, state.watch) = (nil, nil, nil) }
            return state
        }
        ending.watch?.cancel()
        ending.route?.remove()
        ending.source?.close()
    }

    // MARK: What it offers

    private struct Greet: Decodable {
        var name: String
        var loud: Bool?
    }

    var methods: [Method] {
        [
            Method("hello.greet", "Greets somebody by name.", permission: .user) { [self] (who: Greet, call) in
                let text = greet(who.name)
                return who.loud == true ? text.uppercased() : text
            },
            Method("hello.count", "Counts the VMs that the caller may see.", permission: .user) {
                [host] (_: NoParameters, call) in
                // With the caller's rights, not our own.
                let machines = try await host.calls.call("xo.getAllObjects", ["filter": ["type": "VM"]], for: call)
                return machines.object?.count ?? 0
            },
            Method("hello.visits", "Tells how often GET /hello was answered.", permission: .user) {
                [visits] (_: NoParameters, call) in
                try await visits.count
            },
        ]
    }

    private func greet(_ name: String) -> String {
        greetings.add()
        return "\(state.withLock { $0.greeting }), \(name)!"
    }

    private var record: ObjectRecord {
        let greeting = state.withLock { $0.greeting }
        let json: JSON = ["id": .string(host.instanceID), "type": "greeting", "name_label": .string(greeting)]
        return ObjectRecord(id: host.instanceID, type: "greeting", pool: "", ref: "", json: json.serialized())
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { Hello.library(for: query) }
