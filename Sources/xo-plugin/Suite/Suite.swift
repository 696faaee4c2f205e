/// All tests, in the order in which they are run: what is needed by others comes first.
enum Suite {
    static let tests: [ConformanceTest] =
        binaryTests + entryTests + lifeCycleTests + tableTests + threadTests + exactlyOnceTests + memoryTests
        + configurationTests + transportTests + listeningTests + authTests + placementTests + crashTests

    /// The tests of some groups or names.
    ///
    /// - Parameters:
    ///   - wanted: empty: all.
    ///   - unwanted: left out, also if they are wanted.
    /// - Throws: ``SystemError`` if there is none of a name.
    static func tests(only wanted: [String], except unwanted: [String]) throws -> [ConformanceTest] {
        for name in wanted + unwanted where !tests.contains(where: { matches($0, name) }) {
            throw SystemError("there is no test or group \(name); --list shows what there is")
        }
        return tests.filter { test in
            (wanted.isEmpty || wanted.contains { matches(test, $0) }) && !unwanted.contains { matches(test, $0) }
        }
    }

    private static func matches(_ test: ConformanceTest, _ name: String) -> Bool {
        test.id == name || test.group.rawValue == name || test.name == name
    }
}
