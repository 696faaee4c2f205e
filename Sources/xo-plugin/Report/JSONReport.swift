import XOJSON

/// One JSON object at the end. Its members stay as they are; others may be added.
final class JSONReport: Report {
    private let file: String
    private let seed: UInt64
    private var totals = Totals()
    private var tests: [JSON] = []

    init(file: String, seed: UInt64) {
        self.file = file
        self.seed = seed
    }

    func add(_ test: ConformanceTest, _ verdict: Verdict, nanoseconds: Int64) {
        totals.add(verdict)
        var entry: JSONObject = [
            "group": .string(test.group.rawValue), "name": .string(test.name), "rule": .string(test.rule),
            "verdict": .string(verdict.kind.rawValue), "milliseconds": .integer(nanoseconds / 1_000_000),
        ]
        if !verdict.seen.isEmpty { entry["seen"] = .string(verdict.seen) }
        if verdict.kind == .failed { entry["remedy"] = .string(test.remedy) }
        tests.append(.object(entry))
    }

    func end() {
        let report: JSON = [
            "file": .string(file), "seed": JSON(seed), "passed": JSON(totals.passed),
            "failed": JSON(totals.failed), "skipped": JSON(totals.skipped), "notRun": JSON(totals.notRun),
            "tests": .array(tests),
        ]
        Console.print(String(decoding: report.serialized(indentation: 2), as: UTF8.self))
    }
}
