import Testing

@testable import XOHost

/// Groups in the store, those of providers above all.
@Suite struct GroupsTests {
    private let directory: TemporaryDirectory
    private let users: Users
    private let groups: Groups
    private let lists: AccessLists

    init() throws {
        directory = try TemporaryDirectory()
        let store = try directory.openStore()
        users = Users(store, passwords: .cheap, minimumPasswordLength: 1)
        groups = Groups(store)
        lists = AccessLists(store)
    }

    @Test func aProviderSaysInWhichOfItsGroupsAUserIs() throws {
        let (ann, bob) = (try user("ann"), try user("bob"))
        let own = try groups.create(name: "own")
        try groups.add(ann.id, to: own)
        let first = try groups.setGroups(of: ann.id, provider: "ldap", [("a", "Admins"), ("s", "Staff")])
        #expect(first.created.count == 2 && first.joined == first.created && first.left.isEmpty)
        #expect(try names(of: ann) == ["Admins", "Staff", "own"])
        #expect(try groups.setGroups(of: ann.id, provider: "ldap", [("s", "Staff"), ("a", "Admins")]).isEmpty)

        let second = try groups.setGroups(of: bob.id, provider: "ldap", [("s", "Crew")])
        #expect(second.created.isEmpty && second.joined.count == 1)
        #expect(second.renamed.map(\.new) == ["Crew"] && second.renamed.map(\.old) == ["Staff"])
        #expect(try names(of: ann) == ["Admins", "Crew", "own"])

        let third = try groups.setGroups(of: ann.id, provider: "ldap", [])
        #expect(third.left.count == 2)
        #expect(try names(of: ann) == ["own"] && names(of: bob) == ["Crew"])
        // Another provider's groups are others, whatever they are called.
        _ = try groups.setGroups(of: ann.id, provider: "saml", [("s", "Crew")])
        _ = try groups.setGroups(of: bob.id, provider: "saml", [])
        #expect(try names(of: ann) == ["Crew (saml)", "own"] && names(of: bob) == ["Crew"])
    }

    /// Who may name groups at a provider must not get into ours by that.
    @Test func namesThatAreTakenAreChanged() throws {
        let ann = try user("ann")
        let own = try groups.create(name: "Admins")
        _ = try groups.setGroups(of: ann.id, provider: "ldap", [("1", "admins"), ("2", "ADMINS"), ("3", "Admins")])
        #expect(try names(of: ann) == ["Admins (ldap 3)", "ADMINS (ldap 2)", "admins (ldap)"].sorted())
        #expect(try groups.find(id: own)?.members == [])
        // Stable; and the plain name when it is free.
        #expect(
            try groups.setGroups(of: ann.id, provider: "ldap", [("1", "admins"), ("2", "ADMINS"), ("3", "Admins")])
                .isEmpty)
        _ = try groups.delete(id: own)
        _ = try groups.setGroups(of: ann.id, provider: "ldap", [("1", "admins")])
        #expect(try names(of: ann) == ["admins"])
    }

    @Test(arguments: [
        ("", "id"), (" \n ", "id"), ("a\0b", "a b"), ("  a\tb ", "a b"),
        (String(repeating: "x", count: 1 << 20), String(repeating: "x", count: 255)),
        (String(repeating: "\u{1F600}", count: 1000), String(repeating: "\u{1F600}", count: 63)),
    ])
    func namesThatNoGroupMustHaveAreMadeFit(_ name: String, _ fit: String) throws {
        let ann = try user("ann")
        _ = try groups.setGroups(of: ann.id, provider: "ldap", [("id", name)])
        #expect(try names(of: ann) == [fit])
    }

    /// A text ends for the database at a NUL: such an id must not be that of another group.
    @Test func idsThatCannotBeKeptAreNobodys() throws {
        let ann = try user("ann")
        let long = String(repeating: "x", count: 1 << 20)
        let changes = try groups.setGroups(
            of: ann.id, provider: "ldap", [("admins", "Admins"), ("admins\0x", "Evil"), ("", "Empty"), (long, "Long")])
        #expect(changes.created.count == 1)
        #expect(try names(of: ann) == ["Admins"])
        #expect(try groups.setGroups(of: ann.id, provider: "ldap", [("admins\0x", "Admins")]).left.count == 1)

        let group = try groups.create(name: "own")
        #expect(throws: GroupError.noSuchUser(ann.id + "\0x")) { try groups.add(ann.id + "\0x", to: group) }
        #expect(throws: GroupError.noSuchUser(ann.id + "\0x")) { try groups.setMembers([ann.id + "\0x"], of: group) }
        #expect(throws: GroupError.noSuchGroup(group + "\0x")) { try groups.add(ann.id, to: group + "\0x") }
        try groups.add(ann.id, to: group)
        try groups.remove(ann.id + "\0x", from: group)
        #expect(try names(of: ann) == ["own"])
    }

    @Test func groupsOfProvidersAreNotChangedByOthers() throws {
        let ann = try user("ann")
        let changes = try groups.setGroups(of: ann.id, provider: "ldap", [("a", "Admins")])
        let id = try #require(changes.created.first)
        #expect(throws: GroupError.kept(byProvider: "ldap")) { try groups.setName("x", of: id) }
        #expect(throws: GroupError.kept(byProvider: "ldap")) { try groups.add(ann.id, to: id) }
        #expect(throws: GroupError.kept(byProvider: "ldap")) { try groups.remove(ann.id, from: id) }
        #expect(throws: GroupError.kept(byProvider: "ldap")) { try groups.setMembers([], of: id) }
        #expect(try groups.delete(id: id) == [ann.id])
        #expect(try names(of: ann) == [])
    }

    @Test func theSameRightsAreTheSameAccess() throws {
        let (ann, bob) = (try user("ann"), try user("bob"))
        let group = try groups.create(name: "group")
        _ = try groups.setMembers([ann.id, bob.id], of: group)
        #expect(try lists.access(of: ann) === Access.nothing)
        #expect(try lists.add(AccessEntry(subject: group, object: "vm", role: .viewer)))
        #expect(try lists.add(AccessEntry(subject: group, object: "vm", role: .operator)))
        let access = try lists.access(of: ann)
        #expect(try access.grants == ["vm": .operate] && lists.access(of: bob) === access)
        #expect(try lists.add(AccessEntry(subject: bob.id, object: "vm", role: .viewer)))
        #expect(try lists.access(of: bob) === access, "nothing is added by it")
        #expect(try lists.add(AccessEntry(subject: bob.id, object: "sr", role: .admin)))
        #expect(try lists.access(of: bob).grants == ["vm": .operate, "sr": .administrate])
        #expect(try !lists.add(AccessEntry(subject: "nobody", object: "vm", role: .viewer)))
        try users.setPermission(.admin, of: ann.id)
        #expect(try lists.access(of: try #require(try users.find(id: ann.id))) === Access.everything)
    }

    private func user(_ name: String) throws -> User { try users.create(name: name, password: "pw") }

    private func names(of user: User) throws -> [String] {
        try groups.all().filter { $0.members.contains(user.id) }.map(\.name).sorted()
    }
}
