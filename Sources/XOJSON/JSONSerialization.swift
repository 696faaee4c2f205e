extension JSON {
    /// Compact JSON text, or text over several lines if `indentation` is given (spaces per level).
    public func serialized(indentation: Int? = nil) -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, indentation: indentation)
        return output
    }

    public func write(to output: inout [UInt8], indentation: Int? = nil, level: Int = 0) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .integer(let value): output.appendJSON(value)
        case .number(let value): output.appendJSON(value)
        case .string(let value): output.appendJSON(value)
        case .array(let elements):
            JSON.writeList(elements, open: "[", close: "]", to: &output, indentation, level) { element, output in
                element.write(to: &output, indentation: indentation, level: level + 1)
            }
        case .object(let members):
            JSON.writeList(members.elements, open: "{", close: "}", to: &output, indentation, level) { member, output in
                output.appendJSON(member.key)
                output.append(UInt8(ascii: ":"))
                if indentation != nil { output.append(UInt8(ascii: " ")) }
                member.value.write(to: &output, indentation: indentation, level: level + 1)
            }
        }
    }

    private static func writeList<Items: Collection>(
        _ items: Items, open: Unicode.Scalar, close: Unicode.Scalar, to output: inout [UInt8],
        _ indentation: Int?, _ level: Int, _ writeItem: (Items.Element, inout [UInt8]) -> Void
    ) {
        func breakLine(_ level: Int, _ output: inout [UInt8]) {
            guard let indentation, !items.isEmpty else { return }
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation * level))
        }
        output.append(UInt8(ascii: open))
        var isFirst = true
        for item in items {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            breakLine(level + 1, &output)
            writeItem(item, &output)
        }
        breakLine(level, &output)
        output.append(UInt8(ascii: close))
    }
}

extension [UInt8] {
    /// Appends a JSON string: quotes, and the escapes that RFC 8259 demands.
    public mutating func appendJSON(_ string: String) {
        append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { bytes in
            var copied = 0
            for index in bytes.indices where bytes[index] < 0x20 || bytes[index] == 0x22 || bytes[index] == 0x5C {
                append(contentsOf: bytes[copied..<index])
                copied = index + 1
                appendEscape(of: bytes[index])
            }
            append(contentsOf: bytes[copied...])
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x09: append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            append(contentsOf: "u00".utf8)
            append(digits[Int(byte >> 4)])
            append(digits[Int(byte & 15)])
        }
    }

    public mutating func appendJSON(_ integer: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var magnitude = integer.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(magnitude % 10)
                magnitude /= 10
            } while magnitude != 0
            if integer < 0 { append(UInt8(ascii: "-")) }
            append(contentsOf: digits[start...])
        }
    }

    /// Appends a number as ECMAScript would: whole ones without fraction, `null` for what JSON cannot express.
    public mutating func appendJSON(_ number: Double) {
        if let integer = Int64(exactly: number), integer.magnitude < 1 << 53 {
            appendJSON(integer)
        } else if number.isFinite {
            append(contentsOf: number.ecmaScriptDescription.utf8)
        } else {
            append(contentsOf: "null".utf8)
        }
    }
}
