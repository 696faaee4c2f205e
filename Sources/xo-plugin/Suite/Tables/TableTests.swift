import CXOPlugin
import XOJSON
import XOProtocol

/// The tables of functions in both directions.
let tableTests: [ConformanceTest] = [
    ConformanceTest(
        .tables, "mandatory-slots", rule: "A function that is marked as mandatory is not NULL, and inside struct_size.",
        remedy: "fill the slot, and set struct_size to the size of the struct.", judges: [.missingSlot]
    ) { context in
        _ = try context.readyInstance()
    },
    ConformanceTest(
        .tables, "catalogue",
        rule: "The catalogue is a JSON array of methods with unique names of the form namespace.name and a permission.",
        remedy: "correct the entry; a broken one is not served.", judges: [.catalogue]
    ) { context in
        let instance = try context.readyInstance()
        guard try instance.ready().catalog != nil else { throw NotApplicable("the plugin offers no methods") }
    },
    ConformanceTest(
        .tables, "steady-catalogue", rule: "The catalogue is valid and unchanged for the instance's life.",
        remedy: "make it once, in setup."
    ) { context in
        let instance = try context.readyInstance()
        guard let catalog = try instance.ready().catalog else { throw NotApplicable("the plugin offers no methods") }
        func view() throws -> xo_bytes {
            try instance.inLane("catalog", .catalogue, try instance.ready()) { tables in
                var view = xo_bytes()
                _ = catalog(tables.data, &view)
                return view
            }
        }
        let kept = try view()
        let before = [UInt8](kept.buffer)
        try instance.configure()
        try instance.start()
        try require(try [UInt8](view().buffer) == before, "When the plugin runs, it has another catalogue than before.")
        try require([UInt8](kept.buffer) == before, "The catalogue that was read first changes in memory.")
        try instance.stop()
        try require([UInt8](kept.buffer) == before, "The catalogue changes in memory when the plugin stops.")
        try instance.destroy()
    },
    ConformanceTest(
        .tables, "parameter-schemas", rule: "The schemas of parameters use keywords that the host understands.",
        remedy: "correct the schema; docs/plugin-authors.md has the list of keywords."
    ) { context in
        let instance = try context.readyInstance()
        let described = instance.methods.filter { $0.parameters != nil }
        guard !described.isEmpty else { throw NotApplicable("no method describes its parameters") }
        for method in described {
            for (name, schema) in method.parameters ?? [:] {
                do {
                    try SchemaCheck.check(schema, at: "parameter \(name)")
                } catch {
                    throw Breach(.finding, "\(method.name): \(error).")
                }
            }
        }
    },
    ConformanceTest(
        .tables, "unknown-extensions",
        rule: "get_extension of the plugin returns NULL for an id that it does not have.",
        remedy: "compare the whole id with its length, which has no NUL at its end."
    ) { context in
        let instance = try context.readyInstance()
        let tables = try instance.ready()
        func isOffered(_ id: String) throws -> Bool {
            try instance.inLane("get_extension", .setup, tables) { tables in
                instance.host.lend { tables.pointer($0.text(id)) != nil }
            }
        }
        let known = [XO_METHODS_1, XO_CALLS_1, XO_EVENTS_1, XO_HTTP_1, XO_TRANSPORT_1, XO_STORE_1, XO_AUTH_1]
        let garbage =
            ["", "x", "xo.unknown/1", "xo.methods", "xo.methods/", "XO.METHODS/1", "xo.methods/999"]
            + known.flatMap { ["\($0)0", "\($0) ", "\($0)\0", " \($0)", "\($0)/1", String($0.dropLast())] }
        for id in garbage {
            try require(try !isOffered(id), "It returns a table for the id '\(id)'.")
        }
        for (pointer, length) in [(nil, UInt64(5)), (nil, UInt64(Int64.max) + 1)] as [(UnsafePointer<CChar>?, UInt64)] {
            let found = try instance.inLane("get_extension", .setup, tables) { tables in
                tables.pointer(xo_str(ptr: pointer, len: length)) != nil
            }
            try require(!found, "It returns a table for an id at NULL with the length \(length).")
        }
    },
    ConformanceTest(
        .tables, "steady-extensions", rule: "get_extension gives the same answer for the instance's life.",
        remedy: "return the address of one static table for each id."
    ) { context in
        let instance = try context.readyInstance()
        let ids = [XO_METHODS_1, XO_CALLS_1, XO_EVENTS_1, XO_HTTP_1, XO_TRANSPORT_1, XO_STORE_1, XO_AUTH_1]
        func answers() throws -> [UInt] {
            try instance.inLane("get_extension", .setup, try instance.ready()) { tables in
                ids.map { id in instance.host.lend { UInt(bitPattern: tables.pointer($0.text(id))) } }
            }
        }
        let before = try answers()
        try instance.configure()
        try instance.start()
        for (id, pair) in zip(ids, zip(before, try answers())) {
            try require(pair.0 == pair.1, "The table \(id) is another one when the plugin runs.")
        }
        try instance.end()
    },
    ConformanceTest(
        .tables, "later-host", rule: "Structs grow at their end; what is unknown there is passed over.",
        remedy: "accept every struct_size that is at least the known one, and every minor version."
    ) { context in
        var plan = HostPlan()
        plan.trailing = 48
        let instance = try context.makeInstance(plan)
        try context.expecting("Under a host of a later minor version, whose structs are longer") {
            try instance.run()
            let ops = try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) }
            try instance.settle(ops, note: false)
            try instance.end()
        }
    },
    ConformanceTest(
        .tables, "nothing-behind-the-end",
        rule: "A field is used only if it lies inside the size that its maker announced.",
        remedy: "ask XO_HAS_FIELD before a field is read, and copy no more than struct_size of a struct."
    ) { context in
        var plan = HostPlan()
        plan.tables = .guarded
        let instance = try context.makeInstance(plan)
        try context.expecting("Under a host whose tables end where their memory ends") {
            try instance.create()
            try instance.setUp()
        }
    },
    ConformanceTest(
        .tables, "arguments", rule: "What is passed to the host has its struct_size, honest lengths, UTF-8 and JSON.",
        remedy: "fill the argument in as its declaration says.", judges: [.badArgument]
    ) { context in
        let instance = try context.runningInstance()
        let ops = try instance.methods.map { try instance.invoke($0, Sampler.parameters(of: $0)) }
        try instance.settle(ops, note: false)
        try instance.end()
    },
]
