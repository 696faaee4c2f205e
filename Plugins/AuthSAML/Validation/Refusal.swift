/// Why a message is not believed. The text is for the log and the administrator; it quotes what was found, shortened and
/// without control characters.
public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of thing is wrong; stable, so that a log can be searched for it.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        case encoding, size, syntax, doctype, namespace, structure, identifier
        case missingSignature = "missing-signature"
        case signatureShape = "signature-shape"
        case algorithm, signature
        case version, destination, issuer, request, status, time
        case missingEncryption = "missing-encryption"
        case decryption
        case subject, confirmation, conditions, audience, authentication, replay, identity
    }

    public let reason: Reason
    public let detail: String

    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    public var description: String { "\(reason.rawValue): \(detail)" }
}

extension String {
    /// As a message may show it: at most 200 characters, nothing that could forge a line of a log.
    package var quoted: String {
        let visible = unicodeScalars.lazy.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                "\u{FFFD}"
            default: scalar
            }
        }
        let shown = String(String.UnicodeScalarView(visible.prefix(200)))
        return unicodeScalars.count > 200 ? "'\(shown)…'" : "'\(shown)'"
    }
}

extension Optional where Wrapped == String {
    package var quoted: String { self?.quoted ?? "none" }
}
