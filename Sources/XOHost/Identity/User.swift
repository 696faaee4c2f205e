import FoundationEssentials
import GRDB
import XOJSON

/// A person, or a program, that may sign in.
struct User: Sendable, Hashable {
    /// UUID, version 4, lower case. Never used again for another user.
    let id: String
    /// What is typed to sign in. Called `email` on the network, as it always has been; it need not be an address.
    let name: String
    let permission: Permission
    /// Settings of the user interface. Opaque to the host but for `otp`: there is a second factor.
    let preferences: JSONObject
    /// Milliseconds since 1970.
    let createdAt: Int64

    /// The user as clients see it, without any secret.
    var publicForm: JSON {
        var preferences = preferences
        // That there is a second factor may be seen; a secret of it never is.
        if preferences["otp"] != true { preferences.removeValue(forKey: "otp") }
        return [
            "id": JSON(id), "email": JSON(name), "permission": JSON(permission.rawValue), "groups": [],
            "preferences": .object(preferences),
        ]
    }

    init(id: String, name: String, permission: Permission, preferences: JSONObject, createdAt: Int64) {
        self.id = id
        self.name = name
        self.permission = permission
        self.preferences = preferences
        self.createdAt = createdAt
    }

    static let columns = "id, name, permission, preferences, createdAt"

    init(row: Row) {
        let permission: String = row["permission"]
        let preferences: String = row["preferences"]
        self.init(
            id: row["id"], name: row["name"],
            // A constraint of the database admits no other text; no right is the safe reading of one.
            permission: Permission(rawValue: permission) ?? .none,
            preferences: (try? JSON(parsing: preferences))?.object ?? [:],
            createdAt: row["createdAt"])
    }

    /// The form in which names are compared: compatibility characters unified (NFKC), then lower case.
    static func key(of name: String) -> String {
        name.precomposedStringWithCompatibilityMapping.lowercased()
    }
}
