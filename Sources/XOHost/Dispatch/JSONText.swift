import XOJSON

/// Checks of finished JSON text that is forwarded without being read.
enum JSONText {
    /// Whether this is one JSON value in UTF-8.
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        guard isUTF8(text) else { return false }
        var scanner = JSONScanner(text)
        do throws(JSONError) {
            _ = try scanner.skipValue()
            try scanner.expectEnd()
            return true
        } catch {
            return false
        }
    }

    static func isUTF8(_ text: UnsafeRawBufferPointer) -> Bool {
        (try? UTF8Span(validating: text.bindMemory(to: UInt8.self).span)) != nil
    }
}
