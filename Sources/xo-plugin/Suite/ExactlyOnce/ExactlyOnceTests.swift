import CXOPlugin
import XOJSON

/// Every operation is completed, and once.
let exactlyOnceTests: [ConformanceTest] = [
    ConformanceTest(
        .exactlyOnce, "valid-parameters", rule: completion,
        remedy: "complete each operation on every path, and on one only.", judges: [.completedTwice, .neverCompleted]
    ) { context in
        try calling(context) { _, method in [Sampler.parameters(of: method)] }
    },
    ConformanceTest(
        .exactlyOnce, "parameters-at-limits", rule: completion,
        remedy: "complete each operation also for the smallest, greatest and longest values that the schema allows.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        try calling(context) { _, method in Sampler.parametersAtLimits(of: method) }
    },
    ConformanceTest(
        .exactlyOnce, "empty-parameters", rule: completion,
        remedy: "answer parameters that cannot be used with XO_INVALID_ARGUMENT.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        try calling(context) { _, _ in [Array("{}".utf8), []] }
    },
    ConformanceTest(
        .exactlyOnce, "random-parameters", rule: completion,
        remedy: "answer parameters that cannot be used with XO_INVALID_ARGUMENT.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        try calling(context) { context, method in
            let names = method.parameters.map { Array($0.keys) } ?? []
            return (0..<8).map { _ in Sampler.object(&context.random, names: names).serialized() }
        }
    },
    ConformanceTest(
        .exactlyOnce, "results",
        rule: "A payload is the JSON result, or the JSON error with code and message, or empty.",
        remedy: "complete with valid JSON; docs/plugin-authors.md has the errors.", judges: [.badResult]
    ) { context in
        try calling(context) { _, method in [Sampler.parameters(of: method), Array("{}".utf8)] }
    },
    ConformanceTest(
        .exactlyOnce, "cancelled", rule: "A result that is no longer wanted is still completed, once.",
        remedy: "let whoever comes second, the result or the cancellation, find that it is done.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.runningInstance()
        try needMethods(instance)
        var ops: [xo_op] = []
        for _ in 0..<10 {
            for method in instance.methods {
                let op = try instance.invoke(method, Sampler.parameters(of: method))
                try instance.cancel(op)
                ops.append(op)
            }
        }
        try instance.settle(ops)
        try instance.end()
    },
    ConformanceTest(
        .exactlyOnce, "past-deadline", rule: "An operation that is past its deadline is still completed, once.",
        remedy: "complete it with XO_DEADLINE, or as if there were time.", judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.runningInstance()
        try needMethods(instance)
        let ops = try instance.methods.map {
            try instance.invoke($0, Sampler.parameters(of: $0), deadline: MonotonicClock.now)
        }
        try instance.settle(ops)
        try instance.end()
    },
    ConformanceTest(
        .exactlyOnce, "stop-with-calls-under-way",
        rule: "stop finishes or abandons what is under way; no operation is completed twice for it.",
        remedy: "either complete an operation before stop does, or forget it."
    ) { context in
        let instance = try context.runningInstance()
        try needMethods(instance)
        for _ in 0..<20 {
            for method in instance.methods { try instance.invoke(method, Sampler.parameters(of: method)) }
        }
        try context.expecting("With calls under way") {
            try instance.stop()
            try instance.destroy()
        }
        if let twice = instance.host.journal.breaches.first(where: { $0.kind == .completedTwice }) {
            throw Breach(.finding, twice.seen)
        }
    },
    ConformanceTest(
        .exactlyOnce, "requests", rule: "An HTTP request is answered by respond or completed, once.",
        remedy: "respond to each request on every path, and on one only.", judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.runningInstance()
        let ops = try instance.request()
        guard !ops.isEmpty else { throw NotApplicable("the plugin has no HTTP routes") }
        try instance.settle(ops)
        try instance.end()
    },
]

private let completion = "complete is called exactly once per operation that was accepted."

private func needMethods(_ instance: PluginInstance) throws {
    guard !instance.methods.isEmpty else { throw NotApplicable("the plugin offers no methods") }
}

/// Calls every method with some parameters each, and ends the instance.
private func calling(_ context: TestContext, _ parameters: (TestContext, CatalogueEntry) -> [[UInt8]]) throws {
    let instance = try context.runningInstance()
    try needMethods(instance)
    var ops: [xo_op] = []
    for method in instance.methods {
        for text in parameters(context, method) { ops.append(try instance.invoke(method, text)) }
    }
    try instance.settle(ops)
    try instance.end()
}
