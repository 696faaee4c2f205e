import XOJSON

/// What came of a test.
struct Verdict: Sendable {
    /// How it ended.
    enum Kind: String, Sendable {
        case passed, failed
        /// It has nothing to do with this plugin, or something that it needs has failed in a test of its own.
        case skipped
        /// Something that it needs is missing here, which is not the plugin's fault.
        case notRun = "not-run"
    }

    let kind: Kind
    /// What was seen, or why it was skipped: a sentence. If it passed: what is worth a word all the same, or empty.
    let seen: String

    /// - Parameter remark: what is worth a word all the same.
    static func passed(_ remark: String = "") -> Verdict { Verdict(kind: .passed, seen: remark) }
    static func failed(_ seen: String) -> Verdict { Verdict(kind: .failed, seen: seen) }
    static func skipped(_ reason: String) -> Verdict { Verdict(kind: .skipped, seen: reason) }

    init(kind: Kind, seen: String) {
        self.kind = kind
        self.seen = seen
    }

    // MARK: Between processes

    var json: JSON { ["verdict": .string(kind.rawValue), "seen": .string(seen)] }

    init?(json: JSON) {
        guard let kind = json["verdict"]?.string.flatMap(Kind.init), let seen = json["seen"]?.string else { return nil }
        self.init(kind: kind, seen: seen)
    }
}

extension ConformanceTest {
    /// Runs the test in this process.
    func run(_ context: TestContext) -> Verdict {
        var stopped: Verdict?
        do {
            try body(context)
        } catch let breach as Breach {
            if breach.kind == .finding || judges.contains(breach.kind) { return .failed(breach.seen) }
            stopped = .skipped("it cannot go on: \(breach.seen)")
        } catch let reason as NotApplicable {
            stopped = .skipped(reason.reason)
        } catch let reason as NotRun {
            stopped = Verdict(kind: .notRun, seen: reason.reason)
        } catch {
            // Ours, or the system's: a folder that cannot be made.
            stopped = Verdict(kind: .notRun, seen: "the test cannot be made: \(error)")
        }
        let noted = context.breaches.filter { judges.contains($0.kind) }
        if let first = noted.first {
            return .failed(noted.count == 1 ? first.seen : "\(first.seen) (And \(noted.count - 1) times more.)")
        }
        return stopped ?? .passed(context.remarks.joined(separator: " "))
    }
}
