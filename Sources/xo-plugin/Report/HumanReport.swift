/// One line a test, as they end; more of them for one that failed.
final class HumanReport: Report {
    private let file: String
    private let seed: UInt64
    private var totals = Totals()
    /// The tests that have failed; they may have scrolled away.
    private var failed: [String] = []
    /// The last line names no more than these.
    private static let longestList = 8
    private var nanoseconds: Int64 = 0

    init(file: String, seed: UInt64) {
        self.file = file
        self.seed = seed
    }

    func add(_ test: ConformanceTest, _ verdict: Verdict, nanoseconds: Int64) {
        totals.add(verdict)
        self.nanoseconds += nanoseconds
        switch verdict.kind {
        case .passed where verdict.seen.isEmpty: Console.print("✓ \(test.id)")
        case .passed: Console.print("✓ \(test.id), but note: \(verdict.seen)")
        case .skipped: Console.print("– \(test.id): \(verdict.seen)")
        case .notRun: Console.print("? \(test.id) was not run: \(verdict.seen)")
        case .failed:
            failed.append(test.id)
            Console.print(
                """
                ✗ \(test.id): \(verdict.seen)
                    the rule:   \(test.rule)
                    what to do: \(test.remedy)
                """)
        }
    }

    func end() {
        let seconds = Double(nanoseconds / 100_000_000) / 10
        let notRun = totals.notRun > 0 ? ", \(totals.notRun) not run" : ""
        let more = failed.count > Self.longestList ? ["…"] : []
        let names = (failed.prefix(Self.longestList) + more).joined(separator: ", ")
        Console.print(
            "\(file): \(totals.passed) passed, \(totals.failed) failed\(failed.isEmpty ? "" : " (\(names))"), "
                + "\(totals.skipped) not applicable\(notRun) "
                + "(seed \(seed), \(seconds) s)")
    }
}
