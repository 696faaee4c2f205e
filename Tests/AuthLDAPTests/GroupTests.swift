import Testing
import XOJSON

/// Which groups somebody is in, at OpenLDAP.
@Suite(.timeLimit(.minutes(3))) struct GroupTests {
    private func asker(_ groups: JSONObject, _ more: JSONObject = [:]) async throws -> Asker {
        try await Asker.started(
            try await OpenLDAP.shared.value.configuration(
                JSONObject(dictionaryLiteral: ("groups", OpenLDAP.groups(groups))).merging(
                    more, uniquingKeysWith: { $1 })))
    }

    @Test(
        arguments: [
            ([:], ["dup1", "operators"]),
            (["mode": "fromUser"], ["dup1", "operators"]),
            // A loop between staff and all ends.
            (["mode": "expandNested"], ["all", "dup1", "operators", "staff"]),
            (["mode": "fromUser", "nested": true], ["all", "dup1", "operators", "staff"]),
            (
                ["mode": "fromGroups", "nested": true, "prefix": "ldap:"],
                ["ldap:all", "ldap:dup1", "ldap:operators", "ldap:staff"]
            ),
            (["filter": "(cn=op*)"], ["operators"]),
            (["filter": "(cn=op*)", "mode": "fromUser"], ["operators"]),
            (["membersMapping": ["groupAttribute": "memberUid", "userAttribute": "uid"]], ["posixstaff"]),
            (["displayNameAttribute": "description"], ["Same Name"]),
            (["idAttribute": "dn"], ["dup1", "operators"]),
        ] as [(JSONObject, [String])])
    func groupsOfAlice(_ groups: JSONObject, _ expected: [String]) async throws {
        let alice = await (try asker(groups)).authenticate("alice", "alice-pw")
        #expect(alice.isVouched)
        #expect(alice.groups == expected)
        let ids = alice.payload["groups"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(Set(ids).count == expected.count)
    }

    @Test func groupsOfOneNameAreTwo() async throws {
        let asker = try await asker(["displayNameAttribute": "description"])
        let alice = await asker.authenticate("alice", "alice-pw").payload["groups"]?.array?.first
        let bob = await asker.authenticate("bob", "bob-pw").payload["groups"]?.array?.first
        #expect(alice?["name"] == "Same Name" && bob?["name"] == "Same Name")
        #expect(alice?["id"] != bob?["id"])
    }

    @Test(arguments: ["fromGroups", "fromUser", "expandNested"])
    func somebodyInTwoThousandGroupsIsInAll(_ mode: String) async throws {
        let asker = try await asker(["mode": .string(mode)], ["pageSize": 300])
        let many = await asker.authenticate("many", "many-pw")
        #expect(many.groups.count == 2000, "\(many.message)")
        #expect(many.groups.first == "g0000" && many.groups.last == "g1999")
    }

    @Test func aListThatIsCutShortIsNotTakenForAll() async throws {
        // Without pages the server gives 500.
        let asker = try await asker([:], ["pageSize": 0])
        let many = await asker.authenticate("many", "many-pw")
        #expect(many.isVouched)
        #expect(many.payload["groups"] == nil, "unknown, not none")
        #expect(asker.log.contains { $0.text.contains("could not be read") && $0.text.contains("pageSize") })
        #expect(await asker.authenticate("alice", "alice-pw").groups == ["dup1", "operators"])
    }

    @Test func troubleWithGroupsIsNoTroubleWithSigningIn() async throws {
        for groups in [
            ["base": "ou=nowhere,dc=example,dc=test"], ["mode": "adChain"],
        ] as [JSONObject] {
            let asker = try await asker(groups)
            let alice = await asker.authenticate("alice", "alice-pw")
            #expect(alice.isVouched)
            #expect(alice.payload["groups"] == nil)
            #expect(asker.log.contains { $0.text.contains("could not be read") })
        }
    }

    @Test func whoIsInNoneOfTheRequiredGroupsStaysOut() async throws {
        // Spelled differently from the directory.
        let required: JSONObject = ["requireGroups": ["CN=Staff , ou=Groups,dc=example,DC=test"]]
        let direct = try await asker([:], required)
        #expect(await direct.authenticate("alice", "alice-pw").isDenied)
        let nested = try await asker(["mode": "expandNested"], required)
        #expect(await nested.authenticate("alice", "alice-pw").isVouched)
        let never = await nested.authenticate("never", "never-pw")
        #expect(never.isDenied)
        #expect(never.message.contains("requireGroups"))
        let people = await nested.lookUp(["name": "alice"], ["name": "never"]).payload["people"]?.array
        #expect(people?.map { $0["name"]?.string } == ["alice", nil])
        // Nobody knows who is in them: nobody comes in, and it is not said to be the person.
        let broken = try await asker(["base": "ou=nowhere,dc=example,dc=test"], required)
        #expect(await broken.authenticate("alice", "alice-pw").isUnavailable)
    }

    @Test func changesShowAtTheNextSignIn() async throws {
        let server = try await OpenLDAP.start()
        let asker = try await Asker.started(server.configuration(["groups": OpenLDAP.groups()]))
        let before = await asker.authenticate("alice", "alice-pw")
        #expect(before.groups == ["dup1", "operators"])
        try await server.modify(
            """
            dn: cn=dup1,ou=groups,dc=example,dc=test
            changetype: modify
            add: member
            member: uid=bob,ou=people,dc=example,dc=test
            -
            delete: member
            member: uid=alice,ou=people,dc=example,dc=test

            dn: cn=operators,ou=groups,dc=example,dc=test
            changetype: modrdn
            newrdn: cn=workers
            deleteoldrdn: 1

            """)
        let after = await asker.authenticate("alice", "alice-pw")
        #expect(after.groups == ["workers"])
        // The same group by another name.
        let old = before.payload["groups"]?.array?.first { $0["name"] == "operators" }
        #expect(after.payload["groups"]?.array?.first?["id"] == old?["id"])
    }
}
