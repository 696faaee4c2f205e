import TestSupport
import Testing
import XOClient
import XOJSON

/// What users see and may do, by what access lists grant them.
@Suite struct ObjectRightsTests {
    private static let all = ["view", "operate", "administrate"]

    @Test func withoutRightsThereIsNothing() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            #expect(try await bob.list() == [])
            for method in ["look", "use", "own", "name"] {
                // As if it were not there.
                #expect(
                    await bob.error(method, "v1")
                        == RemoteError(code: 1, message: "no such object v1", data: ["id": "v1"]))
                #expect(
                    await bob.error(method, "nothing")
                        == RemoteError(code: 1, message: "no such object nothing", data: ["id": "nothing"]))
            }
            #expect(try await bob.client.objects(["id": "v1"]) == [:])
            #expect(try await ObjectRightsTests.lines(of: bob, estate) == [])
        }
    }

    @Test func aRoleGrantsItsRightsAndThoseBelow() async throws {
        try await withEstate { estate in
            for (role, count) in [("viewer", 1), ("operator", 2), ("admin", 3)] {
                let user = try await Person(role, in: estate)
                try await estate.grant(role, on: "v1", to: user.id)
                #expect(await user.rights(on: "v1") == Array(ObjectRightsTests.all.prefix(count)))
                #expect(await user.rights(on: "v2") == [])
                #expect(try await user.list() == Estate.machine)
                if count < 3 {
                    #expect(
                        await user.error("own", "v1")
                            == RemoteError(
                                code: 2, message: "not enough permissions",
                                data: ["permission": "administrate", "object": ["id": "v1"]]))
                }
            }
        }
    }

    @Test func rightsHoldForWhatBelongsToTheObject() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("admin", on: "v1", to: bob.id)
            for object in Estate.machine.subtracting(["c1"]) {
                #expect(await bob.rights(on: object) == ObjectRightsTests.all, "\(object)")
            }
            // A disc in the drive belongs to others, too.
            #expect(await bob.rights(on: "c1") == ["view"])
            for object in ["e2", "h1", "p1", "r1", "n1", "t1"] {
                #expect(await bob.rights(on: object) == [], "\(object)")
            }

            let ann = try await Person("ann", in: estate)
            try await estate.grant("operator", on: "p1", to: ann.id)
            let pool = Estate.everything.subtracting(["p2", "h9", "v9", "r2"])
            #expect(try await ann.list() == pool)
            for object in pool.subtracting(["c1"]) {
                #expect(await ann.rights(on: object) == ["view", "operate"], "\(object)")
            }

            let eve = try await Person("eve", in: estate)
            try await estate.grant("viewer", on: "h1", to: eve.id)
            #expect(try await eve.list() == Estate.machine.union(["h1", "t1"]))
        }
    }

    @Test func theHighestOfSeveralRightsCounts() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            let group = try await estate.makeGroup("operators", [bob.id])
            try await estate.grant("viewer", on: "p1", to: bob.id)
            try await estate.grant("operator", on: "v1", to: group)
            #expect(await bob.rights(on: "v1") == ["view", "operate"])
            #expect(await bob.rights(on: "d1") == ["view", "operate"])
            #expect(await bob.rights(on: "v2") == ["view"])
        }
    }

    @Test func listingsHoldWhatMayBeSeen() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("viewer", on: "v1", to: bob.id)
            try await bob.catchUp()
            #expect(Set(try await bob.client.objects(["type": "VM"]).keys) == ["v1"])
            #expect(Set(try await bob.client.objects("type:VM").keys) == ["v1", "s1"])
            #expect(try await bob.client.objects(["id": "v2"]) == [:])
            let limited = try await bob.client.call("xo.getAllObjects", params: ["limit": 3]).object ?? [:]
            #expect(limited.count == 3 && Estate.machine.isSuperset(of: limited.keys))
            let lines = try await ObjectRightsTests.lines(of: bob, estate)
            #expect(lines.count == Estate.machine.count && Set(lines) == Estate.machine)
            let filtered = try await ObjectRightsTests.lines(of: bob, estate, ["type": "VBD"])
            #expect(Set(filtered) == ["b1", "e1"])
        }
    }

    /// The address of a download is a secret that outlives the right on what is in it.
    @Test func aDownloadHoldsWhatMayBeSeenWhenItIsFetched() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            try await estate.grant("viewer", on: "p1", to: bob.id)
            let answer = try await bob.client.call("xo.getAllObjects", params: ["ndjson": true])
            try await estate.revoke("viewer", on: "p1", from: bob.id)
            let page = try await estate.host.fetch(answer["$getFrom"]?.string ?? "")
            #expect(page.status == 200 && !page.body.contains("\"v1\""))
        }
    }

    /// What a plugin does for somebody, it does with that one's rights.
    @Test func administratorsAndOthersAreToldDifferently() async throws {
        try await withEstate { estate in
            let bob = try await Person("bob", in: estate)
            let group = try await estate.makeGroup("group", [bob.id])
            try await estate.grant("viewer", on: "v1", to: group)
            try await estate.grant("operator", on: "v1", to: bob.id)
            try await estate.grant("admin", on: "gone", to: bob.id)
            let permissions = try await bob.client.call("acl.getCurrentPermissions").object ?? [:]
            #expect(permissions["v1"] == ["view": 1, "operate": 1])
            #expect(permissions["gone"] == ["view": 1, "operate": 1, "administrate": 1])
            #expect(permissions["d1"] == nil)
            #expect(try await estate.admin.call("acl.getCurrentPermissions") == [:])
            #expect(Set(try await estate.admin.objects().keys).isSuperset(of: Estate.everything))
        }
    }

    private static func lines(of person: Person, _ estate: Estate, _ filter: JSON? = nil) async throws -> [String] {
        var params: JSONObject = ["ndjson": true]
        params["filter"] = filter
        let answer = try await person.client.call("xo.getAllObjects", params: .object(params))
        let page = try await estate.host.fetch(try #require(answer["$getFrom"]?.string))
        return try page.body.split(separator: "\n").map { try JSON(parsing: String($0))["id"]?.string ?? "" }
    }
}
