import Testing
import XOJSON

/// What providers send in earnest is taken, however they write it.
@Suite struct SoundMessageTests {
    @Test(arguments: SoundMessage.all) func isTaken(_ message: SoundMessage) async throws {
        try await Service.run(message.configuration) { service in
            let begun = try await service.begin()
            let answer = try await service.finish(message.make(Draft(begun.request)), memory: begun.memory)
            #expect(answer.status == 0, "\(answer.message)")
            #expect(answer.value["name"]?.string == message.person)
            #expect(answer.value["subject"]?.string == "\(Names.provider)!alice")
        }
    }

    @Test func aVoucherHasAllThatIsMapped() async throws {
        let configuration: JSONObject = [
            "displayNameFrom": "displayName", "mailIsVerified": true, "attributes": ["department", "none"],
        ]
        try await Service.run(configuration) { service in
            let begun = try await service.begin()
            var draft = Draft(begun.request)
            let end = Draft.time(3600)
            draft.statement = Draft.statement(more: " SessionIndex=\"s\" SessionNotOnOrAfter=\"\(end)\"")
            draft.attributes = Draft.attributes(
                Draft.attribute("displayName", ["Alice"]) + Draft.attribute("department", ["IT", "Ops"]))
            let value = try await service.finish(draft.xml(), memory: begun.memory).value
            #expect(value["email"] == "alice@example.test")
            #expect(value["emailVerified"] == true)
            #expect(value["displayName"] == "Alice")
            #expect(value["groups"] == [["id": "staff", "name": "staff"], ["id": "operators", "name": "operators"]])
            #expect(value["attributes"]?["department"] == ["IT", "Ops"])
            #expect(value["attributes"]?["none"] == [])
            let instant = try #require(Draft.instant(end))
            #expect(value["expires"]?.integer == Int64(instant * 1000))
            #expect(value["session"] == nil, "nothing is remembered for signing out unless that is on")
        }
    }

    @Test func groupsThatCannotBeNamedAreLeftOut() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            var draft = Draft(begun.request)
            draft.attributes = draft.attributes.replacingOccurrences(
                of: Draft.attribute("groups", ["staff", "operators"]),
                with: Draft.attribute("groups", ["", "a\u{85}b", String(repeating: "x", count: 300), "staff", "staff"]))
            let answer = try await service.finish(draft.xml(), memory: begun.memory)
            #expect(answer.value["groups"] == [["id": "staff", "name": "staff"]])
        }
    }

    @Test func aSubjectMayBeAnAttribute() async throws {
        try await Service.run(["subjectFrom": "mail"]) { service in
            let begun = try await service.begin()
            var draft = Draft(begun.request)
            draft.nameID = draft.nameID.replacingOccurrences(of: "persistent", with: "transient")
            let answer = try await service.finish(draft.xml(), memory: begun.memory)
            #expect(answer.value["subject"]?.string == "\(Names.provider)!alice@example.test")
        }
    }

    /// The contract limits subjects to 256 bytes; two long ones must stay two.
    @Test func aLongSubjectIsStillOnePerson() async throws {
        try await Service.run { service in
            var subjects: Set<String> = []
            for last in ["a", "b"] {
                let begun = try await service.begin()
                var draft = Draft(begun.request)
                let long = String(repeating: "x", count: 254) + last
                draft.nameID = draft.nameID.replacingOccurrences(of: "alice", with: long)
                let answer = try await service.finish(draft.xml(), memory: begun.memory)
                let subject = try #require(answer.value["subject"]?.string)
                #expect(subject.utf8.count <= 256)
                subjects.insert(subject)
            }
            #expect(subjects.count == 2)
        }
    }
}
