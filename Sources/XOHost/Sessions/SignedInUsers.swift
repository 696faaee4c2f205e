import XOProtocol

/// Keeps the rights on open connections what the store says. All functions block.
extension Services {
    /// Signs a user in on a connection.
    func signIn(_ session: Session, as found: Identified) throws {
        session.principal = Principal(
            user: found.user, tokenExpiration: found.expires, origin: found.origin, address: session.address)
        do {
            // A change of rights that came before the session was known as the user's has passed it by.
            try renew([session])
        } catch {
            session.principal = nil
            throw error
        }
        guard session.principal != nil else { throw MethodError.invalidCredentials }
    }

    /// Lets a change of a user act at once: other rights are taken over, who was deleted is disconnected.
    func renew(userID: String) throws { try renew(sessions.sessions(of: userID)) }

    /// The same for changes that `xo-host user` has made beside this process.
    func renewWhatOthersChanged() throws {
        if try store.wasChangedByOthers() { try renew(sessions.all) }
    }

    /// A provider says that somebody has signed out there, or is gone.
    ///
    /// - Parameter session: the provider's name of the sign-in; `nil`: all of them.
    func revoke(subject: String, session: String?, of provider: String) {
        backgroundPool.makeLane().run { [self] in
            for open in sessions.all {
                guard let origin = open.principal?.origin, origin.provider == provider, origin.subject == subject,
                    session == nil || origin.session == session
                else { continue }
                dismiss(open, "signed out at \(provider)")
            }
            do {
                try tokens.delete(provider: provider, subject: subject, session: session)
            } catch {
                makeLogger("host").error("tokens were not revoked", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func renew(_ sessions: [Session]) throws {
        for session in sessions {
            guard let principal = session.principal, let known = principal.user else { continue }
            guard let user = try users.find(id: known.id) else {
                dismiss(session, "the user has been removed")
                continue
            }
            guard user != known else { continue }
            session.replace(
                principal,
                with: Principal(
                    user: user, tokenExpiration: principal.tokenExpiration, origin: principal.origin,
                    address: session.address))
        }
    }
}
