/// All tests, in the order in which they are run: what is needed by others comes first.
enum Suite {
    static let tests: [ConformanceTest] =
        binaryTests + entryTests + lifeCycleTests + tableTests + threadTests + exactlyOnceTests + memoryTests
        + configurationTests

    /// The tests of these groups or names.
    ///
    /// - Throws: ``SystemError`` if there is none of a name.
    static func tests(only names: [String]) throws -> [ConformanceTest] {
        guard !names.isEmpty else { return tests }
        for name in names where !tests.contains(where: { matches($0, name) }) {
            throw SystemError("there is no test or group \(name); --list shows what there is")
        }
        return tests.filter { test in names.contains { matches(test, $0) } }
    }

    private static func matches(_ test: ConformanceTest, _ name: String) -> Bool {
        test.id == name || test.group.rawValue == name || test.name == name
    }
}
