import CLDAP
import XOPluginAPI

/// The work of one question at one server: searches as the service, binds as a person. For one thread.
final class Session {
    let server: ServerAddress
    let settings: Settings
    let deadline: Deadline
    let steps: Steps?
    private let interrupt: Int32
    /// The service's connection.
    private(set) var handle: DirectoryHandle
    /// It has served others before, so that it may be dead without anybody knowing.
    private var isReused: Bool

    /// - Parameter kept: a connection from before.
    init(
        _ server: ServerAddress, _ settings: Settings, kept: DirectoryHandle?, until deadline: Deadline,
        interrupt: Int32, steps: Steps?
    ) throws(DirectoryFailure) {
        self.server = server
        self.settings = settings
        self.deadline = deadline
        self.interrupt = interrupt
        self.steps = steps
        isReused = kept != nil
        if let kept {
            handle = kept
        } else {
            handle = try Session.open(server, settings, deadline, interrupt, steps)
        }
    }

    /// A new connection on which the service has signed in.
    private static func open(
        _ server: ServerAddress, _ settings: Settings, _ deadline: Deadline, _ interrupt: Int32, _ steps: Steps?
    ) throws(DirectoryFailure) -> DirectoryHandle {
        let handle = try DirectoryHandle.open(
            server, settings.security, settings.timeouts, until: deadline, interrupt: interrupt, steps: steps)
        let end = min(deadline, .after(settings.timeouts.bind))
        switch settings.account {
        case .anonymous: break
        case .certificate:
            try check(server, steps) { () throws(DirectoryFailure) in try handle.bindByCertificate(until: end) }
        case .password(let name, let password):
            try check(server, steps) { () throws(DirectoryFailure) in
                try handle.bind(name, password, until: end, .serviceBind)
            }
        }
        return handle
    }

    private static func check(
        _ server: ServerAddress, _ steps: Steps?, _ bind: () throws(DirectoryFailure) -> ServerAnswer
    ) throws(DirectoryFailure) {
        try Steps.measure(steps, "bind as the service", server.uri) { () throws(DirectoryFailure) in
            let answer = try bind()
            guard !answer.isSuccess else { return }
            throw DirectoryFailure(
                kind: answer.kind, phase: .serviceBind, server: server.uri,
                text: "the server refuses the service account: \(answer)\(hint(answer))")
        }
    }

    private static func hint(_ answer: ServerAnswer) -> String {
        switch answer.code {
        case LDAP_STRONG_AUTH_REQUIRED, LDAP_CONFIDENTIALITY_REQUIRED: "; it wants TLS: use ldaps:// or startTls"
        case LDAP_INVALID_CREDENTIALS: "; look at bind.dn and bind.password"
        default: ""
        }
    }

    /// Searches as the service. A connection from before that turns out to be dead is replaced, once.
    ///
    /// - Parameter name: of the step.
    func search(_ name: String, _ search: DirectoryHandle.Search) throws(DirectoryFailure) -> DirectoryHandle.Found {
        try Steps.measure(steps, name, server.uri) { () throws(DirectoryFailure) in
            do throws(DirectoryFailure) {
                return try handle.search(search, until: searchDeadline)
            } catch {
                guard isReused, handle.isBroken, error.kind == .unreachable, !deadline.hasPassed else { throw error }
                isReused = false
                handle = try Session.open(server, settings, deadline, interrupt, nil)
                return try handle.search(search, until: searchDeadline)
            }
        } detail: { found in
            "\(found.entries.count) found\(found.isIncomplete ? ", and there are more" : "")"
        }
    }

    private var searchDeadline: Deadline { min(deadline, .after(settings.timeouts.search)) }

    /// Binds as a person, on a connection of its own that is closed afterwards.
    func bind(_ entry: Entry, _ password: Secret) throws(DirectoryFailure) -> ServerAnswer {
        let own = try DirectoryHandle.open(
            server, settings.security, settings.timeouts, until: deadline, interrupt: interrupt, steps: steps)
        return try Steps.measure(steps, "bind as the person", server.uri) { () throws(DirectoryFailure) in
            try own.bind(entry.dn, password, until: min(deadline, .after(settings.timeouts.bind)), .userBind)
        } detail: {
            "\($0)"
        }
    }
}
