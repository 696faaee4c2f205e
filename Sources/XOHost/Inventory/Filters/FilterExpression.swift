import Synchronization

/// A regular expression in a filter. It may take so much time for all texts together; then it is given up for good.
final class FilterExpression: Sendable {
    private static let nanosecondsAllowed: Int64 = 1_000_000_000

    private let expression: RegularExpression
    private let nanosecondsLeft = Atomic(nanosecondsAllowed)

    /// - Throws: if the pattern is malformed.
    init(_ pattern: String, ignoresCase: Bool) throws(FilterError) {
        do {
            expression = try RegularExpression(pattern, ignoresCase: ignoresCase)
        } catch {
            throw FilterError("invalid regular expression /\(pattern)/: \(error)")
        }
    }

    /// Whether it matches anywhere in `string`.
    func isFound(in string: String) -> Bool {
        let left = nanosecondsLeft.load(ordering: .relaxed)
        guard left > 0 else { return false }
        let started = Clock.now
        let outcome = expression.search(string, for: left)
        nanosecondsLeft.subtract(max(0, Clock.now - started), ordering: .relaxed)
        if case .givenUp = outcome { nanosecondsLeft.store(.min / 2, ordering: .relaxed) }
        if case .found = outcome { return true } else { return false }
    }

    var problem: FilterError? {
        guard nanosecondsLeft.load(ordering: .relaxed) <= 0 else { return nil }
        return FilterError("the regular expression /\(expression.pattern)/ takes too long; simplify it")
    }
}
