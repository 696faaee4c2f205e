import Glibc
import XOJSON

/// The plugin under the real daemon, inside of it and in a process of its own: it cannot tell the difference, and nor
/// can anybody else.
let placementTests: [ConformanceTest] = [
    ConformanceTest(
        .placement, "answers",
        rule: "A plugin gives the same answers inside of the daemon and in a process of its own.",
        remedy: onItsOwn
    ) { context in
        let scene = try Scene(context)
        try scene.needCalls()
        try comparePlacements(context, scene) { plugin in
            plugin.callAll()
            // Somebody who goes away with calls under way leaves the others what they have.
            let other = try RPCClient(plugin.daemon.address, patience: plugin.patience)
            for (method, parameters) in plugin.scene.calls.prefix(20) { other.begin(method, parameters) }
            other.vanish()
            plugin.callAll()
        }
    },
    ConformanceTest(
        .placement, "objects",
        rule: "A plugin publishes the same objects in both placements, and what clients are told leads to them.",
        remedy: onItsOwn
    ) { context in
        try comparePlacements(context, Scene(context)) { plugin in
            plugin.list()
            plugin.callAll(isNoted: false)
            plugin.list()
            plugin.unload()
            plugin.list()
        }
    },
    ConformanceTest(
        .placement, "events", rule: "A plugin publishes the same events in both placements.", remedy: onItsOwn
    ) { context in
        let scene = try Scene(context)
        var publishes = false
        try comparePlacements(context, scene, isRecorded: true) { plugin in
            plugin.callAll(isNoted: false)
            for route in plugin.scene.routes { plugin.request(route) }
            plugin.unload()
            if plugin.listEvents() { publishes = true }
        }
        guard publishes else { throw NotApplicable("it publishes no events, or there was no time to hear them") }
    },
    ConformanceTest(
        .placement, "configurations",
        rule: "A plugin takes and rejects the same configurations in both placements, for the same reasons.",
        remedy: onItsOwn
    ) { context in
        guard let schema = try context.subject.descriptor().schema else {
            throw NotApplicable("the plugin has no schema of its configuration")
        }
        let (good, sampler) = (context.subject.configuration, Sampler(.configuration))
        let variants = sampler.boundaries(good, schema) + sampler.wrongTypes(good, schema)
        guard !variants.isEmpty else { throw NotApplicable("the schema leaves no choice") }
        var random = SeededRandom(seed: context.settings.seed)
        let chosen = variants.shuffled(using: &random).prefix(12)
        try comparePlacements(context, Scene(context)) { plugin in
            for variant in chosen {
                plugin.configure(variant.value)
                plugin.note("plugin.get", plugin.state())
                plugin.configure(good)
                plugin.note("plugin.get", plugin.state())
            }
        }
    },
    ConformanceTest(
        .placement, "restarts", rule: "A plugin that is stopped and started again is the same in both placements.",
        remedy: onItsOwn
    ) { context in
        try comparePlacements(context, Scene(context)) { plugin in
            for _ in 0..<2 {
                plugin.unload()
                plugin.callAll()
                plugin.load()
                plugin.note("plugin.get", plugin.state())
                plugin.callAll()
            }
        }
    },
    ConformanceTest(
        .placement, "responses", rule: "A plugin gives the same HTTP responses in both placements.", remedy: onItsOwn
    ) { context in
        let scene = try Scene(context)
        guard !scene.routes.isEmpty else { throw NotApplicable("the plugin has no HTTP routes") }
        try comparePlacements(context, scene) { plugin in
            for _ in 0..<2 { for route in plugin.scene.routes { plugin.request(route) } }
        }
    },
    ConformanceTest(
        .placement, "connections",
        rule: "A transport serves its clients in both placements alike.",
        remedy: "do with sockets only what the contract offers, and treat what comes late as what comes at once."
    ) { context in
        let scene = try Scene(context)
        guard scene.isTransport else { throw NotApplicable("the plugin is no transport") }
        var listens = false
        try comparePlacements(context, scene) { plugin in
            for _ in 0..<2 {
                guard plugin.connect() else { return }
                listens = true
            }
        }
        guard listens else { throw NotApplicable("it takes connections at no TCP port") }
    },
    ConformanceTest(
        .placement, "files", rule: "A plugin keeps its files in data_dir, which is where it is looked for.",
        remedy: "write to the store, or to the folder data_dir; not where the daemon's program is, where it works, or "
            + "in the home of its user."
    ) { context in
        let scene = try Scene(context)
        for placement in [Placement.inside, .isolated] {
            let plugin = try PlacedPlugin(context, scene, placement)
            guard plugin.load() else { throw NotApplicable.doesNotStart(plugin.refusal) }
            plugin.callAll()
            plugin.unload()
            let folder = plugin.daemon.folder
            let places = [
                ("program", "beside the daemon's program"), ("work", "where it works"), ("home", "in its home"),
            ]
            for (name, place) in places {
                let left = Files.names(in: "\(folder)/\(name)").filter { !($0 == "xo-host" && name == "program") }
                try require(
                    left.isEmpty,
                    "Run \(placement.description), it leaves \(left.sorted().joined(separator: ", ")) \(place).")
            }
        }
    },
]

/// Does the same with the plugin in both placements, and fails the test if something else is seen.
private func comparePlacements(
    _ context: TestContext, _ scene: Scene, isRecorded: Bool = false, _ actions: (PlacedPlugin) throws -> Void
) throws {
    var refusals: [Placement: String] = [:]
    var isCutShort = false
    func run(_ placement: Placement) throws -> Transcript {
        let plugin = try PlacedPlugin(context, scene, placement, isRecorded: isRecorded)
        if plugin.load() { try actions(plugin) } else { refusals[placement] = plugin.refusal }
        if plugin.transcript.isCutShort { isCutShort = true }
        return plugin.transcript
    }
    if let difference = try findDifference(context, usual: { try run(.inside) }, other: { try run(.isolated) }) {
        throw Breach(
            .finding, difference.sentence(Placement.inside.description, Placement.isolated.description))
    }
    if refusals.count == 2, let reason = refusals[.inside] { throw NotApplicable.doesNotStart(reason) }
    if isCutShort { context.remarkHaste() }
}

private let onItsOwn =
    "rely on nothing that belongs to the process: its name, its parent, its arguments, its environment, its descriptors."
