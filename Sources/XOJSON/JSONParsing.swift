extension JSON {
    /// Parses a complete JSON text (RFC 8259, UTF-8 without byte order mark).
    ///
    /// A repeated member name keeps its first place and takes the last value, as in ECMAScript.
    public init(parsing text: UnsafeRawBufferPointer, maximumDepth: Int = 128) throws(JSONError) {
        var scanner = JSONScanner(text, maximumDepth: maximumDepth)
        self = try scanner.parseValue()
        try scanner.expectEnd()
    }

    public init(parsing text: some Sequence<UInt8>, maximumDepth: Int = 128) throws(JSONError) {
        let bytes = Array(text)
        let result: Result<JSON, JSONError> = bytes.withUnsafeBytes { buffer in
            do throws(JSONError) {
                return .success(try JSON(parsing: buffer, maximumDepth: maximumDepth))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    public init(parsing text: String, maximumDepth: Int = 128) throws(JSONError) {
        try self.init(parsing: text.utf8, maximumDepth: maximumDepth)
    }
}

extension JSONScanner {
    /// Reads one value.
    public mutating func parseValue(depth: Int = 0) throws(JSONError) -> JSON {
        guard let byte = peek() else { throw unexpected("a value") }
        switch byte {
        case UInt8(ascii: "{"):
            guard depth < maximumDepth else { throw error("more than \(maximumDepth) levels") }
            var members = JSONObject()
            try forEachMember { (name, scanner) throws(JSONError) in
                let key = try scanner.string(in: name)
                members[key] = try scanner.parseValue(depth: depth + 1)
            }
            return .object(members)
        case UInt8(ascii: "["):
            guard depth < maximumDepth else { throw error("more than \(maximumDepth) levels") }
            var elements: [JSON] = []
            try forEachElement { (scanner) throws(JSONError) in
                elements.append(try scanner.parseValue(depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "\""):
            let (range, hasEscapes) = try skipStringNotingEscapes()
            return .string(hasEscapes ? try unescapedString(in: range) : try plainString(in: range))
        case UInt8(ascii: "t"):
            try skipWord("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try skipWord("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try skipWord("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try parseNumber()
        default:
            throw unexpected("a value")
        }
    }

    /// The text between two quotes, escapes resolved.
    public func string(in range: Range<Int>) throws(JSONError) -> String {
        text[range].contains(UInt8(ascii: "\\")) ? try unescapedString(in: range) : try plainString(in: range)
    }

    private func plainString(in range: Range<Int>) throws(JSONError) -> String {
        // Much faster than `String(validating:as:)`, which is not specialised for any kind of buffer.
        let bytes = UnsafeRawBufferPointer(rebasing: text[range]).bindMemory(to: UInt8.self)
        guard let utf8 = try? UTF8Span(validating: bytes.span) else {
            throw error("string that is not UTF-8", at: range.lowerBound)
        }
        return String(copying: utf8)
    }

    private mutating func parseNumber() throws(JSONError) -> JSON {
        let (range, isInteger) = try skipNumber()
        let digits = String(decoding: UnsafeRawBufferPointer(rebasing: text[range]), as: UTF8.self)
        if isInteger, let value = Int64(digits) { return .integer(value) }
        guard let value = Double(digits), value.isFinite else {
            throw error("number out of range", at: range.lowerBound)
        }
        return .number(value)
    }

    private func unescapedString(in range: Range<Int>) throws(JSONError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = text[index]
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                index += 1
                continue
            }
            let escape = text[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escape)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try unicodeEscape(at: &index, end: range.upperBound)
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: throw error("unknown escape in a string", at: index - 2)
            }
        }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw error("string that is not UTF-8", at: range.lowerBound)
        }
        return string
    }

    /// Reads the hexadecimal digits after `\u`, joining surrogate pairs. A lone surrogate, which no UTF-8 text can
    /// hold, becomes U+FFFD.
    private func unicodeEscape(at index: inout Int, end: Int) throws(JSONError) -> Unicode.Scalar {
        let high = try hexadecimal(at: &index, end: end)
        guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
        guard index + 1 < end, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else {
            return "\u{FFFD}"
        }
        var next = index + 2
        let low = try hexadecimal(at: &next, end: end)
        guard (0xDC00...0xDFFF).contains(low) else { return "\u{FFFD}" }
        index = next
        return Unicode.Scalar(0x10000 + (UInt32(high - 0xD800) << 10) + UInt32(low - 0xDC00)) ?? "\u{FFFD}"
    }

    private func hexadecimal(at index: inout Int, end: Int) throws(JSONError) -> UInt16 {
        guard index + 4 <= end else { throw error("incomplete \\u escape", at: index) }
        var value: UInt16 = 0
        for offset in index..<index + 4 {
            let byte = text[offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("unexpected character, expected a hexadecimal digit", at: offset)
            }
            value = value << 4 | UInt16(digit)
        }
        index += 4
        return value
    }
}
