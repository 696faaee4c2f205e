import CLDAP
import XOPluginAPI

/// What a server's answer to the bind of a person means.
enum BindVerdict {
    case comesIn
    /// The reason is for the log only: it may tell that the password was right.
    case refused(String)
    case trouble(DirectoryFailure)

    init(_ answer: ServerAnswer, server: String) {
        func trouble(_ kind: DirectoryFailure.Kind, _ hint: String = "") -> BindVerdict {
            .trouble(
                DirectoryFailure(
                    kind: kind, phase: .userBind, server: server, text: "\(answer)\(hint)", code: answer.code))
        }
        switch answer.code {
        case LDAP_SUCCESS:
            self =
                switch answer.policy {
                case .passwordExpired: .refused("the password has expired")
                case .mustChange: .refused("the password must be changed first")
                case .accountLocked: .refused("the account is locked")
                case .other, nil: .comesIn
                }
        case LDAP_INVALID_CREDENTIALS:
            self = .refused("\(BindVerdict.reason(answer)): \(answer)")
        case LDAP_CONSTRAINT_VIOLATION:
            self = .refused("too many failures, or a rule for passwords: \(answer)")
        case LDAP_UNWILLING_TO_PERFORM:
            self = .refused("the account is inactivated, or may not bind: \(answer)")
        case LDAP_INAPPROPRIATE_AUTH:
            self = .refused("the account has no password: \(answer)")
        case LDAP_STRONG_AUTH_REQUIRED, LDAP_CONFIDENTIALITY_REQUIRED:
            self = trouble(.misconfigured, "; it wants TLS: use ldaps:// or startTls")
        case LDAP_REFERRAL:
            self = trouble(.misconfigured, "; it refers to another server, where no password is sent")
        default:
            self = trouble(answer.kind)
        }
    }

    private static func reason(_ answer: ServerAnswer) -> String {
        switch answer.policy {
        case .passwordExpired: return "the password has expired"
        case .accountLocked: return "the account is locked"
        case .mustChange: return "the password must be changed first"
        case .other, nil: break
        }
        // Active Directory puts a hexadecimal Windows error behind the word data (MS-ERREF, 2.2).
        guard let start = answer.diagnostic.text(after: "data ") else { return "wrong password" }
        switch start.prefix(while: \.isHexDigit).lowercased() {
        case "525": return "no such user"
        case "530": return "not at this hour"
        case "531": return "not from this machine"
        case "532": return "the password has expired"
        case "533": return "the account is disabled"
        case "568": return "the person is in too many groups"
        case "701": return "the account has expired"
        case "773": return "the password must be changed first"
        case "775": return "the account is locked"
        default: return "wrong password"
        }
    }
}

extension String {
    /// What follows a text, `nil` if that is not there.
    fileprivate func text(after text: String) -> Substring? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(text) { return rest.dropFirst(text.count) }
            rest.removeFirst()
        }
        return nil
    }
}
