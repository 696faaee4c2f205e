import XOJSON
import XOPluginAPI

/// Sizes as clients write them: a number of bytes, or a text such as `10GiB`.
enum ByteSize {
    /// - Throws: `invalid parameters`.
    static func bytes(_ value: JSON?, _ parameter: String) throws -> Int64 {
        if let bytes = value?.integer, bytes >= 0 { return bytes }
        if let text = value?.string, let bytes = parse(text) { return bytes }
        throw MethodError.invalidParameters(
            "invalid parameters: `\(parameter)` is no size; expected bytes, or a text such as 10GiB")
    }

    /// Units of 1024 (`Ki`, `Mi`, …) and of 1000 (`k`, `M`, …), each with or without `B`.
    static func parse(_ text: String) -> Int64? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number) else { return nil }
        var unit = text.dropFirst(number.count).drop(while: \.isWhitespace).lowercased()
        if unit.hasSuffix("b") { unit.removeLast() }
        let isBinary = unit.hasSuffix("i")
        if isBinary { unit.removeLast() }
        guard let power = ["", "k", "m", "g", "t", "p"].firstIndex(of: unit), !isBinary || power > 0 else { return nil }
        let bytes = (0..<power).reduce(value) { size, _ in size * (isBinary ? 1024 : 1000) }
        return bytes < 0x1p62 ? Int64(bytes.rounded(.up)) : nil
    }
}
