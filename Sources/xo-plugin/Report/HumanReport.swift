/// One line a test, as they end.
final class HumanReport: Report {
    private let file: String
    private let seed: UInt64
    private var totals = Totals()
    private var nanoseconds: Int64 = 0

    init(file: String, seed: UInt64) {
        self.file = file
        self.seed = seed
    }

    func add(_ test: ConformanceTest, _ verdict: Verdict, nanoseconds: Int64) {
        totals.add(verdict)
        self.nanoseconds += nanoseconds
        switch verdict.kind {
        case .passed: Console.print("✓ \(test.id)")
        case .skipped: Console.print("– \(test.id): \(verdict.seen)")
        case .failed:
            Console.print("✗ \(test.id): \(verdict.seen) The rule: \(test.rule) What to do: \(test.remedy)")
        }
    }

    func end() {
        let seconds = Double(nanoseconds / 100_000_000) / 10
        Console.print(
            "\(file): \(totals.passed) passed, \(totals.failed) failed, \(totals.skipped) not applicable "
                + "(seed \(seed), \(seconds) s)")
    }
}
