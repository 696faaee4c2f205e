import Glibc
import XOJSON

/// What a plugin has that a client of the daemon can reach, and what it is asked.
struct Scene {
    let methods: [CatalogueEntry]
    let routes: [Route]
    /// Whether it brings clients in. Who only offers the table does not: the SDK for Swift does so for all.
    let isTransport: Bool
    /// Sampled calls, in their order.
    let calls: [(method: String, parameters: JSON)]

    /// Of the invalid ones, so many random samples a method.
    private static let randomSamples = 3
    /// Longer texts say nothing new here, and a transcript is kept in memory.
    private static let longestParameters = 4096

    /// Has the plugin run under the suite's own host, which sees what it offers.
    init(_ context: TestContext) throws {
        let instance = try context.runningInstance()
        methods = instance.methods
        routes = instance.host.routes.withLock { $0.values.sorted { ($0.path, $0.method) < ($1.path, $1.method) } }
        isTransport =
            try instance.isTransport
            && (instance.host.isUsedByTransport || !ListeningSockets.of([getpid()]).isEmpty)
        try instance.end()
        var random = SeededRandom(seed: context.settings.seed)
        calls = methods.flatMap { Self.calls(of: $0, &random) }
    }

    /// - Throws: ``NotApplicable`` if there is nothing to call.
    func needCalls() throws(NotApplicable) {
        if calls.isEmpty { throw NotApplicable("the plugin offers no methods") }
    }

    private static func calls(
        of method: CatalogueEntry, _ random: inout SeededRandom
    ) -> [(method: String, parameters: JSON)] {
        let names = method.parameters.map { Array($0.keys) } ?? []
        let valid = [Sampler.parameters(of: method)] + Sampler.parametersAtLimits(of: method)
        var all = valid.compactMap { try? JSON(parsing: $0) } + Sampler.parametersOfWrongTypes(of: method) + [[:]]
        for _ in 0..<randomSamples { all.append(Sampler.object(&random, names: names)) }
        return all.filter { $0.serialized().count <= longestParameters }.map { (method.name, $0) }
    }
}
