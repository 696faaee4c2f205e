import XOProtocol

/// Keeps the rights on open connections what the store says. All functions block.
extension Services {
    /// Signs a user in on a connection.
    ///
    /// - Throws: ``SignInError/invalidCredentials`` for one whom a provider has signed out meanwhile.
    func signIn(_ session: Session, as found: Identified) throws {
        session.principal = Principal(
            user: found.user, access: try accessLists.access(of: found.user), tokenExpiration: found.expires,
            origin: found.origin, address: session.address)
        do {
            // A change of rights that came before the session was known as the user's has passed it by.
            try renew([session])
        } catch {
            session.principal = nil
            throw error
        }
        guard session.principal != nil else { throw MethodError.invalidCredentials }
        if isRevoked(found) {
            session.principal = nil
            throw SignInError.invalidCredentials
        }
    }

    /// Whether the provider that vouches for somebody has taken it back since. To be asked when what a revocation ends
    /// is there: either sees the other.
    func isRevoked(_ found: Identified) -> Bool {
        found.origin.map { revocations.cover($0, vouchedAt: found.vouchedAt) } ?? false
    }

    /// Lets a change of a user act at once: other rights are taken over, who was deleted is disconnected.
    func renew(userID: String) throws { try renew(sessions.sessions(of: userID)) }

    /// The same for several users.
    func renew(userIDs: some Collection<String>) throws {
        let userIDs = Set(userIDs)
        if !userIDs.isEmpty { try renew(sessions.sessions { userIDs.contains($0.id) }) }
    }

    /// The same for a change of what a user or a group may do.
    func renew(subject: String) throws {
        try renew(sessions.sessions { $0.id == subject || $0.groups.contains(subject) })
    }

    /// The same for changes that `xo-host user` has made beside this process.
    func renewWhatOthersChanged() throws {
        if try store.wasChangedByOthers() { try renew(sessions.all) }
    }

    /// Ends sessions whose time is over, also those that only listen.
    func endExpiredSessions() {
        let now = WallClock.now()
        for session in sessions.all {
            guard let end = session.principal?.tokenExpiration, end <= now else { continue }
            dismiss(session, "the token has expired")
        }
    }

    /// A provider says that somebody has signed out there, or is gone.
    ///
    /// - Parameter session: the provider's name of the sign-in; `nil`: all of them.
    func revoke(subject: String, session: String?, of provider: String) {
        revocations.add(Identified.Origin(provider: provider, subject: subject, session: session))
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

    /// Ends all sessions and tokens of somebody who is gone at the only provider that vouches for them.
    func revokeAll(ofUser userID: String, because reason: String) throws {
        for open in sessions.sessions(of: userID) { dismiss(open, reason) }
        try tokens.deleteAll(ofUser: userID)
    }

    /// What a user may do with objects now, who may have lost rights since the principal was made.
    func presentAccess(of principal: Principal?) throws -> Access {
        guard let known = principal?.user else { return principal?.access ?? .nothing }
        return try users.find(id: known.id).map(accessLists.access) ?? .nothing
    }

    /// - Parameter sessions: looked for while nobody else changes who has which rights.
    private func renew(_ sessions: @autoclosure () -> [Session]) throws {
        try renewal.withLock { _ in try renewAlone(sessions()) }
    }

    private func renewAlone(_ sessions: [Session]) throws {
        // A user may have many sessions.
        var present: [String: (user: User, access: Access)?] = [:]
        for session in sessions {
            guard let principal = session.principal, let known = principal.user else { continue }
            let found =
                try present[known.id]
                ?? users.find(id: known.id).map { (user: $0, access: try accessLists.access(of: $0)) }
            present[known.id] = found
            guard let (user, access) = found else {
                dismiss(session, "the user has been removed")
                continue
            }
            guard user != known || access !== principal.access else { continue }
            session.replace(
                principal,
                with: Principal(
                    user: user, access: access, tokenExpiration: principal.tokenExpiration, origin: principal.origin,
                    address: session.address))
        }
    }
}
