import XOJSON

/// For whom a call is made. Made by the host only, never changed: a change of rights makes a new one.
final class Principal: Sendable {
    /// `nil` for the host itself and for plugins acting in their own name.
    let user: User?
    let name: String
    let permission: Permission
    /// Milliseconds since 1970 at which the token that signed this user in ends; `nil` for a password.
    let tokenExpiration: Int64?
    /// The sign-in at a provider that it came of.
    let origin: Identified.Origin?
    /// What plugins are told: `{"id", "name", "permission", "address"?}`, made once.
    let description: [UInt8]

    init(user: User, tokenExpiration: Int64?, origin: Identified.Origin? = nil, address: String) {
        self.user = user
        self.origin = origin
        self.tokenExpiration = tokenExpiration
        name = user.name
        permission = user.permission
        description = Principal.describe(id: user.id, user.name, user.permission, address)
    }

    /// A plugin, or the host, acting for itself: it may do everything.
    init(service name: String) {
        user = nil
        tokenExpiration = nil
        origin = nil
        self.name = name
        permission = .admin
        description = Principal.describe(id: nil, name, .admin, nil)
    }

    /// Before sign-in.
    static func anonymousDescription(address: String) -> [UInt8] { describe(id: nil, "", nil, address) }

    private static func describe(id: String?, _ name: String, _ permission: Permission?, _ address: String?) -> [UInt8]
    {
        // `user` is what plugins call a signed-in user without further rights.
        let permission = permission.map { $0 == .none ? "user" : $0.rawValue } ?? "public"
        var members: JSONObject = [
            "id": id.map(JSON.string) ?? .null, "name": .string(name), "permission": .string(permission),
        ]
        if let address { members["address"] = .string(address) }
        return JSON.object(members).serialized()
    }
}
