import CXOPlugin
import XOJSON

/// Who may look where, and for how long.
let memoryTests: [ConformanceTest] = [
    ConformanceTest(
        .memory, "borrowed", rule: "Borrowed views are valid until the function they were passed to returns.",
        remedy:
            "copy what is kept. (The memory of this test cannot be read any more after the call, nor beyond its end.)"
    ) { context in
        var plan = HostPlan()
        plan.loans = .guarded
        let instance = try context.makeInstance(plan)
        try instance.run()
        let ops = try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) } + instance.request()
        try instance.settle(ops, note: false)
        try instance.configure()
        try instance.end()
    },
    ConformanceTest(
        .memory, "payloads", rule: "An owned buffer is the receiver's, unchanged, until it calls release.",
        remedy: "give each payload memory of its own.", judges: [.payloadChanged]
    ) { context in
        let instance = try context.runningInstance(HostPlan(holdsPayloads: true))
        let ops = try (0..<3).flatMap { _ in
            try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) }
        }
        try instance.settle(ops, note: false)
        try instance.end()
    },
    ConformanceTest(
        .memory, "release", rule: "release is called on any thread, and must not call the host.",
        remedy: "free the memory in release, and do nothing else.", judges: [.calledInRelease]
    ) { context in
        let instance = try context.runningInstance(HostPlan(holdsPayloads: true))
        let ops = try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) }
        try instance.settle(ops, note: false)
        try instance.end()
    },
    ConformanceTest(
        .memory, "lying-configuration",
        rule: "NULL with a length, or a length above INT64_MAX, is reported as XO_INVALID_ARGUMENT.",
        remedy: "check pointer and length of the view before it is read."
    ) { context in
        for (name, view) in lies {
            let instance = try context.readyInstance()
            guard try instance.ready().configure != nil else {
                throw NotApplicable("the plugin takes no configuration")
            }
            let outcome = try instance.outcomeOfConfigure { _ in view }
            try require(!outcome.isSuccess, "It takes a configuration with \(name).")
            try instance.destroy()
        }
    },
    ConformanceTest(
        .memory, "broken-configuration",
        rule: "The host promises a JSON object as configuration; a plugin that gets something else lives on.",
        remedy: "parse all of it, and reject what is no JSON object in UTF-8."
    ) { context in
        for text in brokenTexts {
            let instance = try context.readyInstance()
            guard try instance.ready().configure != nil else {
                throw NotApplicable("the plugin takes no configuration")
            }
            let beginning = String(decoding: text.prefix(20), as: UTF8.self)
            try context.expecting("With the configuration \(beginning)") {
                _ = try instance.outcomeOfConfigure(text)
                try instance.destroy()
            }
        }
    },
    ConformanceTest(
        .memory, "hostile-parameters",
        rule: "Whatever the parameters are, the plugin goes on and completes the operation once.",
        remedy: "check views before they are read, and answer with XO_INVALID_ARGUMENT."
    ) { context in
        let instance = try context.runningInstance()
        guard !instance.methods.isEmpty else { throw NotApplicable("the plugin offers no methods") }
        var ops: [xo_op] = []
        for method in instance.methods {
            for (_, view) in lies { ops.append(try instance.invoke(method) { _ in view }) }
            for text in brokenTexts + strangeTexts { ops.append(try instance.invoke(method, text)) }
        }
        try instance.settle(ops)
        try context.expecting("After parameters that are no JSON") { try instance.end() }
        try failOnLoss(instance)
    },
]

/// Memory that could be read, so that only the length lies. (Unsafe is only what is done with it, and nothing is.)
private nonisolated(unsafe) let somewhere = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

/// Views that lie.
var lies: [(name: String, view: xo_bytes)] {
    [
        ("NULL and the length 5", xo_bytes(ptr: nil, len: 5)),
        ("NULL and a length above INT64_MAX", xo_bytes(ptr: nil, len: UInt64(Int64.max) + 1)),
        ("NULL and the greatest length", xo_bytes(ptr: nil, len: .max)),
        ("a length above INT64_MAX", xo_bytes(ptr: somewhere, len: UInt64(Int64.max) + 1)),
    ]
}

/// Texts that are no JSON objects.
var brokenTexts: [[UInt8]] {
    [
        Array("{".utf8), Array("[]".utf8), Array("null".utf8), Array("\"\\".utf8), Array("{\"a\":".utf8), [0],
        // Not UTF-8: cut short, overlong, a surrogate, a byte that never occurs.
        Array("{\"a\":\"".utf8) + [0xE2, 0x82], Array("{\"a\":\"".utf8) + [0xC0, 0x80] + Array("\"}".utf8),
        Array("{\"a\":\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8), [0xFF, 0xFE],
        Array(String(repeating: "[", count: 100_000).utf8),
        Array(String(repeating: "{\"a\":", count: 100_000).utf8),
    ]
}

/// Texts that are JSON objects, but of which not everybody can make something.
var strangeTexts: [[UInt8]] {
    [
        Array("{\"a\":\"\\ud800\"}".utf8), Array("{\"a\":1e999999}".utf8), Array("{\"a\":1,\"a\":2}".utf8),
        Array("{\"\":\"\\u0000\"}".utf8),
    ]
}
