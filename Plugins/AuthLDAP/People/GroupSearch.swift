import XOPluginAPI

/// The groups of a person.
///
/// By searches for many at once: one for the groups that list the person, one for each level of nested ones, one for each
/// two hundred names. Never one for each group.
struct GroupSearch {
    /// A group that was found.
    struct Group: Sendable {
        let name: DistinguishedName
        let voucher: Voucher.Group
    }

    /// Groups cannot be told.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private static let depthLimit = 10
    private static let countLimit = 5000
    private static let valuesPerSearch = 200
    private static let inChain = "1.2.840.113556.1.4.1941"

    private let session: Session
    private let settings: GroupSettings
    private var found: [DistinguishedName: Entry] = [:]
    private var order: [DistinguishedName] = []

    /// What must be read of a person beforehand.
    static func attributes(_ settings: GroupSettings) -> [String] {
        switch settings.mode {
        case .fromUser: [settings.memberOfAttribute]
        case .fromGroups, .expandNested: [settings.userAttribute]
        case .adChain: ["objectSid", "primaryGroupID"]
        }
    }

    static func groups(of person: Entry, _ settings: GroupSettings, _ session: Session) throws -> [Group] {
        var search = GroupSearch(session: session, settings: settings)
        try search.findDirect(person)
        if settings.expands { try search.expand() }
        return search.order.compactMap { name in
            search.found[name].flatMap { search.group($0, name) }
        }
    }

    private init(session: Session, settings: GroupSettings) {
        self.session = session
        self.settings = settings
    }

    private mutating func findDirect(_ person: Entry) throws {
        switch settings.mode {
        case .fromUser:
            let names = try memberships(person)
            // An entry's own name: entryDN here, distinguishedName in Active Directory. Elsewhere the latter is above all
            // attributes with names in them, member too, so it also finds groups that contain one of these.
            try find(
                anyOf: names.map { Filter.escape($0.utf8) }.flatMap {
                    ["(entryDN=\($0))", "(distinguishedName=\($0))"]
                },
                among: Set(names.compactMap { DistinguishedName($0) }))
        case .fromGroups, .expandNested:
            try find(anyOf: person[settings.userAttribute].map { "(\(settings.memberAttribute)=\(Filter.escape($0)))" })
        case .adChain:
            guard try session.isActiveDirectory() else {
                // Other directories answer such a search with nothing, as if there were no groups.
                throw Problem(description: "groups.mode is adChain, but the server is no Active Directory")
            }
            var conditions = ["(\(settings.memberAttribute):\(GroupSearch.inChain):=\(Filter.escape(person.dn.utf8)))"]
            // The primary group does not list its members.
            if let domain = person["objectSid"].first,
                let number = person.texts("primaryGroupID").first.flatMap({ UInt32($0) }),
                let group = SecurityIdentifier.sibling(of: domain, last: number)
            {
                conditions.append("(objectSid=\(Filter.escape(group)))")
            }
            try find(anyOf: conditions)
        }
    }

    /// The names that the person's attribute lists, also if the server gives them in parts.
    private func memberships(_ person: Entry) throws(DirectoryFailure) -> [String] {
        let attribute = settings.memberOfAttribute
        var person = person
        while let next = person.continuations[attribute.lowercased()] {
            guard person[attribute].count < GroupSearch.countLimit else { break }
            let search = DirectoryHandle.Search(
                base: person.dn, scope: .entry, filter: "(objectClass=*)",
                attributes: ["\(attribute);range=\(next)-*"], limit: 1)
            guard let part = try session.search("more memberships", search).entries.first,
                !part[attribute].isEmpty
            else { break }
            person.append(part, of: attribute)
        }
        return person.texts(attribute)
    }

    /// Breadth first; what is known is not asked for again, so loops end.
    private mutating func expand() throws {
        var level = order
        for _ in 0..<GroupSearch.depthLimit where !level.isEmpty {
            let before = order.count
            let names = level.compactMap { found[$0]?.dn }
            try find(anyOf: names.map { "(\(settings.memberAttribute)=\(Filter.escape($0.utf8)))" })
            level = Array(order[before...])
        }
    }

    /// - Parameter wanted: other groups do not count.
    private mutating func find(anyOf conditions: [String], among wanted: Set<DistinguishedName>? = nil) throws {
        var rest = conditions[...]
        while !rest.isEmpty {
            let part = rest.prefix(GroupSearch.valuesPerSearch)
            rest = rest.dropFirst(part.count)
            let search = DirectoryHandle.Search(
                base: settings.base, filter: "(&\(settings.filter)(|\(part.joined())))",
                attributes: [settings.idAttribute, settings.nameAttribute].filter { $0.lowercased() != "dn" } + ["1.1"],
                limit: GroupSearch.countLimit + 1 - order.count, pageSize: session.settings.pageSize)
            let answer = try session.search("groups", search)
            for entry in answer.entries {
                guard let name = DistinguishedName(entry.dn), found[name] == nil, wanted?.contains(name) ?? true else {
                    continue
                }
                found[name] = entry
                order.append(name)
            }
            guard !answer.isIncomplete, order.count <= GroupSearch.countLimit else {
                throw Problem(
                    description: "the person is in more groups than the server tells, or more than "
                        + "\(GroupSearch.countLimit); see pageSize and groups.filter")
            }
        }
    }

    /// `nil` for one without id or name, or with several ids.
    private func group(_ entry: Entry, _ name: DistinguishedName) -> Group? {
        let id: String
        if settings.idAttribute.lowercased() == "dn" {
            id = name.description
        } else {
            let values = entry[settings.idAttribute]
            guard values.count == 1 else { return nil }
            id = Identifier.text(of: values[0], attribute: settings.idAttribute)
        }
        guard !id.isEmpty, let title = entry.texts(settings.nameAttribute).first, !title.isEmpty else { return nil }
        return Group(name: name, voucher: Voucher.Group(id: id, name: settings.prefix + title))
    }
}

extension Session {
    /// Whether the server says that it is an Active Directory (MS-ADTS, 3.1.1.3.4.3).
    func isActiveDirectory() throws(DirectoryFailure) -> Bool {
        let search = DirectoryHandle.Search(
            base: "", scope: .entry, filter: "(objectClass=*)", attributes: ["supportedCapabilities"], limit: 1)
        let root = try self.search("kind of directory", search).entries.first
        return root?.texts("supportedCapabilities").contains { $0.hasPrefix("1.2.840.113556.1.4.800") } ?? false
    }
}
