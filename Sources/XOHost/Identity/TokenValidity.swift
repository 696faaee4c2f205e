import XOJSON

/// How long tokens live.
struct TokenValidity: Sendable, Hashable {
    /// All in milliseconds.
    static let minimum: Int64 = 60_000
    var standard: Int64 = 30 * 24 * 3_600_000
    var maximum: Int64 = 15_778_800_000

    /// The life that a client asks for: `nil` or null, milliseconds, or a text in the grammar of ``DurationText``.
    func duration(_ expiresIn: JSON?) throws(TokenError) -> Int64 {
        guard let expiresIn, !expiresIn.isNull else { return standard }
        let written = expiresIn.string ?? expiresIn.description
        let milliseconds = expiresIn.string.map { DurationText.milliseconds($0) } ?? expiresIn.double
        guard let milliseconds, milliseconds >= Double(TokenValidity.minimum) else {
            throw .invalidDuration(written)
        }
        guard milliseconds <= Double(maximum) else { throw .tooLongDuration(written) }
        return Int64(milliseconds)
    }
}

enum TokenError: Error, Sendable, Hashable, CustomStringConvertible {
    case invalidDuration(String)
    case tooLongDuration(String)
    /// Neither ids nor a pattern say which tokens are meant.
    case nothingSelected

    var description: String {
        switch self {
        case .invalidDuration(let text): "invalid expiresIn duration: \(text)"
        case .tooLongDuration(let text): "too high expiresIn duration: \(text)"
        case .nothingSelected: "expected the ids of tokens, or a pattern"
        }
    }
}
