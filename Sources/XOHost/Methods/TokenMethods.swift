import XOJSON
import XOProtocol

extension HostMethods {
    /// `token.*`: what programs sign in with.
    static func tokens(_ services: Services) throws -> [MethodDefinition] {
        [
            try method(
                "token.create", "Makes a token for the user who is signed in, and returns it.", .signedIn,
                [
                    "client": [
                        "type": "object", "optional": true, "properties": ["id": ["type": "string"]],
                        "description": "a client that already has a token gets that one, prolonged",
                    ],
                    "description": ["type": "string", "optional": true],
                    "expiresIn": ["type": ["number", "string"], "optional": true],
                ]
            ) { call in
                let user = try call.signedInUser()
                let origin = call.principal?.origin
                return call.background {
                    do {
                        return .string(
                            try services.tokens.create(
                                userID: user.id, clientID: call.parameters["client"]?["id"]?.string,
                                description: call.parameters["description"]?.string,
                                expiresIn: call.parameters["expiresIn"], origin: origin))
                    } catch let error as TokenError {
                        // A plain error by the contract; but every user may know what is wrong with a duration.
                        throw MethodError.invalidParameters("\(error)")
                    }
                }
            },
            try method(
                "token.set", "Changes the description of an own token.", .signedIn,
                [
                    "id": ["type": "string"],
                    "description": ["type": ["null", "string"], "optional": true, "minLength": 0],
                ]
            ) { call in
                let user = try call.signedInUser()
                let id = call.parameters["id"]?.string ?? ""
                return call.background {
                    guard
                        try services.tokens.setDescription(
                            call.parameters["description"]?.string, ofToken: id, userID: user.id)
                    else { throw MethodError.noSuchObject(id: id, type: "authenticationToken") }
                    return nil
                }
            },
            try method("token.deleteOwn", "Revokes own tokens.", .signedIn, deletion) { call in
                let user = try call.signedInUser()
                return try delete(call, services, userID: user.id)
            },
            try method("token.delete", "Revokes tokens of all users.", .atLeast(.admin), deletion) { call in
                try delete(call, services, userID: nil)
            },
            try method("user.getAuthenticationTokens", "The tokens of the user who is signed in.", .signedIn) { call in
                let user = try call.signedInUser()
                return call.background { .array(try services.tokens.list(userID: user.id).map(\.record)) }
            },
        ]
    }

    private static let deletion: JSON = [
        "tokens": ["type": "array", "optional": true, "items": ["type": "string"]],
        "pattern": ["type": "object", "optional": true, "additionalProperties": true],
    ]

    private static func delete(_ call: NativeCall, _ services: Services, userID: String?) throws -> NativeAnswer {
        let ids = call.parameters["tokens"]?.array?.compactMap(\.string)
        let pattern = call.parameters["pattern"]
        guard ids != nil || pattern != nil else {
            throw MethodError.invalidParameters("invalid parameters: give `tokens`, a list of ids, or a `pattern`")
        }
        return call.background {
            try services.tokens.delete(ids: ids, matching: pattern, userID: userID)
            return nil
        }
    }
}
