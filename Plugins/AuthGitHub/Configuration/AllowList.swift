import XOJSON

/// Who may come in: whoever is in one of these lists, or in one of these organisations or teams.
struct AllowList: Decodable, Sendable, Hashable {
    /// An entry: a name, whose bearer is found out once and then known by number; or the number itself.
    struct Entry: Decodable, Sendable, Hashable, CustomStringConvertible {
        /// `nil` for a name.
        let id: Int64?
        /// In lower case, as GitHub compares; empty with a number.
        let name: String
        let description: String

        /// - Throws: what is wrong, for people.
        init(_ text: String) throws {
            description = text
            if text.hasPrefix("id:") {
                guard let id = Int64(text.dropFirst(3)), id > 0 else {
                    throw ConfigurationError(
                        description: "'\(text)' is no number of GitHub's; expected such as id:1234")
                }
                (self.id, name) = (id, "")
            } else {
                (id, name) = (nil, text.lowercased())
            }
        }

        init(from decoder: any Decoder) throws {
            try self.init(decoder.singleValueContainer().decode(String.self))
        }
    }

    var organizations: [Entry] = []
    /// Names are `organization/slug`.
    var teams: [Entry] = []
    var users: [Entry] = []

    var isEmpty: Bool { organizations.isEmpty && teams.isEmpty && users.isEmpty }

    private enum CodingKeys: String, CodingKey {
        case organizations, teams, users
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        organizations = try container.decodeIfPresent([Entry].self, forKey: .organizations) ?? []
        teams = try container.decodeIfPresent([Entry].self, forKey: .teams) ?? []
        users = try container.decodeIfPresent([Entry].self, forKey: .users) ?? []
    }
}
