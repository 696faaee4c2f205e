import XOJSON

/// The `filter` of `xo.getAllObjects`: which objects are wanted.
///
/// An object is a ``ValuePattern``; a text is an expression in the clients' filter language, see ``FilterParser``.
struct ObjectFilter: Sendable {
    private enum Condition {
        case pattern(JSON)
        case expression(FilterTerm)
    }

    private let condition: Condition

    /// - Throws: if `filter` is neither object nor text, or a text that does not follow the grammar.
    init(_ filter: JSON) throws(FilterError) {
        switch filter {
        case .object: condition = .pattern(filter)
        case .string(let text): condition = .expression(try FilterParser.parse(text))
        default: throw FilterError("a filter is an object or a text, not of type \(filter.typeName)")
        }
    }

    func matches(_ object: JSON) -> Bool {
        switch condition {
        case .pattern(let pattern): ValuePattern.matches(pattern, object)
        case .expression(let term): term.matches(object)
        }
    }

    /// Why answers of ``matches(_:)`` cannot be trusted: a regular expression that would have taken too long was given
    /// up. To be asked after the last object.
    var problem: FilterError? {
        switch condition {
        case .pattern: nil
        case .expression(let term): term.problem
        }
    }
}

// MARK: - Preselection by type

// Most filters ask for a type, and the inventory knows the type of each object without parsing its record.
extension ObjectFilter {
    /// The only type whose objects can match, if the filter is a pattern that names one.
    ///
    /// A text never does: `type:VM` means that the type *holds* "vm", and so finds templates and snapshots too. See
    /// ``verdict(onType:)``.
    var type: String? {
        if case .pattern(let pattern) = condition { pattern["type"]?.string } else { nil }
    }

    /// What the type alone decides: `true`, all objects of this type match; `false`, none does; `nil`, it depends.
    func verdict(onType type: String) -> Bool? {
        switch condition {
        case .pattern(let pattern): ObjectFilter.verdict(of: pattern, onType: type)
        case .expression(let term): term.verdict(onType: type)
        }
    }

    private static func verdict(of pattern: JSON, onType type: String) -> Bool? {
        guard let members = pattern.object else { return false }
        if members.count == 1, let (key, operand) = members.elements.first {
            switch (key, operand) {
            case ("__and", .array(let patterns)): return .all(patterns) { verdict(of: $0, onType: type) }
            case ("__or", .array(let patterns)): return .any(patterns) { verdict(of: $0, onType: type) }
            case ("__not", _): return verdict(of: operand, onType: type).map { !$0 }
            default: break
            }
        }
        guard let wanted = members["type"] else { return members.isEmpty ? true : nil }
        guard ValuePattern.matches(wanted, .string(type)) else { return false }
        return members.count == 1 ? true : nil
    }
}

extension FilterTerm {
    func verdict(onType type: String) -> Bool? {
        switch self {
        case .property("type", let term): term.matches(.string(type))
        case .truthy("type"): !type.isEmpty
        case .all(let terms): .all(terms) { $0.verdict(onType: type) }
        case .any(let terms): .any(terms) { $0.verdict(onType: type) }
        case .not(let term): term.verdict(onType: type).map { !$0 }
        case .property, .truthy, .comparison, .search: nil
        }
    }
}

/// Logic with a third value: what is not known.
extension Bool? {
    fileprivate static func all<Item>(_ items: [Item], _ verdict: (Item) -> Bool?) -> Bool? {
        let verdicts = items.map(verdict)
        return verdicts.contains(false) ? false : verdicts.contains(nil) ? nil : true
    }

    fileprivate static func any<Item>(_ items: [Item], _ verdict: (Item) -> Bool?) -> Bool? {
        let verdicts = items.map(verdict)
        return verdicts.contains(true) ? true : verdicts.contains(nil) ? nil : false
    }
}
