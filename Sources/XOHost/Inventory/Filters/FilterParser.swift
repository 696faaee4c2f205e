import XOJSON

/// Reads the filter language.
///
/// ```
/// filter = *term                                        ; all of them
/// term   = "(" 1*term ")" / "&(" 1*term ")"             ; all
///        / "|(" 1*term ")"                              ; any
///        / "!" term                                     ; not
///        / ("<" / "<=" / ">" / ">=") raw                ; comparison with a number
///        / name ":" term                                ; property
///        / name "?"                                     ; property that is set
///        / quoted / "/" pattern "/" ["i"] / glob        ; search in all values
/// name   = quoted / raw
/// raw    = 1*(letter / digit / "_" / "-" / "." / "$")   ; letter: has upper and lower case
/// glob   = 1*(raw / "*")
/// quoted = DQUOTE *("\" any / not-DQUOTE) [DQUOTE]
/// ```
/// Alternatives are tried in this order, and the first that succeeds stays. White space may stand around terms, before
/// and after `:`, and after `|`, `&` and `!`. A glob that reads as a number also finds this number.
struct FilterParser {
    /// How deep terms may stand in each other: reading and matching them takes stack.
    private static let maximumDepth = 100

    private let text: [Unicode.Scalar]
    private var position = 0
    /// The expectation that failed farthest into the text, which is what the author most likely meant.
    private var failure = (position: 0, expectation: "a term")

    private init(_ text: String) { self.text = Array(text.unicodeScalars) }

    static func parse(_ text: String) throws(FilterError) -> FilterTerm {
        var parser = FilterParser(text)
        parser.skipWhitespace()
        let terms = try parser.terms(depth: 0)
        guard parser.position == parser.text.count else { throw parser.syntaxError }
        return .joined(terms, FilterTerm.all)
    }

    // MARK: Terms

    private mutating func terms(depth: Int) throws(FilterError) -> [FilterTerm] {
        var terms: [FilterTerm] = []
        while let term = try term(depth: depth) { terms.append(term) }
        return terms
    }

    /// A term and the white space behind it; `nil`, and nothing read, if there is none.
    private mutating func term(depth: Int) throws(FilterError) -> FilterTerm? {
        guard depth < FilterParser.maximumDepth else {
            throw FilterError(
                "more than \(FilterParser.maximumDepth) levels of terms at position \(utf16Offset(position))")
        }
        let start = position
        let term: FilterTerm?
        switch peek {
        case "(", "&": term = try group(FilterTerm.all, depth)
        case "|": term = try group(FilterTerm.any, depth)
        case "!":
            position += 1
            skipWhitespace()
            term = try self.term(depth: depth + 1).map(FilterTerm.not)
        case "<", ">": term = try comparison()
        default: term = try propertyOrSearch(depth)
        }
        if term == nil { position = start } else { skipWhitespace() }
        return term
    }

    private mutating func group(_ join: ([FilterTerm]) -> FilterTerm, _ depth: Int) throws(FilterError) -> FilterTerm? {
        if peek != "(" {
            position += 1
            skipWhitespace()
        }
        guard take("(") else { return fail("'('") }
        skipWhitespace()
        let terms = try terms(depth: depth + 1)
        guard !terms.isEmpty else { return nil }
        guard take(")") else { return fail("a term or ')'") }
        return .joined(terms, join)
    }

    private mutating func comparison() throws(FilterError) -> FilterTerm? {
        let sign = take("<") ? "<" : take(">") ? ">" : ""
        let symbol = sign + (take("=") ? "=" : "")
        let start = position
        guard let comparison = FilterTerm.Comparison(rawValue: symbol), let operand = run(where: FilterParser.isRaw)
        else {
            return fail("a number, without space before it")
        }
        let number = ECMAScriptConversion.number(from: operand)
        guard !number.isNaN else {
            throw FilterError("value must be a number: \(operand), at position \(utf16Offset(start))")
        }
        return .comparison(comparison, number)
    }

    private mutating func propertyOrSearch(_ depth: Int) throws(FilterError) -> FilterTerm? {
        let start = position
        if let name = quoted() ?? run(where: FilterParser.isRaw) {
            let end = position
            skipWhitespace()
            if take(":") {
                skipWhitespace()
                if let term = try term(depth: depth + 1) { return .property(name, term) }
            }
            position = end
            if take("?") { return .truthy(name) }
            position = start
        }
        if let text = quoted() { return .search(.text(CaselessText(text))) }
        if peek == "/" { return try expression() }
        guard let glob = run(where: { FilterParser.isRaw($0) || $0 == "*" }) else { return fail("a term") }
        let number = ECMAScriptConversion.number(from: glob)
        if !number.isNaN { return .search(.number(number, typed: CaselessText(glob))) }
        let parts = glob.split(separator: "*", omittingEmptySubsequences: false).map(CaselessText.init)
        return .search(parts.count == 1 ? .text(parts[0]) : .glob(parts))
    }

    private mutating func expression() throws(FilterError) -> FilterTerm? {
        position += 1
        let start = position
        while let next = peek, next != "/" || text[position - 1] == "\\" && position > start { position += 1 }
        let pattern = string(start..<position)
        guard take("/") else { return fail("'/'") }
        return .search(.expression(try FilterExpression(pattern, ignoresCase: take("i"))))
    }

    // MARK: Words

    private mutating func quoted() -> String? {
        guard take("\"") else { return nil }
        var result = String.UnicodeScalarView()
        while let next = peek, next != "\"" {
            if next == "\\", position + 1 < text.count { position += 1 }
            result.append(text[position])
            position += 1
        }
        // A missing quote at the very end is forgiven: people type filters and see results while they type.
        _ = take("\"")
        return String(result)
    }

    private static func isRaw(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "a"..."z", "A"..."Z", "_", "-", ".", "$": true
        default: !scalar.isASCII && scalar.properties.lowercaseMapping != scalar.properties.uppercaseMapping
        }
    }

    // MARK: Characters

    private var peek: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private mutating func run(where belongs: (Unicode.Scalar) -> Bool) -> String? {
        let start = position
        while let next = peek, belongs(next) { position += 1 }
        return position > start ? string(start..<position) : nil
    }

    private mutating func skipWhitespace() {
        while let next = peek, next.isECMAScriptWhitespace { position += 1 }
    }

    private func string(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(text[range])) }

    // MARK: Errors

    private mutating func fail(_ expectation: String) -> FilterTerm? {
        if position >= failure.position { failure = (position, expectation) }
        return nil
    }

    /// Begins as clients know it, and goes on with what helps.
    private var syntaxError: FilterError {
        FilterError(
            """
            parse error: expected end of input at position \(utf16Offset(position)) \
            (expected \(failure.expectation) at position \(utf16Offset(failure.position)); \
            text with other characters than letters, digits, _ - . $ and * stands in double quotes)
            """)
    }

    /// Positions are counted as clients count them.
    private func utf16Offset(_ position: Int) -> Int { text[..<position].reduce(0) { $0 + UTF16.width($1) } }
}

extension FilterTerm {
    fileprivate static func joined(_ terms: [FilterTerm], _ join: ([FilterTerm]) -> FilterTerm) -> FilterTerm {
        terms.count == 1 ? terms[0] : join(terms)
    }
}
