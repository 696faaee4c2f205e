import XOJSON

extension Toolstack {
    /// More sessions than this, and the oldest one is closed.
    private static let maximumSessions = 500

    static let sessionCalls: [String: Handler] = [
        "session.login_with_password": { try $0.login($1) },
        "session.logout": { toolstack, call in
            if let session = call.session { toolstack.close(session) }
            return .void
        },
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

    func forgetSessions() {
        for session in database.all("session") { close(session) }
        sessionOrder.removeAll()
    }

    private func close(_ session: Row) {
        database.destroy(session)
        failEventWaiters(of: session)
    }

    private func login(_ call: Call) throws -> Outcome {
        let user = call.text(0)
        guard user == configuration.user, call.text(1) == configuration.password else {
            let pending = Pending()
            _ = after(configuration.badPasswordDelay) {
                pending.resolve(
                    .failure(XAPIFailure("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")))
            }
            return .pending(pending)
        }
        guard let model = database.model["session"] else { throw XAPIFailure.internalError("no class session") }
        // The reference is the secret, so it does not come from the seed.
        var secret = SystemRandomNumberGenerator()
        let session = database.create(
            model, reference: Reference.make(using: &secret), uuid: makeUUID(using: &random),
            [
                "this_host": .string(master?.reference ?? Reference.null),
                "last_active": .string(Timestamp.now), "validation_time": .string(Timestamp.now),
                "is_local_superuser": true, "auth_user_name": .string(user), "originator": .string(call.text(3)),
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
