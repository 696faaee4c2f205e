import Testing
import XOJSON

/// Active Directory, as Samba has it.
@Suite(.timeLimit(.minutes(3))) struct ActiveDirectoryTests {
    private func asker(_ more: JSONObject = [:]) async throws -> Asker {
        try await Asker.started(try await SambaAD.shared.value.configuration(more))
    }

    private static func groups(_ more: JSONObject) -> JSON {
        .object((SambaAD.groups.object ?? [:]).merging(more, uniquingKeysWith: { $1 }))
    }

    @Test func peopleComeInByAccountNameAndPrincipalName() async throws {
        let asker = try await asker()
        let alice = await asker.authenticate("alice", "alice-pw")
        #expect(alice.isVouched, "\(alice)")
        #expect(alice.payload["name"] == "alice")
        #expect(alice.payload["email"] == "alice@ad.example.test")
        // As Active Directory's tools print it.
        let subject = try #require(alice.payload["subject"]?.string)
        #expect(subject.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(await asker.authenticate("ALICE@ad.example.test", "alice-pw").payload["subject"]?.string == subject)
        #expect(await asker.authenticate("alice", "wrong").isDenied)
        #expect(await asker.authenticate("we(ird)", "weird-pw").isVouched)
        #expect(await asker.authenticate("nobody", "alice-pw").isNotMine)
        // Groups and machines are no people.
        #expect(await asker.authenticate("staff", "alice-pw").isNotMine)
        let people = await asker.lookUp(["subject": .string(subject)], ["name": "dave"], ["name": "erin"])
        #expect(people.payload["people"]?.array?.map { $0["name"]?.string } == ["alice", nil, nil])
    }

    @Test(
        arguments: [
            ("dave", "dave-pw", "disabled"), ("erin", "erin-pw", "account has expired"),
            ("frank", "frank-pw", "must be changed"), ("bob", "wrong", "wrong password"),
        ])
    func theLogSaysWhyNot(_ name: String, _ password: String, _ reason: String) async throws {
        let outcome = await (try asker()).authenticate(name, password)
        #expect(outcome.isDenied)
        #expect(outcome.message.contains(reason), "\(outcome)")
    }

    @Test func whoeverGuessesTooOftenIsLocked() async throws {
        let asker = try await asker()
        for _ in 0..<6 { #expect(await asker.authenticate("guessed", "wrong").isDenied) }
        let outcome = await asker.authenticate("guessed", "guessed-pw")
        #expect(outcome.isDenied)
        #expect(outcome.message.contains("locked"), "\(outcome)")
    }

    @Test(
        arguments: [
            // The primary group lists nobody, and is found all the same.
            (["mode": "adChain"], ["Domain Users", "everyone", "operators", "staff"]),
            (["mode": "expandNested"], ["everyone", "operators", "staff"]),
            (["mode": "fromGroups"], ["operators"]),
            (["mode": "fromUser"], ["operators"]),
            (["mode": "fromUser", "nested": true], ["everyone", "operators", "staff"]),
        ] as [(JSONObject, [String])])
    func groupsOfAlice(_ groups: JSONObject, _ expected: [String]) async throws {
        let asker = try await asker(["groups": Self.groups(groups)])
        let alice = await asker.authenticate("alice", "alice-pw")
        #expect(alice.groups == expected, "\(alice) \(asker.log)")
    }

    @Test func aNestedGroupMayBeRequired() async throws {
        let asker = try await asker([
            "groups": Self.groups(["mode": "adChain"]),
            "requireGroups": ["CN=operators,CN=Users,DC=ad,DC=example,DC=test"],
        ])
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        #expect(await asker.authenticate("bob", "bob-pw").isDenied)
    }

    @Test func withoutTLSItSaysWhatItWants() async throws {
        let asker = try await asker(["uri": .string(SambaAD.uri)])
        let outcome = await asker.authenticate("alice", "alice-pw")
        #expect(outcome.isUnavailable)
        #expect(outcome.message.contains("wants TLS"), "\(outcome)")
        let secure = try await self.asker(["uri": .string(SambaAD.uri), "startTls": true])
        #expect(await secure.authenticate("alice", "alice-pw").isVouched)
    }
}
