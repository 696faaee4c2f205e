import XOJSON
import XOProtocol

extension HostMethods {
    /// `user.*`: who may sign in.
    static func users(_ services: Services) throws -> [MethodDefinition] {
        [
            try method(
                "user.create", "Creates a user, and returns its id.", .atLeast(.admin),
                [
                    "email": ["type": "string"], "password": ["type": "string"],
                    "permission": ["type": "string", "optional": true],
                ]
            ) { call in
                let permission = try permission(call.parameters["permission"]) ?? .none
                return call.withPasswords {
                    try translatingUserErrors {
                        let user = try services.users.create(
                            name: call.parameters["email"]?.string ?? "",
                            password: call.parameters["password"]?.string ?? "", permission: permission)
                        return .string(user.id)
                    }
                }
            },
            try method("user.getAll", "All users.", .atLeast(.admin)) { call in
                call.background { .array(try services.users.all().map(\.publicForm)) }
            },
            try method(
                "user.set", "Changes a user.", .signedIn,
                [
                    "id": ["type": "string"],
                    "email": ["type": "string", "optional": true], "password": ["type": "string", "optional": true],
                    "permission": ["type": "string", "optional": true],
                    "preferences": ["type": "object", "optional": true, "additionalProperties": true],
                ]
            ) { call in
                try set(call, services)
            },
            try method("user.delete", "Deletes a user.", .atLeast(.admin), ["id": ["type": "string"]]) { call in
                let id = call.parameters["id"]?.string ?? ""
                guard call.principal?.user?.id != id else {
                    throw MethodError.invalidParameters("a user cannot delete itself")
                }
                return call.background {
                    guard try services.users.find(id: id) != nil else {
                        throw MethodError.noSuchObject(id: id, type: "user")
                    }
                    try services.users.delete(id: id)
                    try services.renew(userID: id)
                    return nil
                }
            },
            try method(
                "user.changePassword", "Changes the own password.", .signedIn,
                ["oldPassword": ["type": "string"], "newPassword": ["type": "string"]]
            ) { call in
                let user = try call.signedInUser()
                let address = call.session?.address ?? ""
                return call.withPasswords {
                    try requireLocal(user.id, "change password", services)
                    do {
                        _ = try services.authenticator.verify(
                            name: user.name, password: call.parameters["oldPassword"]?.string ?? "", address: address)
                    } catch SignInError.invalidCredentials {
                        throw MethodError.invalidCredentials
                    }
                    try services.users.setPassword(call.parameters["newPassword"]?.string ?? "", of: user.id)
                    return nil
                }
            },
        ]
    }

    /// Others than administrators may change their own preferences and nothing else.
    private static func set(_ call: NativeCall, _ services: Services) throws -> NativeAnswer {
        let caller = try call.signedInUser()
        let parameters = call.parameters
        let id = parameters["id"]?.string ?? ""
        let isOwn = id == caller.id
        if caller.permission != .admin {
            let isRestricted = ["email", "password", "permission"].contains { parameters[$0] != nil }
            guard !isRestricted, isOwn else {
                throw MethodError.invalidParameters("this properties can only changed by an administrator")
            }
        } else if isOwn, parameters["permission"] != nil {
            throw MethodError.invalidParameters("a user cannot change its own permission")
        }
        let permission = try permission(parameters["permission"])
        let change: @Sendable () throws -> JSON? = {
            try translatingUserErrors {
                guard try services.users.find(id: id) != nil else {
                    throw MethodError.noSuchObject(id: id, type: "user")
                }
                if parameters["email"] != nil || parameters["password"] != nil {
                    try requireLocal(id, "set email or password", services)
                }
                if let name = parameters["email"]?.string {
                    do {
                        try services.users.setName(name, of: id)
                    } catch UserError.nameTaken {
                        throw MethodError.objectAlreadyExists(objectID: nil, objectType: "user")
                    }
                }
                if let password = parameters["password"]?.string { try services.users.setPassword(password, of: id) }
                if let permission { try services.users.setPermission(permission, of: id) }
                if let preferences = parameters["preferences"]?.object {
                    try services.users.setPreferences(
                        try takingSecondFactor(from: preferences, of: id, services), of: id)
                }
                try services.renew(userID: id)
                return nil
            }
        }
        return parameters["password"] == nil ? call.background(change) : call.withPasswords(change)
    }

    /// The preference `otp` is the secret of the second factor, which is kept elsewhere; what is left of it tells only
    /// that there is one.
    private static func takingSecondFactor(
        from preferences: JSONObject, of id: String, _ services: Services
    ) throws -> JSONObject {
        var preferences = preferences
        switch preferences["otp"] {
        case nil: break
        case .null: try services.secondFactors.remove(of: id)
        case .string(let text):
            guard let secret = OneTimePassword.secret(base32: text) else {
                throw MethodError.invalidParameters(
                    "invalid parameters: `otp` is no secret, expected at least "
                        + "\(OneTimePassword.minimumSecretSize) bytes in Base32")
            }
            try services.secondFactors.set(secret, of: id)
            preferences["otp"] = true
        // A client that sends back what it was shown.
        default: preferences.removeValue(forKey: "otp")
        }
        return preferences
    }

    /// Name and password of somebody who comes from a provider are that provider's.
    private static func requireLocal(_ id: String, _ operation: String, _ services: Services) throws {
        if let link = try services.links.ofUser(id).first {
            throw MethodError.forbiddenOperation(
                operation: operation, reason: "the user comes from the provider \(link.provider)")
        }
    }

    private static func permission(_ value: JSON?) throws -> Permission? {
        guard let text = value?.string else { return nil }
        guard let permission = Permission(rawValue: text) else {
            throw MethodError.invalidParameters(
                "invalid parameters: the permission \(text) is unknown; expected none, read, write or admin")
        }
        return permission
    }

    private static func translatingUserErrors(_ body: () throws -> JSON?) throws -> JSON? {
        do {
            return try body()
        } catch let error as UserError {
            throw MethodError.failed("\(error)")
        }
    }
}
