import CXOPlugin
import Glibc
import XOJSON

/// The entry function and the constant data behind it.
let entryTests: [ConformanceTest] = [
    ConformanceTest(
        .entry, "answers", rule: "The entry function returns the library for a host that speaks its major.",
        remedy: "return the library if XO_ABI_MAJOR lies between major_min and major_max.", judges: [.noLibrary]
    ) { context in
        _ = try context.subject.library()
        var wide = Subject.query
        wide.major_max = .max
        _ = try context.subject.library(wide)
    },
    ConformanceTest(
        .entry, "library", rule: "xo_library has its size, its magic, a major that the host asked for, and no NULL.",
        remedy: "fill xo_library in as in docs/plugin-authors.md.", judges: [.library]
    ) { context in
        _ = try context.subject.checkedLibrary()
    },
    ConformanceTest(
        .entry, "descriptor", rule: "xo_descriptor has a size, an id of [a-z0-9.-], a semantic version, and UTF-8.",
        remedy: "fill xo_descriptor in as in docs/plugin-authors.md.", judges: [.descriptor]
    ) { context in
        _ = try context.subject.descriptor()
    },
    ConformanceTest(
        .entry, "schema", rule: "configuration_schema is JSON Schema in the keywords that the host understands.",
        remedy: "correct the schema; docs/plugin-authors.md has the list of keywords."
    ) { context in
        guard let text = try context.subject.descriptor().schemaText else {
            throw NotApplicable("the plugin has no schema of its configuration")
        }
        do {
            try SchemaCheck.check(JSON(parsing: text))
        } catch {
            throw Breach(.finding, "The schema is broken: \(error).")
        }
    },
    ConformanceTest(
        .entry, "unknown-majors",
        rule: "The entry function returns NULL if the library supports no major in the range.",
        remedy: "compare major_min and major_max with XO_ABI_MAJOR."
    ) { context in
        let entry = try context.subject.entry()
        for range in [UInt16(XO_ABI_MAJOR) + 1...UInt16(XO_ABI_MAJOR) + 1, 100...200, .max ... .max, 0...0] {
            var query = Subject.query
            (query.major_min, query.major_max) = (range.lowerBound, range.upperBound)
            try require(
                entry(&query) == nil,
                "It returns a library for a host that speaks the majors \(range.lowerBound) to \(range.upperBound).")
        }
    },
    ConformanceTest(
        .entry, "repeatable", rule: "The entry function may be called many times, and returns constant data.",
        remedy: "return the address of one static struct, and never write to it."
    ) { context in
        let library = try context.subject.checkedLibrary()
        let before = snapshot(library)
        for _ in 0..<1000 {
            try require(try context.subject.library() == library, "It returns another library for the same query.")
        }
        try require(snapshot(library) == before, "The library or its descriptor changes between two calls.")
    },
    ConformanceTest(
        .entry, "concurrent", rule: "The entry function is called by any thread, several at once.",
        remedy: "return constant data, or make it under a lock."
    ) { context in
        let entry = try context.subject.entry()
        let results = Monitor<Set<UInt>>([])
        HostThread.together(8) { _ in
            for _ in 0..<100 {
                var query = Subject.query
                let library = entry(&query)
                results.withLock { _ = $0.insert(UInt(bitPattern: library)) }
            }
        }
        let distinct = results.withLock { $0.count }
        try require(distinct == 1, "8 threads that ask at the same time get \(distinct) different libraries.")
    },
    ConformanceTest(
        .entry, "pure", rule: "The entry function is pure: no threads, no I/O, nothing that would have to be freed.",
        remedy: "move what it does into create or setup."
    ) { context in
        let entry = try context.subject.entry()
        let before = Resources()
        for _ in 0..<10 {
            var query = Subject.query
            _ = entry(&query)
        }
        let after = Resources()
        try require(
            after.threads <= before.threads,
            "10 calls of the entry function leave \(after.threads - before.threads) threads behind.")
        try require(
            after.descriptors <= before.descriptors,
            "10 calls of the entry function leave \(after.descriptors - before.descriptors) open descriptors behind.")
    },
    ConformanceTest(
        .entry, "short-query", rule: "A field is used only if it lies inside the size that its maker announced.",
        remedy: "read no more of xo_query than its struct_size says, and keep no pointer to it."
    ) { context in
        let entry = try context.subject.entry()
        _ = try context.subject.library()
        let library = Loan.lend(.guarded) { entry($0.value(Subject.query)) }
        try require(library != nil, "It returns NULL for a query that ends where its memory ends.")
    },
    ConformanceTest(
        .entry, "long-query", rule: "Structs grow at their end; what is unknown there is passed over.",
        remedy: "accept every struct_size that is at least the known one."
    ) { context in
        let entry = try context.subject.entry()
        _ = try context.subject.library()
        var query = Subject.query
        query.struct_size += 64
        query.host_minor += 7
        let library = Loan.lend(.lasting) { entry($0.value(query, trailing: 64)) }
        try require(library != nil, "It returns NULL for a host of a later minor version, whose query is longer.")
    },
]

/// What one can see of a library: its bytes, and those of its descriptor.
private func snapshot(_ library: UnsafePointer<xo_library>) -> [UInt8] {
    var bytes = Array(UnsafeRawBufferPointer(start: library, count: MemoryLayout<xo_library>.size))
    if let descriptor = library.pointee.descriptor {
        bytes += Array(UnsafeRawBufferPointer(start: descriptor, count: MemoryLayout<xo_descriptor>.size))
    }
    return bytes
}

/// What a process has of what is limited.
private struct Resources {
    let threads = Files.names(in: "/proc/self/task").count
    let descriptors = Files.names(in: "/proc/self/fd").count
}
