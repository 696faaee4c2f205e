import XOJSON

/// A term of the filter language, ready to be matched.
indirect enum FilterTerm: Sendable {
    /// All of the terms; no terms match everything.
    case all([FilterTerm])
    case any([FilterTerm])
    case not(FilterTerm)
    /// The property's value matches the term.
    case property(String, FilterTerm)
    /// The property is there and neither false, 0, empty text nor null.
    case truthy(String)
    case comparison(Comparison, Double)
    /// The value, or any value in it at any depth, passes the test.
    case search(ValueTest)

    enum Comparison: String, Sendable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            }
        }
    }

    /// - Parameter value: `nil` for a property that is missing, which is something else than null.
    func matches(_ value: JSON?) -> Bool {
        switch self {
        case .all(let terms): terms.allSatisfy { $0.matches(value) }
        case .any(let terms): terms.contains { $0.matches(value) }
        case .not(let term): !term.matches(value)
        case .property(let name, let term):
            switch value {
            case nil, .null: false
            case let value?: term.matches(value.property(name))
            }
        case .truthy(let name): value?.property(name)?.isTruthy ?? false
        case .comparison(let comparison, let operand):
            value.map { comparison.holds(ECMAScriptConversion.number(from: $0), operand) } ?? false
        case .search(let test): value.map { FilterTerm.finds(test, in: $0) } ?? false
        }
    }

    private static func finds(_ test: ValueTest, in value: JSON) -> Bool {
        switch value {
        case .array(let elements): elements.contains { finds(test, in: $0) }
        case .object(let members): members.values.contains { finds(test, in: $0) }
        default: test.accepts(value)
        }
    }

    /// See ``ObjectFilter/problem``.
    var problem: FilterError? {
        switch self {
        case .all(let terms), .any(let terms): terms.lazy.compactMap(\.problem).first
        case .not(let term), .property(_, let term): term.problem
        case .search(.expression(let expression)): expression.problem
        case .truthy, .comparison, .search: nil
        }
    }
}

extension JSON {
    /// What ECMAScript would give for `self[name]`; texts and arrays have a `length`, arrays have indices.
    fileprivate func property(_ name: String) -> JSON? {
        switch self {
        case .object(let members): members[name]
        case .array(let elements) where name == "length": .integer(Int64(elements.count))
        case .array:
            // "0" is an index, "00" and "+0" are not.
            if let index = Int(name), String(index) == name { self[index] } else { nil }
        case .string(let text) where name == "length": .integer(Int64(text.utf16.count))
        default: nil
        }
    }

    fileprivate var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0 && !value.isNaN
        case .string(let text): !text.isEmpty
        case .array, .object: true
        }
    }
}
