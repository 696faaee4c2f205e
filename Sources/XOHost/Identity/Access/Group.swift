import GRDB
import XOJSON

/// Users who have rights in common.
struct Group: Sendable, Hashable {
    /// Who keeps a group that is not ours: the configured provider, and the group's id there.
    struct Origin: Sendable, Hashable {
        let provider: String
        let id: String
    }

    /// UUID, version 4, lower case. Never used again for another group.
    let id: String
    let name: String
    /// Ids of its users, sorted.
    let members: [String]
    /// `nil` for a group that is kept here.
    let origin: Origin?

    /// The group as clients see it.
    var publicForm: JSON {
        var form: JSONObject = [
            "id": JSON(id), "name": JSON(name), "users": .array(members.map(JSON.string)),
            // Roles of Xen Orchestra's second kind of access lists, which there are none of.
            "aclRoleIds": [],
        ]
        if let origin {
            form["provider"] = JSON(origin.provider)
            form["providerGroupId"] = JSON(origin.id)
        }
        return .object(form)
    }

    static let columns = """
        id, name, provider, providerGroupID,
        (SELECT json_group_array(userID) FROM membership WHERE groupID = userGroup.id) AS members
        """

    init(row: Row) {
        let members: String = row["members"]
        let provider: String? = row["provider"]
        let providerGroupID: String? = row["providerGroupID"]
        id = row["id"]
        name = row["name"]
        self.members = ((try? JSON(parsing: members))?.array ?? []).compactMap(\.string).sorted()
        origin =
            if let provider, let providerGroupID { Origin(provider: provider, id: providerGroupID) } else { nil }
    }
}
