/// A piece of output that knows its measures without colours.
struct InspectedText {
    var text: String
    /// UTF-16 code units, by which lines are broken.
    var length: Int
    /// Columns on a terminal, by which tables are aligned.
    var width: Int
    var hasNewline: Bool

    /// - Parameter style: adds the colour; what it adds takes no room.
    init(plain: String, style: (String) -> String = { $0 }) {
        text = style(plain)
        length = plain.utf16.count
        width = plain.terminalWidth
        hasNewline = plain.utf8.contains(UInt8(ascii: "\n"))
    }

    static func + (left: InspectedText, right: InspectedText) -> InspectedText {
        var sum = left
        sum.append(right)
        return sum
    }

    static func joining(_ parts: [InspectedText], separator: String) -> InspectedText {
        let separator = InspectedText(plain: separator)
        var result = InspectedText(plain: "")
        for (index, part) in parts.enumerated() {
            if index > 0 { result.append(separator) }
            result.append(part)
        }
        return result
    }

    mutating func append(_ other: InspectedText) {
        text += other.text
        length += other.length
        width += other.width
        hasNewline = hasNewline || other.hasNewline
    }

    func padded(_ columns: Int, onLeft: Bool) -> InspectedText {
        guard columns > 0 else { return self }
        let space = InspectedText(plain: String(repeating: " ", count: columns))
        return onLeft ? space + self : self + space
    }
}

extension String {
    /// The columns that a terminal uses: two for East Asian wide characters and emoji, none for marks and controls.
    fileprivate var terminalWidth: Int {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return utf8.count }
        return unicodeScalars.reduce(0) { $0 + $1.terminalWidth }
    }
}

extension Unicode.Scalar {
    fileprivate var terminalWidth: Int {
        if value < 0x7F { return value < 0x20 ? 0 : 1 }
        switch properties.generalCategory {
        case .control, .enclosingMark, .nonspacingMark: return 0
        case .format: return value == 0xAD ? 1 : 0
        default: break
        }
        if properties.isEmojiModifier { return 0 }
        return isWide ? 2 : 1
    }

    /// East Asian Width W or F (Unicode Standard Annex 11), by blocks.
    private var isWide: Bool {
        if properties.isEmojiPresentation { return true }
        return switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF,
            0x1B000...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
