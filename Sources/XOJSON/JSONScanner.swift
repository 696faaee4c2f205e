/// Walks through a JSON text without building values.
///
/// This is what lets the host forward members it does not care about: it learns where a value begins and ends and
/// copies the bytes. ``JSON/init(parsing:maximumDepth:)`` is built on it.
///
/// The grammar is that of RFC 8259, strictly; strings are checked to be UTF-8 when they are read as strings and
/// passed over by their quotes otherwise.
public struct JSONScanner {
    let text: UnsafeRawBufferPointer
    public private(set) var position = 0
    let maximumDepth: Int

    /// - Parameters:
    ///   - text: must outlive the scanner.
    ///   - maximumDepth: how many arrays and objects may stand inside each other before the text is refused.
    public init(_ text: UnsafeRawBufferPointer, maximumDepth: Int = 128) {
        self.text = text
        self.maximumDepth = maximumDepth
    }

    /// Continues reading at `offset`.
    public mutating func move(to offset: Int) { position = offset }

    public func error(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(reason, at: offset ?? position, in: text)
    }

    // MARK: Tokens

    @inline(__always)
    public mutating func skipWhitespace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space; `nil` at the end.
    @inline(__always)
    public mutating func peek() -> UInt8? {
        skipWhitespace()
        return position < text.count ? text[position] : nil
    }

    /// Takes `byte` if it comes next.
    @inline(__always)
    public mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ expectation: @autoclosure () -> String) throws(JSONError) {
        guard take(byte) else { throw unexpected(expectation()) }
    }

    mutating func unexpected(_ expectation: String) -> JSONError {
        guard let byte = peek() else { return error("unexpected end, expected \(expectation)") }
        let found = byte < 0x80 ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
        return error("unexpected \(found), expected \(expectation)")
    }

    /// Fails unless only white space is left.
    public mutating func expectEnd() throws(JSONError) {
        if peek() != nil { throw unexpected("the end") }
    }

    // MARK: Objects and arrays

    /// Calls `body` for each member with the range of its name between the quotes (escapes not resolved), the scanner
    /// standing before the value. `body` must consume the value.
    public mutating func forEachMember(
        _ body: (_ name: Range<Int>, inout JSONScanner) throws(JSONError) -> Void
    ) throws(JSONError) {
        try expect(UInt8(ascii: "{"), "an object")
        if take(UInt8(ascii: "}")) { return }
        repeat {
            guard peek() == UInt8(ascii: "\"") else { throw unexpected("a member name in double quotes") }
            let name = try skipString()
            try expect(UInt8(ascii: ":"), "':'")
            try body(name, &self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "',' or '}'")
    }

    /// Calls `body` for each element, the scanner standing before it. `body` must consume the element.
    public mutating func forEachElement(_ body: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "["), "an array")
        if take(UInt8(ascii: "]")) { return }
        repeat {
            try body(&self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "',' or ']'")
    }

    // MARK: Passing over values

    /// Passes over one value, checking its grammar, and returns its range without the white space around it.
    public mutating func skipValue(depth: Int = 0) throws(JSONError) -> Range<Int> {
        guard let byte = peek() else { throw unexpected("a value") }
        let start = position
        switch byte {
        case UInt8(ascii: "{"):
            guard depth < maximumDepth else { throw error("more than \(maximumDepth) levels") }
            try forEachMember { (_, scanner) throws(JSONError) in _ = try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            guard depth < maximumDepth else { throw error("more than \(maximumDepth) levels") }
            try forEachElement { (scanner) throws(JSONError) in _ = try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try skipString()
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try skipNumber()
        default: throw unexpected("a value")
        }
        return start..<position
    }

    mutating func skipWord(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard position + length <= text.count,
            UnsafeRawBufferPointer(rebasing: text[position..<position + length])
                .elementsEqual(UnsafeRawBufferPointer(start: word.utf8Start, count: length))
        else { throw error("unexpected word, expected \(word)") }
        position += length
    }

    /// Passes over a string; the range is that between the quotes.
    public mutating func skipString() throws(JSONError) -> Range<Int> {
        let (range, _) = try skipStringNotingEscapes()
        return range
    }

    mutating func skipStringNotingEscapes() throws(JSONError) -> (Range<Int>, hasEscapes: Bool) {
        let opening = position
        position += 1
        let start = position
        var hasEscapes = false
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                let range = start..<position
                position += 1
                return (range, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position += 2
            } else if byte < 0x20 {
                throw error("control character in a string, expected an escape")
            } else {
                position += 1
            }
        }
        position = min(position, text.count)
        throw error("string without end", at: opening)
    }

    /// Passes over a number; tells whether it has neither fraction nor exponent.
    mutating func skipNumber() throws(JSONError) -> (Range<Int>, isInteger: Bool) {
        let start = position
        var isInteger = true
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position += 1
            if isDigit(at: position) { throw error("leading zero in a number") }
        } else {
            try skipDigits()
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
        return (start..<position, isInteger)
    }

    private func isDigit(at offset: Int) -> Bool { offset < text.count && (0x30...0x39).contains(text[offset]) }

    private mutating func skipDigits() throws(JSONError) {
        guard isDigit(at: position) else { throw error("unexpected character, expected a digit") }
        while isDigit(at: position) { position += 1 }
    }
}
