import Foundation
import Synchronization

/// A regular expression in a filter.
///
/// Any user may send one, and some expressions take ages on some texts (`(a+)+b`). So the engine is watched: it reports
/// every few thousand steps, and after a number of reports, counted over all texts, the expression is given up for good.
/// Ordinary expressions never report at all.
final class FilterExpression: Sendable {
    /// About a tenth of a second of work.
    private static let reportsAllowed = 1000

    private let pattern: String
    private let expression: NSRegularExpression
    private let reports = Atomic<Int>(0)

    /// - Throws: if the pattern is malformed.
    init(_ pattern: String, ignoresCase: Bool) throws(FilterError) {
        self.pattern = pattern
        do {
            expression = try NSRegularExpression(
                pattern: FilterExpression.translated(pattern), options: ignoresCase ? .caseInsensitive : [])
        } catch {
            throw FilterError("invalid regular expression /\(pattern)/")
        }
    }

    /// Whether it matches anywhere in `string`.
    func isFound(in string: String) -> Bool {
        guard !isGivenUp else { return false }
        var isFound = false
        let whole = NSRange(location: 0, length: string.utf16.count)
        expression.enumerateMatches(in: string, options: .reportProgress, range: whole) { [self] match, flags, stop in
            if match != nil {
                isFound = true
                stop.pointee = true
            } else if flags.contains(.internalError) {
                // The engine's own limit, on memory.
                reports.store(FilterExpression.reportsAllowed, ordering: .relaxed)
            } else if flags.contains(.progress) {
                reports.add(1, ordering: .relaxed)
                stop.pointee = ObjCBool(isGivenUp)
            }
        }
        return isFound
    }

    private var isGivenUp: Bool { reports.load(ordering: .relaxed) >= FilterExpression.reportsAllowed }

    var problem: FilterError? {
        guard isGivenUp else { return nil }
        return FilterError("the regular expression /\(pattern)/ takes too long; simplify it")
    }

    /// An ECMAScript pattern in the engine's dialect, where `$` is only the very end, `\d` and `\w` are ASCII, and `[`
    /// and `&` mean nothing in a class.
    private static func translated(_ pattern: String) -> String {
        var result = ""
        var isEscaped = false
        var isInClass = false
        for scalar in pattern.unicodeScalars {
            switch (scalar, isEscaped, isInClass) {
            case ("d", true, false): result += "[0-9]"
            case ("d", true, true): result += "0-9"
            case ("w", true, false): result += "[A-Za-z0-9_]"
            case ("w", true, true): result += "A-Za-z0-9_"
            case (_, true, _): result += "\\\(scalar)"
            case ("\\", false, _): break
            case ("$", false, false): result += "\\z"
            case ("[", false, true), ("&", false, true): result += "\\\(scalar)"
            default: result.unicodeScalars.append(scalar)
            }
            if !isEscaped {
                if scalar == "[" { isInClass = true }
                if scalar == "]" { isInClass = false }
            }
            isEscaped = scalar == "\\" && !isEscaped
        }
        return isEscaped ? result + "\\" : result
    }
}
