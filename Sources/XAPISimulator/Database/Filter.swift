import XOJSON

/// An expression of `get_all_records_where`: `true`, `false`, `field "name" = "value"`, `not`, `and`, `or`,
/// parentheses. `and` binds tighter than `or`.
indirect enum Filter {
    case constant(Bool)
    case equals(field: String, value: String)
    case not(Filter)
    case and(Filter, Filter)
    case or(Filter, Filter)

    /// - Throws: `INVALID_VALUE` with the expression and what is wrong with it.
    init(parsing text: String) throws(XAPIFailure) {
        var parser = FilterParser(text)
        self = try parser.parse()
    }

    func matches(_ row: Row) -> Bool {
        switch self {
        case .constant(let value): value
        case .equals(let field, let value): Filter.text(row[field]) == value
        case .not(let filter): !filter.matches(row)
        case .and(let left, let right): left.matches(row) && right.matches(row)
        case .or(let left, let right): left.matches(row) || right.matches(row)
        }
    }

    /// A value as the database writes it.
    private static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: value.description
        }
    }
}

private struct FilterParser {
    private let expression: String
    private var rest: Substring
    private static let maximumDepth = 64

    init(_ expression: String) {
        self.expression = expression
        rest = expression[...]
    }

    mutating func parse() throws(XAPIFailure) -> Filter {
        let filter = try disjunction(0)
        skipSpace()
        guard rest.isEmpty else { throw failure("expected the end at '\(rest.prefix(16))'") }
        return filter
    }

    private mutating func disjunction(_ depth: Int) throws(XAPIFailure) -> Filter {
        var filter = try conjunction(depth)
        while take("or") { filter = .or(filter, try conjunction(depth)) }
        return filter
    }

    private mutating func conjunction(_ depth: Int) throws(XAPIFailure) -> Filter {
        var filter = try term(depth)
        while take("and") { filter = .and(filter, try term(depth)) }
        return filter
    }

    private mutating func term(_ depth: Int) throws(XAPIFailure) -> Filter {
        guard depth < FilterParser.maximumDepth else { throw failure("nested too deeply") }
        if take("(") {
            let filter = try disjunction(depth + 1)
            guard take(")") else { throw failure("expected ')'") }
            return filter
        }
        if take("not") { return .not(try term(depth + 1)) }
        if take("true") { return .constant(true) }
        if take("false") { return .constant(false) }
        guard take("field") else { throw failure("expected an expression at '\(rest.prefix(16))'") }
        let field = try string()
        guard take("=") else { throw failure("expected '='") }
        // The database separates the parts of a name by two underscores where records have one.
        return .equals(field: field.replacing("__", with: "_"), value: try string())
    }

    private mutating func string() throws(XAPIFailure) -> String {
        guard take("\""), let end = rest.firstIndex(of: "\"") else { throw failure("expected text in double quotes") }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[..<end])
    }

    private mutating func take(_ token: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(token) else { return false }
        rest = rest.dropFirst(token.count)
        return true
    }

    private mutating func skipSpace() { rest = rest.drop(while: \.isWhitespace) }

    private func failure(_ reason: String) -> XAPIFailure { XAPIFailure("INVALID_VALUE", expression, reason) }
}
