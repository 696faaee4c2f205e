import CXOPlugin
import XOJSON

/// Configurations, good and bad, before and while the plugin runs.
let configurationTests: [ConformanceTest] = [
    ConformanceTest(
        .configuration, "limits",
        rule: "Any configuration that fits the schema is applied, or rejected with a reason; the next is taken again.",
        remedy: "say in the schema what is demanded; reject the rest without having changed anything."
    ) { context in
        try applying(context) { base, schema in Sampler(.configuration).boundaries(base, schema) }
    },
    ConformanceTest(
        .configuration, "wrong-types",
        rule: "A configuration of other types is rejected, or taken; the next is taken again.",
        remedy: "check the type of what is read from the configuration."
    ) { context in
        try applying(context) { base, schema in Sampler(.configuration).wrongTypes(base, schema) }
    },
    ConformanceTest(
        .configuration, "while-running", rule: "configure may come again in RUNNING.",
        remedy: "apply the new configuration to what runs, also if it is the same."
    ) { context in
        let instance = try context.runningInstance()
        try needConfigure(instance)
        for _ in 0..<3 { try context.expecting("While the plugin runs") { try instance.configure() } }
        try context.expecting("After it was configured again") { try instance.end() }
    },
    ConformanceTest(
        .configuration, "rejected-while-running", rule: "A rejected reconfiguration in RUNNING changes nothing.",
        remedy: "check all of a configuration before any of it is applied."
    ) { context in
        let instance = try context.runningInstance()
        try needConfigure(instance)
        let outcome = try instance.outcomeOfConfigure(Array("{".utf8))
        guard !outcome.isSuccess else { throw NotApplicable("the plugin takes a configuration that is no JSON") }
        try context.expecting("After it has rejected a configuration while running") {
            try instance.settle(
                try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) })
            try instance.configure()
            try instance.end()
        }
        if let lost = instance.host.journal.breaches.first(where: { $0.kind == .neverCompleted }) {
            throw Breach(.finding, "After it has rejected a configuration while running: \(lost.seen)")
        }
    },
    ConformanceTest(
        .configuration, "storm", rule: "configure may come again and again in RUNNING, with calls under way.",
        remedy: "let a call use the configuration that was there when it began."
    ) { context in
        let instance = try context.runningInstance()
        try needConfigure(instance)
        var ops: [xo_op] = []
        for round in 0..<25 {
            if !instance.methods.isEmpty {
                for index in 0..<4 {
                    let method = instance.methods[(round * 4 + index) % instance.methods.count]
                    ops.append(try instance.invoke(method, Sampler.parameters(of: method)))
                }
            }
            try context.expecting("At reconfiguration \(round + 1), with calls under way") { try instance.configure() }
        }
        try instance.settle(ops)
        try context.expecting("After 25 reconfigurations") { try instance.end() }
        try failOnLoss(instance)
    },
]

private func needConfigure(_ instance: PluginInstance) throws {
    guard try instance.ready().configure != nil else { throw NotApplicable("the plugin takes no configuration") }
}

/// Applies configurations to a plugin that is about to run: each is taken or refused, and then a good one is taken.
private func applying(_ context: TestContext, _ make: (JSON, JSON) -> [Sampler.Variant]) throws {
    guard let schema = try context.subject.descriptor().schema else {
        throw NotApplicable("the plugin has no schema of its configuration")
    }
    let good = context.subject.configuration
    let variants = make(good, schema)
    guard !variants.isEmpty else { throw NotApplicable("the schema leaves no choice") }
    let instance = try context.runningInstance()
    try needConfigure(instance)
    for variant in variants {
        try context.expecting("With the configuration \(variant.name)") {
            _ = try instance.outcomeOfConfigure(variant.value.serialized())
        }
        try context.expecting("After the configuration \(variant.name)") { try instance.configure(good) }
    }
    try context.expecting("After all configurations") { try instance.end() }
}
