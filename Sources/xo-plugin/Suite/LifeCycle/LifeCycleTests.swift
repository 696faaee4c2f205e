import CXOPlugin
import Glibc
import XOJSON

/// The sequences of steps that every plugin must support.
let lifeCycleTests: [ConformanceTest] = [
    ConformanceTest(
        .lifeCycle, "describe", rule: "A library that is only looked at leaves nothing behind when the process ends.",
        remedy: "start nothing in constructors of the library, and end nothing in its destructors.",
        endsOrdinarily: true
    ) { context in
        _ = try context.subject.descriptor()
    },
    ConformanceTest(
        .lifeCycle, "create", rule: "create stores an instance.",
        remedy: "allocate the instance in create, and leave what can fail for other reasons to setup.",
        judges: [.create]
    ) { context in
        try context.makeInstance().create()
    },
    ConformanceTest(
        .lifeCycle, "setup", rule: "setup fetches tables and allocates, within 1 s.",
        remedy: "leave what can fail for other reasons to configure and start.", judges: [.setup]
    ) { context in
        _ = try context.readyInstance()
    },
    ConformanceTest(
        .lifeCycle, "configure", rule: "configure takes a configuration that fits the descriptor's schema.",
        remedy: "say in the schema what is demanded; or give a configuration that is taken with --configuration.",
        judges: [.configure]
    ) { context in
        let instance = try context.configuredInstance()
        try instance.destroy()
    },
    ConformanceTest(
        .lifeCycle, "start", rule: "start completes when the plugin is ready to serve.",
        remedy: "complete the operation on every path; if the reason lies in the configuration, give another with "
            + "--configuration.",
        judges: [.start]
    ) { context in
        try context.runningInstance().stop()
    },
    ConformanceTest(
        .lifeCycle, "stop", rule: "stop finishes or abandons what is under way, and completes.",
        remedy: "complete the operation on every path, without waiting for what may never come.", judges: [.stop]
    ) { context in
        let instance = try context.runningInstance()
        try instance.stop()
        try instance.destroy()
    },
    ConformanceTest(
        .lifeCycle, "destroy", rule: "destroy returns, after which nothing of the instance is left.",
        remedy: "free in destroy, and wait there for nothing that needs the host.", judges: [.destroy]
    ) { context in
        let instance = try context.runningInstance()
        try instance.stop()
        try instance.destroy()
    },
    ConformanceTest(
        .lifeCycle, "create-then-destroy", rule: "destroy may come in every state but RUNNING: in CREATED.",
        remedy: "let destroy cope with what setup has not made."
    ) { context in
        let instance = try context.makeInstance()
        try instance.create()
        try context.expecting("After create alone") { try instance.destroy() }
    },
    ConformanceTest(
        .lifeCycle, "setup-then-destroy", rule: "destroy may come in every state but RUNNING: in READY.",
        remedy: "let destroy cope with what configure and start have not made."
    ) { context in
        let instance = try context.readyInstance()
        try context.expecting("After setup alone") { try instance.destroy() }
    },
    ConformanceTest(
        .lifeCycle, "failed-configure-then-destroy",
        rule: "A configure that fails is followed only by destroy, which copes with whatever was half built.",
        remedy: "let destroy free what configure had made before it failed."
    ) { context in
        let instance = try context.readyInstance()
        guard try instance.ready().configure != nil else { throw NotApplicable("the plugin takes no configuration") }
        _ = try instance.outcomeOfConfigure(Array("{".utf8))
        try context.expecting("After a configure that failed") { try instance.destroy() }
    },
    ConformanceTest(
        .lifeCycle, "abandoned-start",
        rule: "A start that times out is followed only by destroy, which copes with whatever was half built.",
        remedy: "let destroy end what start has under way."
    ) { context in
        let instance = try context.configuredInstance()
        try instance.abandonStart(try instance.beginStart())
        try context.expecting("After a start that the host gave up") { try instance.destroy() }
    },
    ConformanceTest(
        .lifeCycle, "refused-by-host", rule: "A host function may return any error; a start that fails for it says so.",
        remedy: "look at every status that the host returns, and complete start with an error if need be."
    ) { context in
        var plan = HostPlan()
        plan.refuses = true
        let instance = try context.makeInstance(plan)
        try instance.create()
        try undoing(context, instance, "While the host refuses everything") {
            try instance.setUp()
            try instance.configure()
            try instance.start()
        }
    },
    ConformanceTest(
        .lifeCycle, "without-extensions",
        rule: "get_extension returns NULL if this host has no such table, or if it is not granted.",
        remedy: "check each table for NULL; report what is missing from setup or start."
    ) { context in
        var plan = HostPlan()
        plan.givesExtensions = false
        let instance = try context.makeInstance(plan)
        try instance.create()
        try undoing(context, instance, "Without any extension of the host") {
            try instance.setUp()
            try instance.configure()
            try instance.start()
            for method in instance.methods {
                try instance.settle([try instance.invoke(method, Sampler.parameters(of: method))], note: false)
            }
        }
    },
    ConformanceTest(
        .lifeCycle, "restart",
        rule: "STOPPED goes back to CONFIGURED by another configure, and on to RUNNING by start.",
        remedy: "let stop leave the instance as it was before start."
    ) { context in
        let instance = try context.runningInstance()
        try instance.stop()
        for round in 1...3 {
            try context.expecting("At restart \(round)") {
                try instance.configure()
                try instance.start()
                try instance.stop()
            }
        }
        try context.expecting("After the restarts") { try instance.destroy() }
    },
    ConformanceTest(
        .lifeCycle, "second-instance", rule: "Several instances of one plugin may live at once.",
        remedy: "keep all state in the instance, none in static variables."
    ) { context in
        let first = try context.runningInstance()
        let second = try context.makeInstance()
        try context.expecting("With a first instance running") {
            try second.create()
            try second.setUp()
            try second.configure()
        }
        do {
            try second.start()
        } catch let breach as Breach where breach.isRefusal {
            try context.expecting("After the second did not start") { try second.destroy() }
            throw NotApplicable(
                "the second instance cannot share the configuration of the first; give one that can be shared with "
                    + "--configuration, such as port 0. (\(breach.seen))")
        }
        // Each is to answer to its own host.
        for instance in [first, second, first] {
            try instance.settle(try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) })
            let lost = instance.host.journal.breaches.first { $0.kind == .neverCompleted }
            if let lost { throw lost.asFinding("With two instances running") }
        }
        let before = try first.readCatalogue().map(\.name)
        try context.expecting("With a first instance running") { try second.end() }
        let after = try context.expecting("After the second instance has ended") {
            try first.readCatalogue().map(\.name)
        }
        try require(before == after, "The first instance's catalogue changes when the second ends.")
        try context.expecting("After the second instance has ended") {
            try first.stop()
            try first.destroy()
        }
    },
    ConformanceTest(
        .lifeCycle, "create-after-destroy", rule: "A library is never unloaded: instances come and go.",
        remedy: "free in destroy what belongs to the instance, and nothing that belongs to the library."
    ) { context in
        let first = try context.runningInstance()
        try first.end()
        for round in 2...4 {
            try context.expecting("In life \(round)") { try context.runningInstance().end() }
        }
    },
    ConformanceTest(
        .lifeCycle, "no-call-before-setup", rule: "create must not call the host: it keeps the pointer until setup.",
        remedy: "move the call from create into setup.", judges: [.calledInCreate]
    ) { context in
        _ = try context.readyInstance()
    },
    ConformanceTest(
        .lifeCycle, "silent-after-destroy", rule: "After destroy returns, nothing of either side calls the other.",
        remedy: "end all threads and timers before stop completes, and those of an instance that never ran in destroy.",
        judges: [.calledAfterDestroy]
    ) { context in
        let instance = try context.runningInstance()
        try instance.end()
        // What a thread may be about to do shows itself soon, or not at all.
        instance.host.journal.waitForBreach(.calledAfterDestroy, nanoseconds: observation)
    },
]

/// How long is looked whether something comes that must not.
private let observation: Int64 = 200_000_000

/// Does steps that the plugin may refuse with an error, but not by hanging, and ends the instance.
func undoing(
    _ context: TestContext, _ instance: PluginInstance, _ circumstance: String, _ steps: () throws -> Void
) throws {
    do {
        try context.expecting(circumstance, steps)
    } catch let breach as Breach where breach.isRefusal {
        // It has said no, and is over.
    }
    try context.expecting(circumstance) { try instance.end() }
}
