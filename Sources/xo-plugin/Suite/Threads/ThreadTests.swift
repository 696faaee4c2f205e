import CXOPlugin
import XOJSON

/// Who calls on which thread.
let threadTests: [ConformanceTest] = [
    ConformanceTest(
        .threads, "changing-threads", rule: "[lane]: one at a time per instance, on any of the host's threads.",
        remedy: "keep nothing in thread-local variables, and hold no lock from one call to the next."
    ) { context in
        var plan = HostPlan()
        plan.lane = .fresh
        let instance = try context.makeInstance(plan)
        try context.expecting("With every call on a thread of its own") {
            try instance.run()
            let ops = try (0..<3).flatMap { _ in
                try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) }
            }
            try instance.settle(ops)
            try instance.configure()
            try instance.end()
        }
        try failOnLoss(instance)
    },
    ConformanceTest(
        .threads, "several-at-once", rule: "XO_PLUGIN_CONCURRENT: functions of [lane*] may be called several at once.",
        remedy: "guard what calls share, or leave the flag away."
    ) { context in
        guard try context.subject.descriptor().isConcurrent else {
            throw NotApplicable("the plugin is not XO_PLUGIN_CONCURRENT")
        }
        let instance = try context.runningInstance()
        guard !instance.methods.isEmpty else { throw NotApplicable("the plugin offers no methods") }
        let all = Monitor<[xo_op]>([])
        HostThread.together(4) { _ in
            for _ in 0..<5 {
                for method in instance.methods {
                    let parameters = Sampler.parameters(of: method)
                    guard let op = try? instance.invoke(method, parameters, besideTheLane: true) else { continue }
                    all.withLock { $0.append(op) }
                }
            }
        }
        try instance.settle(all.withLock { $0 })
        try context.expecting("After calls from 4 threads at once") { try instance.end() }
        try failOnLoss(instance)
    },
    ConformanceTest(
        .threads, "instances-in-parallel", rule: "Several instances may live at once; each has a lane of its own.",
        remedy: "keep all state in the instance, none in static variables."
    ) { context in
        let instances = try (0..<4).map { _ in try context.makeInstance() }
        let failures = Monitor<[Breach]>([])
        HostThread.together(instances.count) { index in
            let instance = instances[index]
            do {
                try instance.create()
                try instance.setUp()
                try instance.configure()
                try instance.destroy()
            } catch {
                failures.withLock { $0.append(error as? Breach ?? Breach(.finding, "\(error)")) }
            }
        }
        guard let first = failures.withLock({ $0.first }) else { return }
        try context.expecting("With \(instances.count) instances led through their lives at the same time") {
            throw first
        }
    },
    ConformanceTest(
        .threads, "short-calls", rule: "[lane]: never wait for I/O or for another thread; the budget is 10 ms.",
        remedy: "return XO_ACCEPTED, wait on a thread of your own, and complete the operation there.",
        judges: [.laneBlocked]
    ) { context in
        let instance = try context.runningInstance()
        let ops = try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) }
        try instance.settle(ops, note: false)
        try instance.end()
    },
]
