import XOJSON

extension Toolstack {
    /// More sessions than this, and the oldest one is closed.
    private static let maximumSessions = 500

    static let sessionCalls: [String: Handler] = [
        "session.login_with_password": { try $0.login($1) },
        "session.slave_local_login_with_password": { $0.loginLocally($1) },
        "session.logout": { toolstack, call in
            if let session = call.session { toolstack.close(session) }
            return .void
        },
        // One that is local has been taken out already.
        "session.local_logout": { toolstack, call in
            if let session = call.session { toolstack.close(session) }
            return .void
        },
    ]

    /// Takes the session from the front of the parameters.
    ///
    /// - Throws: `SESSION_INVALID`
    func takeSession(_ parameters: inout ArraySlice<JSON>) throws(XAPIFailure) -> Row {
        let reference = parameters.popFirst()?.string ?? ""
        guard let session = database.find("session", reference) else { throw .sessionInvalid(reference) }
        return session
    }

    /// Takes the session from the front if it is one of this host alone, and the call one that needs no more.
    func takeLocalSession(
        _ parameters: inout ArraySlice<JSON>, for message: MessageModel, at agent: HostAgent
    ) -> Bool {
        guard Toolstack.localCalls.contains(message.fullName), let reference = parameters.first?.string,
            agent.localSessions.contains(reference)
        else { return false }
        parameters.removeFirst()
        if message.name == "local_logout" { agent.localSessions.remove(reference) }
        return true
    }

    func forgetSessions() {
        for session in database.all("session") { close(session) }
        sessionOrder.removeAll()
    }

    private func close(_ session: Row) {
        database.destroy(session)
        failEventWaiters(of: session)
    }

    /// Checks name and password.
    ///
    /// - Returns: the failure, after a while, if they are wrong
    private func refusal(of call: Call) -> Outcome? {
        let user = call.text(0)
        if user == configuration.user, call.text(1) == configuration.password { return nil }
        let pending = Pending()
        _ = after(configuration.badPasswordDelay) {
            pending.resolve(.failure(XAPIFailure("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")))
        }
        return .pending(pending)
    }

    private func loginLocally(_ call: Call) -> Outcome {
        if let refusal = refusal(of: call) { return refusal }
        var secret = SystemRandomNumberGenerator()
        let reference = Reference.make(using: &secret)
        call.agent.localSessions.insert(reference)
        return .value(.string(reference), .reference("session"))
    }

    private func login(_ call: Call) throws -> Outcome {
        if let refusal = refusal(of: call) { return refusal }
        guard let model = database.model["session"] else { throw XAPIFailure.internalError("no class session") }
        // The reference is the secret, so it does not come from the seed.
        var secret = SystemRandomNumberGenerator()
        let session = database.create(
            model, reference: Reference.make(using: &secret), uuid: makeUUID(using: &random),
            [
                "this_host": .string(master?.reference ?? Reference.null),
                "last_active": .string(Timestamp.now), "validation_time": .string(Timestamp.now),
                "is_local_superuser": true, "auth_user_name": .string(call.text(0)),
                "originator": .string(call.text(3)),
            ])
        sessionOrder.append(session.reference)
        if sessionOrder.count > Toolstack.maximumSessions {
            sessionOrder.removeAll { database.find("session", $0) == nil }
        }
        if sessionOrder.count > Toolstack.maximumSessions,
            let oldest = database.find("session", sessionOrder.removeFirst())
        {
            close(oldest)
        }
        return .reference(session)
    }
}
