import FoundationEssentials
import XOJSON
import XOPluginAPI

/// Why GitHub does not say what it was asked. The texts are for the administrator.
enum GitHubProblem: Error, Sendable {
    /// No answer, or not in time.
    case unreachable(String)
    /// An answer that is none: another server, a page of HTML, too large.
    case notUnderstood(String)
    /// Too many questions.
    case rateLimited(String)
    /// The token is not good, or not any more.
    case tokenRevoked
    /// GitHub wants the person to sign in at the organisation's own provider first, or the organisation to approve this
    /// app: nothing that says whether the person belongs to it.
    case withheld(String)
    /// Any other refusal.
    case refused(status: Int, String)

    var refusal: AuthRefusal {
        switch self {
        case .unreachable(let text), .notUnderstood(let text), .rateLimited(let text), .withheld(let text):
            .unavailable(text)
        case .tokenRevoked: .denied("GitHub does not accept the token of this sign-in any more; it was revoked")
        case .refused(let status, let text): .unavailable("GitHub refuses (status \(status)): \(text)")
        }
    }
}

extension GitHubProblem {
    /// What an answer of the API that is no success means.
    init(_ answer: GitHubAnswer, to question: String) {
        let message = (try? answer.json)?["message"]?.string.map(ForeignText.clean) ?? "no reason"
        if answer.status == 401 {
            self = .tokenRevoked
        } else if answer.status == 403 || answer.status == 429, let until = answer.waitingTime {
            self = .rateLimited(
                "GitHub's limit of questions is reached; it answers \(question) again \(until) (\(message))")
        } else if answer.status == 403, let demand = answer.header("x-github-sso") {
            self = .withheld(
                "GitHub does not answer \(question): the organisation demands single sign-on (SAML) of this app's "
                    + "users, who have to authorise it there first (\(ForeignText.clean(demand)))")
        } else if answer.status == 403, message.lowercased().contains("app access restrictions") {
            self = .withheld(
                "GitHub does not answer \(question): the organisation has not approved this app; one of its owners "
                    + "does that under Settings, Third-party access (\(message))")
        } else if (300..<400).contains(answer.status) {
            let target = ForeignText.clean(answer.header("location") ?? "nowhere")
            self = .notUnderstood(
                "\(question) is answered with a redirect to \(target), which is not followed; is baseUrl right?")
        } else if answer.status >= 500 {
            self = .unreachable(
                "GitHub has trouble of its own: \(question) is answered with the status \(answer.status)")
        } else {
            self = .refused(status: answer.status, "\(question): \(message)")
        }
    }
}

/// Texts of others in messages of ours.
enum ForeignText {
    private static let longest = 200

    /// On one line, without control characters, and not too long.
    static func clean(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(longest).map { scalar in
            switch scalar.properties.generalCategory {
            // Format characters turn the direction of what follows.
            case .control, .format, .lineSeparator, .paragraphSeparator: Unicode.Scalar(UInt8(ascii: " "))
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
