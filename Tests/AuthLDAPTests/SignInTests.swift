import CXOPlugin
import Testing
import XOJSON

/// Who comes in and who does not, at OpenLDAP.
@Suite(.timeLimit(.minutes(3))) struct SignInTests {
    private func asker(_ more: JSONObject = [:]) async throws -> Asker {
        try await Asker.started(try await OpenLDAP.shared.value.configuration(more))
    }

    @Test func theRightPasswordComesIn() async throws {
        let asker = try await asker(["attributes": ["departmentNumber"], "mailVerified": true])
        #expect(asker.offer == ["label": "Directory", "password": true, "token": false, "unsolicited": false])
        let alice = await asker.authenticate("alice", "alice-pw")
        #expect(alice.isVouched)
        let subject = try #require(alice.payload["subject"]?.string)
        #expect(subject.utf8.count == 36, "an entryUUID: \(subject)")
        #expect(
            alice.payload == [
                "subject": .string(subject), "name": "alice", "displayName": "Alice Example",
                "email": "alice@example.test", "emailVerified": true, "groups": [],
                "attributes": ["departmentNumber": ["IT"]],
            ])
        // One account, however it is typed, and with the directory's spelling.
        #expect(await asker.authenticate("ALICE", "alice-pw").payload == alice.payload)
        let wrong = await asker.authenticate("alice", "bob-pw")
        #expect(wrong.isDenied)
        #expect(wrong.message.contains("wrong password"))
        #expect(!wrong.message.contains("bob-pw"))
        #expect(await asker.authenticate("nobody", "alice-pw").isNotMine)
    }

    @Test func peopleComeInByTheAttributeThatTheFilterNames() async throws {
        let asker = try await asker(["filter": "(|(uid={{name}})(mail={{name}}))"])
        let byName = await asker.authenticate("alice", "alice-pw")
        let byMail = await asker.authenticate("Alice@Example.test", "alice-pw")
        #expect(byMail.isVouched)
        #expect(byMail.payload == byName.payload)
        #expect(byMail.payload["name"] == "alice")
    }

    @Test func anEmptyPasswordIsNeverSent() async throws {
        // This server says yes to it.
        let server = try await OpenLDAP.start(["UNAUTHENTICATED": "1"])
        let asker = try await Asker.started(server.configuration())
        #expect(await asker.authenticate("alice", "").isDenied)
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        #expect(await asker.authenticate("nopw", "").isDenied)
    }

    @Test func passwordsOfAllKindsAreTakenAsTheyAre() async throws {
        let asker = try await asker()
        #expect(await asker.authenticate("short", "x").isVouched)
        #expect(await asker.authenticate("long", String(repeating: "p", count: 4096)).isVouched)
        #expect(await asker.authenticate("long", String(repeating: "p", count: 4097)).isDenied)
        #expect(await asker.authenticate("éloïse", "pässwörd ✓").isVouched)
        #expect(await asker.authenticate(Array("alice".utf8), Array("alice-pw\0".utf8)).isDenied)
        #expect(await asker.authenticate(Array("alice".utf8), Array(" alice-pw".utf8)).isDenied)
    }

    @Test func namesAreValuesAndNothingElse() async throws {
        let asker = try await asker()
        let weird = await asker.authenticate(#"we,ird\(x)*""#, "weird-pw")
        #expect(weird.payload["name"] == #"we,ird\(x)*""#)
        for name in [
            "*", "alice*", "alice)(uid=*", "alice)(|(uid=*", #"\2a"#, "a\\", "(", ")", "uid=alice", "\"alice\"",
            "alice\n",
            "alice\0", "", "\u{202E}ecila", String(repeating: "a", count: 257), String(repeating: "é", count: 200),
            String(repeating: "a", count: 1 << 20),
        ] {
            let outcome = await asker.authenticate(name, "alice-pw")
            #expect(outcome.isNotMine, "\(name.prefix(20)): \(outcome)")
        }
        #expect(await asker.authenticate([0x61, 0xFF, 0xFE], Array("alice-pw".utf8)).isNotMine)
    }

    @Test func ofSeveralNamesTheOneCountsThatTheEntryIsNamedBy() async throws {
        let asker = try await asker()
        #expect(await asker.authenticate("eloise", "pässwörd ✓").payload["name"] == "éloïse")
    }

    @Test func whoeverIsMeantTwiceStaysOut() async throws {
        let refusing = try await asker()
        for password in ["carol-main", "carol-contractor"] {
            let outcome = await refusing.authenticate("carol", password)
            #expect(outcome.isDenied)
            #expect(outcome.message.contains("several entries"))
        }
        let trying = try await asker(["onMultiple": "tryEach"])
        let main = await trying.authenticate("carol", "carol-main")
        let contractor = await trying.authenticate("carol", "carol-contractor")
        #expect(main.isVouched && contractor.isVouched)
        #expect(main.payload["subject"] != contractor.payload["subject"])
        #expect(await trying.authenticate("carol", "wrong").isDenied)
        // One level below the base there is but one.
        let flat = try await asker(["searchScope": "one"])
        #expect(await flat.authenticate("carol", "carol-main").payload == main.payload)
    }

    @Test func closedAccountsStayClosed() async throws {
        let server = try await OpenLDAP.start()
        let asker = try await Asker.started(server.configuration())
        for (name, reason) in [
            ("closed", "locked"), ("expired", "expired"), ("reset", "must be changed"), ("nopw", "nopw"),
        ] {
            let outcome = await asker.authenticate(name, "\(name)-pw")
            #expect(outcome.isDenied, "\(name): \(outcome)")
            #expect(outcome.message.contains(reason), "\(outcome)")
        }
        #expect(await asker.authenticate("never", "never-pw").isVouched)
        // Locked by failures: the right password does not help any more.
        for _ in 0..<5 { #expect(await asker.authenticate("guessed", "wrong").isDenied) }
        let guessed = await asker.authenticate("guessed", "guessed-pw")
        #expect(guessed.isDenied)
        #expect(guessed.message.contains("locked"), "\(guessed)")

        // Looked up without a password: the one whom somebody has guessed at is still there, so that nobody can end the
        // sessions of others.
        let people = await asker.lookUp(
            ["name": "alice"], ["name": "closed"], ["name": "expired"], ["name": "never"], ["name": "guessed"],
            ["name": "ghost"], ["name": "carol"])
        let names = people.payload["people"]?.array?.map { $0["name"]?.string }
        #expect(names == ["alice", nil, nil, "never", "guessed", nil, nil])
    }

    @Test func aWrongIdIsNoWrongPassword() async throws {
        for (attribute, name, password) in [
            ("telephoneNumber", "alice", "alice-pw"), ("uid", "éloïse", "pässwörd ✓"),
            ("entryuid", "alice", "alice-pw"),
        ] {
            let asker = try await asker(["userIdAttribute": .string(attribute)])
            let outcome = await asker.authenticate(name, password)
            #expect(outcome.isUnavailable, "\(attribute): \(outcome)")
            #expect(outcome.message.contains(attribute))
        }
    }

    @Test func troubleOfTheServiceIsNoWrongPassword() async throws {
        for (more, hint) in [
            (
                ["bind": ["dn": "cn=reader,ou=services,dc=example,dc=test", "password": "wrong-secret"]],
                "bind.password"
            ),
            (["bind": ["dn": "cn=stranger,dc=example,dc=test", "password": "x"]], "service account"),
            (["base": "ou=nowhere,dc=example,dc=test"], "No such object"),
        ] as [(JSONObject, String)] {
            let asker = try await asker(more)
            let outcome = await asker.authenticate("alice", "alice-pw")
            #expect(outcome.isUnavailable, "\(outcome)")
            #expect(outcome.message.contains(hint), "\(outcome)")
            #expect(!outcome.message.contains("wrong-secret"))
        }
    }

    @Test func peopleAreFoundAgainByTheirSubjects() async throws {
        let server = try await OpenLDAP.start()
        let asker = try await Asker.started(
            server.configuration(["filter": "(&(uid={{name}})(mail=*))", "pageSize": 2]))
        var subjects: [JSON] = []
        for name in ["alice", "bob", "renamed"] {
            subjects.append(["subject": try #require(await asker.authenticate(name, "\(name)-pw").payload["subject"])])
        }
        let many =
            [
                ["subject": "11111111-1111-1111-1111-111111111111"], ["subject": "*"], ["subject": "#00"],
                ["subject": ")("],
            ] as [JSON]
        let found = await asker.lookUp(subjects[2], subjects[0], many[0], many[1], many[2], many[3], subjects[1])
        #expect(
            found.payload["people"]?.array?.map { $0["name"]?.string } == [
                "renamed", "alice", nil, nil, nil, nil, "bob",
            ])

        // Renamed it is the same; without an address the filter does not let it in any more.
        try await server.modify(
            """
            dn: uid=renamed,ou=people,dc=example,dc=test
            changetype: modrdn
            newrdn: uid=newname
            deleteoldrdn: 1

            dn: uid=bob,ou=people,dc=example,dc=test
            changetype: modify
            delete: mail

            """)
        let later = await asker.lookUp(subjects[2], subjects[1])
        #expect(later.payload["people"]?.array?.map { $0["name"]?.string } == ["newname", nil])
        let again = await asker.authenticate("newname", "renamed-pw")
        #expect(again.payload["subject"] == subjects[2]["subject"])
    }

    @Test func aNameOfAnEntryMayServeAsId() async throws {
        let asker = try await asker(["userIdAttribute": "dn"])
        let weird = await asker.authenticate(#"we,ird\(x)*""#, "weird-pw")
        let subject = try #require(weird.payload["subject"])
        #expect(subject == #"uid=we\,ird\\(x)*\",ou=people,dc=example,dc=test"#)
        let found = await asker.lookUp(["subject": subject], ["subject": "uid=ghost,ou=people,dc=example,dc=test"])
        #expect(found.payload["people"]?.array?.map { $0["subject"] } == [subject, nil])
        #expect(asker.log.contains { $0.level == Int32(XO_LOG_WARNING) && $0.text.contains("userIdAttribute") })
    }

    @Test func twoHundredAtOnceAllComeIn() async throws {
        let asker = try await asker(["groups": OpenLDAP.groups()])
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    // Every fourth has another password: answers must not be mixed up.
                    let isRight = index % 4 != 0
                    let outcome = await asker.authenticate("alice", isRight ? "alice-pw" : "bob-pw")
                    return isRight ? outcome.isVouched : outcome.isDenied
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 200)
        #expect(await asker.stop().isVouched)
        // The host does not ask any more; one that did would get no voucher.
        #expect(await !asker.authenticate("alice", "alice-pw").isVouched)
    }
}
