import TestSupport
import Testing
import XOJSON

private typealias Answer = CheckedProvider.Answer

/// Looking people up after they have signed in.
@Suite struct RecheckTests {
    /// What was said a moment ago is good for a minute at least, so tests turn back the clock in what is stored.
    private let kept: JSONObject = ["allow": ["organizations": ["acme"]], "recheckInterval": 1]

    @Test func withoutAnIntervalNobodyIsLookedUp() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, ["allow": ["organizations": ["acme"]]]) { provider async throws in
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                #expect(try await provider.lookUp(["subject": "1001"]).status == -10)
                #expect(!provider.stored.keys.contains { $0.hasPrefix("token/") })
            }
        }
    }

    @Test func peopleAreFoundBySubjectAndName() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                let voucher = try await provider.signIn("alice", at: github).json
                #expect(try await github.tokens.count == 1)
                let people = try await provider.lookUp(
                    ["subject": "1002"], ["subject": "1001"], ["name": "ALICE"], ["name": "bob"],
                    ["subject": "token/../x"])
                // Of those who have not signed in since tokens are kept, nothing can be said.
                #expect(people.json["people"] == [[:], voucher, voucher, nil, [:]])
                // It was said a moment ago.
                #expect(try await github.requests.count(where: { $0.path == "/api/v3/user" }) == 1)
            }
        }
    }

    @Test func whatIsOldIsAskedAnew() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                _ = try await provider.signIn("alice", at: github)
                provider.age("1001")
                try await github.change(["users": ["1001": ["login": "alicia", "teams": []]]])
                let now = try await provider.lookUp(["subject": "1001"]).json["people"]?[0]
                #expect(now?["name"] == "alicia")
                #expect(now?["groups"] == [])
            }
        }
    }

    @Test func whoHasLeftIsGone() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                _ = try await provider.signIn("alice", at: github)
                provider.age("1001")
                try await github.change(["users": ["1001": ["organizations": ["4001": nil]]]])
                #expect(try await provider.lookUp(["subject": "1001"]).json["people"] == [nil])
                #expect(provider.stored["token/1001"] == nil)
            }
            #expect(try await github.tokens == [])
        }
    }

    @Test func whoHasTakenTheTokenBackIsGone() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                _ = try await provider.signIn("alice", at: github)
                provider.age("1001")
                try await github.change(["users": ["1001": nil]])
                #expect(try await provider.lookUp(["subject": "1001"]).json["people"] == [nil])
                #expect(provider.stored["token/1001"] == nil)
            }
        }
    }

    /// While GitHub is asked by the token of the last sign-in, the person signs in again, which revokes that token.
    @Test func aSignInMeanwhileIsTheNewerWord() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                let voucher = try await provider.signIn("alice", at: github).json
                let old = try #require(provider.stored["token/1001"]?["token"]?["value"]?.string)
                provider.age("1001")
                func asked() async throws -> Int { try await github.requests.count { $0.path == "/api/v3/user" } }
                let before = try await asked()
                try await github.answer("/api/v3/user", with: ["hold": .string(old)])
                async let people = provider.lookUp(["subject": "1001"])
                async let same = provider.lookUp(["name": "alice"])
                _ = try await poll({ try await asked() }, until: { $0 > before })
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                _ = try await poll({ try await github.tokens }, until: { $0.count == 1 && !$0.contains(old) })
                try await github.change(["answers": ["/api/v3/user": nil]])
                #expect(try await people.json["people"] == [voucher])
                #expect(try await same.json["people"] == [voucher])
                let new = provider.stored["token/1001"]?["token"]?["value"]?.string
                #expect(new != nil && new != old)
                #expect(try await github.tokens == [new ?? ""])
            }
        }
    }

    /// Numbers mean other people at another GitHub.
    @Test func anotherGitHubNeedsAnotherInstance() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                _ = try await provider.signIn("alice", at: github)
                let elsewhere = CheckedProvider.configuration("https://git.example.com", kept)
                await #expect(throws: (any Error).self) { try await provider.reconfigure(elsewhere) }
                let former = kept.merging(["formerBaseUrl": .string(github.url)]) { $1 }
                try await provider.reconfigure(CheckedProvider.configuration("https://git.example.com", former))
            }
        }
    }

    @Test func troubleSaysNothingOfAnybody() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                let voucher = try await provider.signIn("alice", at: github).json
                provider.age("1001")
                try await github.answer("/api/v3/user", with: ["status": 503])
                #expect(try await provider.lookUp(["subject": "1001"]).status == Answer.unavailable)
                try await github.change(["answers": ["/api/v3/user": nil], "limit": 0])
                #expect(try await provider.lookUp(["subject": "1001"]).json["people"] == [voucher])
                #expect(provider.log.contains { $0.contains("could not be looked up") && $0.contains("limit") })
                #expect(provider.stored["token/1001"] != nil)
            }
        }
    }

    /// An organisation that hides its members tells nothing of them, and of nobody else.
    @Test func oneWhoIsWithheldDoesNotKeepOthersFromBeingLookedUp() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(
                github, ["allow": ["organizations": ["acme", "other"]], "recheckInterval": 1]
            ) { provider async throws in
                let nightly = try await provider.signIn("nightly", at: github).json
                #expect(try await provider.signIn("bob", at: github).isVoucher)
                provider.age("1006")
                provider.age("1002")
                try await github.change([
                    "organizations": ["4001": ["sso": true]], "users": ["1002": ["name": "Robert"]],
                ])
                let people = try await provider.lookUp(["subject": "1006"], ["subject": "1002"]).json["people"]
                #expect(people?[0] == nightly)
                #expect(people?[1]?["displayName"] == "Robert")
                #expect(
                    provider.log.contains { $0.contains("could not be looked up") && $0.contains("single sign-on") })
            }
        }
    }

    @Test func oneTokenIsKeptForEachPerson() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                for _ in 0..<3 { #expect(try await provider.signIn("alice", at: github).isVoucher) }
                _ = try await poll({ try await github.tokens }, until: { $0.count == 1 })
                provider.age("1001")
                #expect(try await provider.lookUp(["subject": "1001"]).json["people"]?[0]?["subject"] == "1001")
            }
        }
    }

    @Test func tokensThatExpireAreRenewed() async throws {
        try await GitHub.run { github async throws in
            try await github.change(["expiring": true])
            try await CheckedProvider.run(github, kept) { provider async throws in
                _ = try await provider.signIn("alice", at: github)
                let before = provider.stored["token/1001"]?["token"]?["value"]
                for _ in 0..<2 {
                    provider.age("1001")
                    #expect(try await provider.lookUp(["subject": "1001"]).json["people"]?[0]?["subject"] == "1001")
                }
                #expect(provider.stored["token/1001"]?["token"]?["value"] != before)
                #expect(try await github.tokens.count == 1)
            }
        }
    }

    @Test func tokensAreGivenBackWhenTheyAreNoLongerWanted() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, kept) { provider async throws in
                _ = try await provider.signIn("alice", at: github)
                _ = try await provider.signIn("nightly", at: github)
                #expect(try await github.tokens.count == 2)
                try await provider.reconfigure(github, ["allow": ["organizations": ["acme"]]])
                _ = try await poll({ provider.stored }, until: { !$0.keys.contains { $0.hasPrefix("token/") } })
                #expect(try await github.tokens == [])
            }
        }
    }
}
