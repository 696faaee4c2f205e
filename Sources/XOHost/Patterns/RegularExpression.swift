import CPCRE2

/// A regular expression as JSON Schema and filters mean them: in ECMAScript's dialect, as far as PCRE2 can be told to
/// speak it (`\d` and `\w` are ASCII, `$` is the very end).
///
/// Anybody may send one, and some take ages on some texts (`^(a+)+$`). So a search has an end, whatever the expression:
/// see ``search(_:for:)``.
///
/// `@unchecked`: a compiled expression is never changed, and several threads may use it at once (pcre2api,
/// "Multithreading").
final class RegularExpression: @unchecked Sendable {
    enum Outcome {
        case found, missing
        /// The time was over, or the expression did too much at one place of the text.
        case givenUp
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    let pattern: String
    private let code: OpaquePointer

    /// Backtracking steps at one place of the text; about a millisecond.
    private static let maximumSteps: UInt32 = 100_000
    /// Kibibytes for backtracking.
    private static let maximumMemory: UInt32 = 2048
    /// After so many places of the text the clock is looked at.
    private static let stride = 256
    /// The longest pattern, in bytes.
    private static let maximumLength = 10_000

    init(_ pattern: String, ignoresCase: Bool = false) throws(Problem) {
        guard pattern.utf8.count <= Self.maximumLength else {
            throw Problem(description: "it has more than \(Self.maximumLength) bytes")
        }
        var options =
            PCRE2_UTF | PCRE2_USE_OFFSET_LIMIT | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_ALT_BSUX
            | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C
        if ignoresCase { options |= PCRE2_CASELESS }
        let context = pcre2_compile_context_create_8(nil)
        defer { pcre2_compile_context_free_8(context) }
        // The dot stands for neither of them.
        pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_ANYCRLF))
        var error: Int32 = 0
        var offset = 0
        let utf8 = Array(pattern.utf8)
        guard let code = pcre2_compile_8(utf8, utf8.count, options, &error, &offset, context) else {
            throw Problem(description: "\(Self.message(error)), at byte \(offset)")
        }
        self.pattern = pattern
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    /// Looks for a match anywhere in `string`, for at most about so many nanoseconds: one look at the clock too late.
    func search(_ string: String, for nanoseconds: Int64) -> Outcome {
        var string = string
        return string.withUTF8 { text in
            let context = pcre2_match_context_create_8(nil)
            let match = pcre2_match_data_create_8(1, nil)
            defer {
                pcre2_match_data_free_8(match)
                pcre2_match_context_free_8(context)
            }
            pcre2_set_match_limit_8(context, Self.maximumSteps)
            pcre2_set_heap_limit_8(context, Self.maximumMemory)

            let isLong = text.count > Self.stride
            let end = isLong ? Clock.now + nanoseconds : 0
            var start = 0
            while true {
                let limit = Self.boundary(before: start + Self.stride, in: text)
                pcre2_set_offset_limit_8(context, limit)
                let result = pcre2_match_8(
                    code, text.baseAddress, text.count, start, PCRE2_NO_UTF_CHECK, match, context)
                if result >= 0 { return .found }
                guard result == PCRE2_ERROR_NOMATCH else { return .givenUp }
                guard limit < text.count else { return .missing }
                if Clock.now >= end { return .givenUp }
                start = limit
            }
        }
    }

    /// Whether it matches anywhere in `string`; not, if that cannot be found out in a tenth of a second.
    func isFound(in string: String) -> Bool {
        if case .found = search(string, for: 100_000_000) { true } else { false }
    }

    /// The first match in `string` and what its groups stand for, empty for those that take no part; `nil` if there is
    /// none, or if that would take more than some milliseconds.
    func captures(in string: String) -> [String]? {
        var string = string
        return string.withUTF8 { text in
            let context = pcre2_match_context_create_8(nil)
            let match = pcre2_match_data_create_from_pattern_8(code, nil)
            defer {
                pcre2_match_data_free_8(match)
                pcre2_match_context_free_8(context)
            }
            pcre2_set_match_limit_8(context, Self.maximumSteps)
            pcre2_set_heap_limit_8(context, Self.maximumMemory)
            let count = pcre2_match_8(code, text.baseAddress, text.count, 0, PCRE2_NO_UTF_CHECK, match, context)
            guard count > 0, let ends = pcre2_get_ovector_pointer_8(match) else { return nil }
            return (0..<Int(pcre2_get_ovector_count_8(match))).map { group in
                let (start, end) = (ends[2 * group], ends[2 * group + 1])
                guard start <= end, end <= text.count else { return "" }
                return String(decoding: text[start..<end], as: UTF8.self)
            }
        }
    }

    /// The last position up to `position` at which a character begins, or the end.
    private static func boundary(before position: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        guard position < text.count else { return text.count }
        var position = position
        while text[position] & 0xC0 == 0x80 { position -= 1 }
        return position
    }

    private static func message(_ error: Int32) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
            let length = pcre2_get_error_message_8(error, buffer.baseAddress, buffer.count)
            return length < 0 ? "error \(error)" : String(decoding: buffer.prefix(Int(length)), as: UTF8.self)
        }
    }
}
