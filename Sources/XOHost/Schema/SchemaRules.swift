import XOJSON

/// `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`.
struct NumberRule: Sendable {
    let keyword: String
    let comparison: String
    let limit: Double

    static let comparisons = [
        ("maximum", "<="), ("minimum", ">="), ("exclusiveMaximum", "<"), ("exclusiveMinimum", ">"),
    ]

    func check(_ number: Double, _ path: String, _ violations: inout [Violation]) {
        let isWithin =
            switch comparison {
            case "<=": number <= limit
            case ">=": number >= limit
            case "<": number < limit
            default: number > limit
            }
        if isWithin { return }
        let limit = JSON(self.limit)
        violations.append(
            Violation(
                keyword, in: path, params: ["comparison": JSON(comparison), "limit": limit],
                "must be \(comparison) \(limit)"))
    }
}

/// `minLength`, `maxLength`, `pattern`.
final class StringRules: Sendable {
    let maximum: Int?
    let minimum: Int?
    let pattern: RegularExpression?

    init(maximum: Int?, minimum: Int?, pattern: RegularExpression?) {
        self.maximum = maximum
        self.minimum = minimum
        self.pattern = pattern
    }

    func check(_ string: String, _ path: String, _ violations: inout [Violation]) {
        if let maximum, string.utf8.count > maximum, string.unicodeScalars.count > maximum {
            violations.append(.tooMany("maxLength", maximum, "characters", in: path))
        }
        // Code points are counted only when the number of bytes leaves a doubt: at most four make one.
        if let minimum, string.utf8.count < 4 * minimum, string.unicodeScalars.count < minimum {
            violations.append(.tooFew("minLength", minimum, "characters", in: path))
        }
        if let pattern, !pattern.isFound(in: string) {
            violations.append(
                Violation(
                    "pattern", in: path, params: ["pattern": JSON(pattern.pattern)],
                    "must match pattern \"\(pattern.pattern)\""))
        }
    }
}

/// `minItems`, `maxItems`, `items`.
struct ArrayRules: Sendable {
    let maximum: Int?
    let minimum: Int?
    let items: SchemaNode?

    /// The elements with defaults inserted, `nil` if none were.
    func check(_ elements: [JSON], _ path: String, _ violations: inout [Violation]) -> [JSON]? {
        if let maximum, elements.count > maximum {
            violations.append(.tooMany("maxItems", maximum, "items", in: path))
        }
        if let minimum, elements.count < minimum {
            violations.append(.tooFew("minItems", minimum, "items", in: path))
        }
        guard let items else { return nil }
        var completed: [JSON]?
        for (index, element) in elements.enumerated() {
            let known = violations.count
            if let replacement = items.check(element, &violations) {
                var copy = completed ?? elements
                completed = nil
                copy[index] = replacement
                completed = copy
            }
            violations.move(since: known, below: .element(index))
        }
        return completed
    }
}

/// `allOf`, `anyOf`, `oneOf`. Defaults inside of branches are not inserted: which branch's would it be?
struct SchemaCombination: Sendable {
    enum Kind: String, Sendable, CaseIterable { case anyOf, oneOf, allOf }

    let kind: Kind
    let branches: [SchemaNode]

    func check(_ value: JSON, _ path: String, _ violations: inout [Violation]) {
        var found: [Violation] = []
        var passing: [Int] = []
        for (index, branch) in branches.enumerated() {
            let known = found.count
            _ = branch.check(value, &found)
            if found.count == known { passing.append(index) }
        }
        switch kind {
        case .allOf:
            violations += found
        case .anyOf where passing.isEmpty:
            violations += found
            violations.append(Violation("anyOf", in: path, "must match a schema in anyOf"))
        case .oneOf where passing.count != 1:
            // Two that pass make the value wrong by themselves; what the others object to is of no interest then.
            if passing.isEmpty { violations += found }
            let passing: JSON = passing.isEmpty ? .null : .array(passing.prefix(2).map { JSON($0) })
            violations.append(
                Violation(
                    "oneOf", in: path, params: ["passingSchemas": passing], "must match exactly one schema in oneOf"))
        case .anyOf, .oneOf: break
        }
    }
}

extension Violation {
    fileprivate static func tooMany(_ keyword: String, _ limit: Int, _ what: String, in path: String) -> Violation {
        Violation(keyword, in: path, params: ["limit": JSON(limit)], "must NOT have more than \(limit) \(what)")
    }

    fileprivate static func tooFew(_ keyword: String, _ limit: Int, _ what: String, in path: String) -> Violation {
        Violation(keyword, in: path, params: ["limit": JSON(limit)], "must NOT have fewer than \(limit) \(what)")
    }
}
