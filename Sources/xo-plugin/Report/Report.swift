/// Where results go, test by test.
protocol Report: AnyObject {
    /// A test is over.
    func add(_ test: ConformanceTest, _ verdict: Verdict, nanoseconds: Int64)
    /// All are.
    func end()
}

/// How many tests ended in which way.
struct Totals {
    private(set) var passed = 0
    private(set) var failed = 0
    private(set) var skipped = 0
    private(set) var notRun = 0

    /// Counts one more.
    mutating func add(_ verdict: Verdict) {
        switch verdict.kind {
        case .passed: passed += 1
        case .failed: failed += 1
        case .skipped: skipped += 1
        case .notRun: notRun += 1
        }
    }
}
