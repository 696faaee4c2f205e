/// What is wrong with a JSON text, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was found and what was expected there.
    public let reason: String
    /// Byte offset from the beginning of the text.
    public let offset: Int
    /// Line and column, both counted from 1; the column counts bytes.
    public let line: Int
    public let column: Int

    init(_ reason: String, at offset: Int, in text: UnsafeRawBufferPointer) {
        self.reason = reason
        self.offset = offset
        (line, column) = JSONError.position(of: offset, in: text)
    }

    public var description: String { "\(reason) at line \(line), column \(column)" }

    static func position(of offset: Int, in text: UnsafeRawBufferPointer) -> (line: Int, column: Int) {
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, text.count) where text[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        return (line, offset - lineStart + 1)
    }
}
