import XOJSON
import XOProtocol

extension Services {
    /// Notes for the audit what has happened. Returns at once; records come in the order of the calls.
    ///
    /// - Parameters:
    ///   - principal: who did it; `nil`: nobody who is signed in.
    ///   - data: without secrets.
    func audit(_ event: String, by principal: Principal?, address: String?, _ data: JSON) {
        audit(
            event,
            subject: [
                "userId": principal?.user.map { .string($0.id) } ?? .null,
                "userName": (principal?.name).map(JSON.string) ?? .null, "userIp": address.map(JSON.string) ?? .null,
            ], data)
    }

    /// The same for a user who is about to come in.
    func audit(_ event: String, by user: User, address: String?, _ data: JSON = [:]) {
        audit(
            event,
            subject: [
                "userId": .string(user.id), "userName": .string(user.name),
                "userIp": address.map(JSON.string) ?? .null,
            ], data)
    }

    private func audit(_ event: String, subject: JSON, _ data: JSON) {
        auditLane.run { [self] in
            do {
                try auditLog.append(event, subject: subject, data: data)
            } catch {
                makeLogger("host").error(
                    "an event is missing in the audit", metadata: ["event": "\(event)", "reason": "\(error)"])
            }
        }
    }
}

/// Calls of the host's methods that change who may do what, or what runs.
enum AuditedMethods {
    static func contains(_ name: String) -> Bool {
        switch name {
        case "user.getAll", "user.getAuthenticationTokens", "group.getAll", "acl.get", "acl.getCurrentPermissions",
            "plugin.get", "role.getAll":
            false
        default:
            ["user.", "group.", "acl.", "token.", "plugin.", "auth."].contains { name.hasPrefix($0) }
        }
    }

    /// The parameters without secrets. A token's id is the token itself.
    private static func shown(_ parameters: JSON, of name: String) -> JSON {
        guard var members = parameters.redacted().object else { return parameters.redacted() }
        if name.hasPrefix("token.") {
            for key in ["id", "tokens", "pattern"] where members[key] != nil {
                members[key] = .string(Redaction.replacement)
            }
        }
        return .object(members)
    }

    /// The handler that also notes what it did, or that it refused to.
    static func noting(_ name: String, _ handler: @escaping NativeHandler) -> NativeHandler {
        { call in
            @Sendable func note(_ error: MethodError?) {
                var data: JSONObject = ["method": .string(name), "params": shown(call.parameters, of: name)]
                if let error { data["error"] = error.json }
                call.dispatcher.services.audit(
                    "apiCall", by: call.principal, address: call.session?.address, .object(data))
            }
            let original = call.reply
            let reply = CallReply { outcome in
                if case .failure(let error) = outcome { note(error) } else { note(nil) }
                original.send(outcome)
            }
            do {
                let answer = try handler(call.answering(reply))
                // Others are answered through `reply`.
                if case .later = answer { return answer }
                note(nil)
                return answer
            } catch {
                note(MethodError(describing: error))
                throw error
            }
        }
    }
}
