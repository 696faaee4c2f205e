import CLDAP

/// Trouble with a directory, which says nothing of who wants to sign in.
struct DirectoryFailure: Error, Sendable, CustomStringConvertible {
    /// What is to be done about it.
    enum Kind: Sendable {
        /// The server cannot be reached, does not answer, or speaks nonsense: another one may do better.
        case unreachable
        /// The same wherever it is asked: the configuration is wrong, or the rights of the service account are.
        case misconfigured
        /// Time is over, or the plugin stops.
        case interrupted
    }

    enum Phase: String, Sendable {
        case connect = "connecting"
        case tls = "TLS"
        case serviceBind = "binding as the service"
        case search = "searching"
        case userBind = "binding as the person"
    }

    var kind: Kind
    var phase: Phase
    /// The server's URI.
    var server: String
    var text: String
    /// What the server has answered, if it has.
    var code: Int32?

    var description: String { "\(server), \(phase.rawValue): \(text)" }
}

/// What a server has answered to a request (RFC 4511, section 4.1.9).
struct ServerAnswer: Sendable, CustomStringConvertible {
    var code: Int32
    /// The server's own words, which may be empty.
    var diagnostic: String
    /// What the password policy says: draft-behera-ldap-password-policy, section 6.2.
    var policy: PolicyNote?

    enum PolicyNote: Sendable {
        case passwordExpired, accountLocked, mustChange
        case other(Int)
    }

    var isSuccess: Bool { code == LDAP_SUCCESS }

    var description: String {
        let name = ldap_err2string(code).map { String(cString: $0) } ?? "unknown"
        return diagnostic.isEmpty ? "\(name) (\(code))" : "\(name) (\(code)): \(Printable.text(diagnostic))"
    }

    /// What the code means for everything but the bind of a person.
    var kind: DirectoryFailure.Kind {
        switch code {
        case LDAP_OPERATIONS_ERROR, LDAP_PROTOCOL_ERROR, LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_OTHER: .unreachable
        default: .misconfigured
        }
    }
}

/// Foreign text as it may stand in a log: one line, and not a long one.
enum Printable {
    static func text(_ text: String, limit: Int = 200) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            let isPlain =
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
                default: true
                }
            result.unicodeScalars.append(isPlain ? scalar : "\u{FFFD}")
        }
        return text.unicodeScalars.count > limit ? result + "…" : result
    }
}
