import XOJSON

/// What a provider says of a person: who it is, and what is known besides. See `xo/auth.h`.
public struct Voucher: Sendable, Hashable {
    /// A group at the provider.
    public struct Group: Sendable, Hashable {
        /// Never changes and never passes to another group.
        public var id: String
        /// For people.
        public var name: String

        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The person, for ever, within this provider: 1 to 256 bytes. Not a name or an address, which can change hands.
    public var subject: String
    /// What the person is called, as the provider spells it.
    public var name: String
    public var displayName: String?
    public var email: String?
    /// Whether the provider knows that the address is the person's.
    public var isEmailVerified = false
    /// All groups that the person is in, nested ones included if the provider knows of such.
    public var groups: [Group] = []
    /// Whether ``groups`` are told at all; if not, those known from before hold.
    public var areGroupsKnown = true
    /// Texts by name, for the administrator's mapping rules.
    public var attributes: [String: [String]] = [:]
    /// Names the sign-in at the provider, for signing out.
    public var session: String?
    /// Milliseconds since 1970: no session may last longer.
    public var expires: Int64?

    public init(subject: String, name: String) {
        self.subject = subject
        self.name = name
    }

    var json: JSON {
        var members: JSONObject = ["subject": .string(subject), "name": .string(name)]
        if let displayName { members["displayName"] = .string(displayName) }
        if let email {
            members["email"] = .string(email)
            members["emailVerified"] = .bool(isEmailVerified)
        }
        if areGroupsKnown {
            members["groups"] = .array(groups.map { ["id": .string($0.id), "name": .string($0.name)] })
        }
        members["attributes"] = .object(
            JSONObject(uniqueKeysWithValues: attributes.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
        if let session { members["session"] = .string(session) }
        if let expires { members["expires"] = JSON(expires) }
        return .object(members)
    }
}
