import TestSupport
import Testing
import XOClient
import XOJSON

/// What connected clients are told when objects or rights change.
@Suite struct VisibilityTests {
    @Test func everybodyHearsOfWhatMayBeSeen() async throws {
        try await withEstate { estate in
            let (bob, ann) = (try await Person("bob", in: estate), try await Person("ann", in: estate))
            let nobody = try await estate.host.connect(as: "nobody", estate)
            var unheard = nobody.notifications.makeAsyncIterator()
            try await estate.grant("viewer", on: "v1", to: bob.id)
            try await estate.grant("viewer", on: "p2", to: ann.id)
            try await bob.list()
            try await ann.list()

            try await estate.put([
                Estate.record("v1", "VM", ["$container": "h1", "name_label": "a"]),
                Estate.record("v2", "VM", ["$container": "h2", "name_label": "b"]),
                Estate.record("v9", "VM", pool: "p2", ["$container": "h9", "name_label": "c"]),
                Estate.record("new", "VIF", ["$VM": "v1"]),
            ])
            try await bob.catchUp()
            try await ann.catchUp()
            #expect(bob.entered == ["v1", "new"] && bob.exited == [])
            #expect(ann.entered == ["v9"] && ann.exited == [])
            #expect(bob.known["v1"]?["name_label"] == "a")

            try await estate.remove(["new", "v2", "v9"])
            try await bob.catchUp()
            try await ann.catchUp()
            #expect(bob.entered == [] && bob.exited == ["new"])
            #expect(ann.entered == [] && ann.exited == ["v9"])
            #expect(bob.visible == Estate.machine)
            await nobody.close()
            #expect(await unheard.next() == nil)
        }
    }

    /// What belongs to something that moves comes and goes with it, although it has not changed itself.
    @Test func whatMovesTakesAlongWhatBelongsToIt() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("viewer", on: "h1", to: bob.id)
            try await bob.list()
            try await estate.put([Estate.record("v1", "VM", ["$container": "h2"])])
            try await bob.catchUp()
            #expect(bob.exited == Estate.machine && bob.entered == [])
            #expect(bob.visible == ["h1", "t1"])
            #expect(await bob.rights(on: "d1") == [])
            try await estate.put([Estate.record("v1", "VM", ["$container": "h1"])])
            try await bob.catchUp()
            #expect(bob.entered == Estate.machine && bob.exited == [])
            #expect(await bob.rights(on: "d1") == ["view"])
            let listed = try await bob.list()
            #expect(listed == Estate.machine.union(["h1", "t1"]))

            // A disk is taken out of one machine and put into another.
            try await estate.put([
                Estate.record("b1", "VBD", ["VM": "v2", "VDI": "d1"])
            ])
            try await bob.catchUp()
            #expect(bob.exited == ["b1", "d1"])
        }
    }

    /// When a host goes, so do the rights that it handed on; the objects may still be there.
    @Test func whatIsGoneHandsOnNothing() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("viewer", on: "h1", to: bob.id)
            try await bob.list()
            try await estate.remove(["h1"])
            try await bob.catchUp()
            #expect(bob.exited == Estate.machine.union(["h1", "t1"]))
            #expect(bob.visible == [])
            try await estate.put([Estate.record("h1", "host")])
            try await bob.catchUp()
            #expect(bob.entered == Estate.machine.union(["h1", "t1"]))

            // All at once, as when a pool is disconnected, and back.
            try await estate.remove(Array(Estate.everything))
            try await bob.catchUp()
            #expect(bob.exited == Estate.machine.union(["h1", "t1"]) && bob.visible == [])
            try await estate.put(Estate.records)
            try await bob.catchUp()
            #expect(bob.visible == Estate.machine.union(["h1", "t1"]))
        }
    }

    @Test func aChangeOfListsActsOnOpenConnections() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await bob.list()
            try await estate.grant("viewer", on: "v1", to: bob.id)
            #expect(await bob.rights(on: "v1") == ["view"])
            try await bob.catchUp()
            #expect(bob.entered == Estate.machine && bob.exited == [])
            #expect(bob.known["d1"]?["$SR"] == "r1")

            // More than the same is not told again.
            try await estate.grant("viewer", on: "h1", to: bob.id)
            try await estate.grant("admin", on: "v1", to: bob.id)
            try await bob.catchUp()
            #expect(bob.entered == ["h1", "t1"] && bob.exited == [])
            #expect(await bob.rights(on: "v1") == ["view", "operate", "administrate"])

            try await estate.revoke("admin", on: "v1", from: bob.id)
            try await estate.revoke("viewer", on: "v1", from: bob.id)
            try await bob.catchUp()
            #expect(bob.entered == [] && bob.exited == [])
            try await estate.revoke("viewer", on: "h1", from: bob.id)
            #expect(await bob.rights(on: "v1") == [])
            try await bob.catchUp()
            #expect(bob.exited == Estate.machine.union(["h1", "t1"]) && bob.visible == [])
            try await estate.put([Estate.record("v1", "VM", ["$container": "h1", "name_label": "secret"])])
            try await bob.catchUp()
            #expect(bob.entered == [] && bob.exited == [])
        }
    }

    @Test func aChangeOfGroupsActsOnOpenConnections() async throws {
        try await withEstate { estate in
            let (bob, ann) = (try await Person("bob", in: estate), try await Person("ann", in: estate))
            let group = try await estate.makeGroup("staff")
            try await estate.grant("operator", on: "v1", to: group)
            try await estate.admin.call("group.addUser", params: ["id": .string(group), "userId": .string(bob.id)])
            try await bob.catchUp()
            #expect(bob.entered == Estate.machine)
            #expect(await bob.rights(on: "v1") == ["view", "operate"])

            try await estate.admin.call(
                "group.setUsers", params: ["id": .string(group), "userIds": [.string(ann.id)]])
            try await bob.catchUp()
            try await ann.catchUp()
            #expect(bob.exited == Estate.machine && ann.entered == Estate.machine)
            #expect(try await ann.client.call("session.getUser")["groups"] == [.string(group)])
            #expect(try await bob.client.call("session.getUser")["groups"] == [])

            try await estate.admin.call("group.removeUser", params: ["id": .string(group), "userId": .string(ann.id)])
            try await ann.catchUp()
            #expect(ann.exited == Estate.machine)
            try await estate.admin.call("group.addUser", params: ["id": .string(group), "userId": .string(ann.id)])
            try await estate.admin.call("group.delete", params: ["id": .string(group)])
            try await ann.catchUp()
            #expect(ann.exited.isSuperset(of: Estate.machine) && ann.visible == [])
            #expect(await ann.rights(on: "v1") == [])
        }
    }

    @Test func aChangeOfPermissionActsOnOpenConnections() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("viewer", on: "v1", to: bob.id)
            try await bob.list()
            let rest = Estate.everything.subtracting(Estate.machine)
            try await estate.admin.call("user.set", params: ["id": .string(bob.id), "permission": "admin"])
            try await bob.catchUp()
            #expect(bob.entered.intersection(Estate.everything) == rest && bob.exited == [])
            try await estate.admin.call("user.set", params: ["id": .string(bob.id), "permission": "none"])
            try await bob.catchUp()
            #expect(bob.exited.intersection(Estate.everything) == rest && bob.visible == Estate.machine)
        }
    }

    /// Rights that change while the client lists, or does not read, are told afterwards.
    @Test func aListingAndChangesOfRightsDoNotOvertakeEachOther() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            let client = bob.client
            for round in 0..<30 {
                async let listing = client.objects()
                if round.isMultiple(of: 2) {
                    try await estate.grant("viewer", on: "p1", to: bob.id)
                } else {
                    try await estate.revoke("viewer", on: "p1", from: bob.id)
                }
                _ = try await listing
            }
            try await bob.catchUp()
            #expect(bob.visible == [])
            let mine = try await bob.list()
            #expect(mine == [])
        }
    }

    /// Another process has changed the database.
    @Test func whatOthersChangeActsOnOpenConnections() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("viewer", on: "v1", to: bob.id)
            try await bob.list()
            try await estate.host.changeDatabase("DELETE FROM access WHERE object = 'v1'")
            _ = try await poll({ await bob.rights(on: "v1") }, until: { $0.isEmpty })
            try await bob.catchUp()
            #expect(bob.exited == Estate.machine && bob.visible == [])
        }
    }
}

extension TestHost {
    /// Somebody who has no rights at all.
    fileprivate func connect(as name: String, _ estate: Estate) async throws -> XOClient {
        try await addUser(name, "secret")
        return try await connect(as: name, "secret")
    }
}
