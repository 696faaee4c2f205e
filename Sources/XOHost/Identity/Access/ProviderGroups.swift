import FoundationEssentials
import GRDB

/// What a provider's word about one user has changed here.
struct GroupChanges: Sendable, Hashable {
    struct Rename: Sendable, Hashable {
        let id: String
        let old: String
        let new: String
    }

    /// Ids of groups that are new here.
    var created: [String] = []
    var joined: [String] = []
    var left: [String] = []
    var renamed: [Rename] = []

    var isEmpty: Bool { self == GroupChanges() }
}

extension Groups {
    /// Bytes of a group's id at its provider.
    static let maximumProviderGroupID = 1024

    /// Makes the user a member of exactly these groups of a provider; other groups are left as they are. Groups that are
    /// not known here are made, those that have another name there are renamed.
    ///
    /// Names are for people, ids decide: one that is taken here, or that a group must not have, is changed until it
    /// can be used. So nobody gains the rights of a group by calling another one the same at a provider.
    ///
    /// - Parameter groups: as the provider names them; the last one counts if an id comes twice. One whose id is empty,
    ///   has a NUL or more than ``maximumProviderGroupID`` bytes is passed over.
    func setGroups(
        of userID: String, provider: String, _ groups: [(id: String, name: String)]
    ) throws -> GroupChanges {
        var wanted: [String: String] = [:]
        for group in groups where !group.id.isEmpty && group.id.isStorable {
            if group.id.utf8.count <= Groups.maximumProviderGroupID { wanted[group.id] = group.name }
        }
        return try write { database in
            var changes = GroupChanges()
            var known: [String: Group] = [:]
            for row in try Row.fetchAll(
                database, sql: "SELECT \(Group.columns) FROM userGroup WHERE provider = ?", arguments: [provider])
            {
                let group = Group(row: row)
                if let origin = group.origin { known[origin.id] = group }
            }
            for (providerGroupID, name) in wanted.sorted(by: { $0.key < $1.key }) {
                let origin = Group.Origin(provider: provider, id: providerGroupID)
                let group = known[providerGroupID]
                let id = group?.id ?? UUID().uuidString.lowercased()
                let name = try Groups.freeName(name, for: id, origin, in: database)
                if let group {
                    if group.name != name {
                        try Groups.rename(id, name, in: database)
                        changes.renamed.append(GroupChanges.Rename(id: id, old: group.name, new: name))
                    }
                } else {
                    try Groups.insert(id, name, origin, in: database)
                    changes.created.append(id)
                }
                if group?.members.contains(userID) != true {
                    try Groups.join(userID, id, in: database)
                    changes.joined.append(id)
                }
            }
            for (providerGroupID, group) in known.sorted(by: { $0.key < $1.key })
            where wanted[providerGroupID] == nil && group.members.contains(userID) {
                try Groups.leave(userID, group.id, in: database)
                changes.left.append(group.id)
            }
            return changes
        }
    }

    /// The wanted name; if it is another group's, with the provider's name behind it, and a number if need be.
    private static func freeName(
        _ wanted: String, for id: String, _ origin: Group.Origin, in database: Database
    ) throws -> String {
        // Leaves room for what may have to follow.
        let room = SubjectName.maximumSize / 2
        let provider = SubjectName.admissible(origin.provider, maximumSize: room - 16)
        var name = SubjectName.admissible(wanted)
        if name.isEmpty { name = SubjectName.admissible(origin.id) }
        if name.isEmpty { name = provider }
        let stem = SubjectName.admissible(name, maximumSize: room)
        var number = 1
        while let holder = try holder(ofName: name, in: database), holder != id {
            name = number == 1 ? "\(stem) (\(provider))" : "\(stem) (\(provider) \(number))"
            number += 1
        }
        return name
    }
}
