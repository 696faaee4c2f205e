import Foundation
import TestSupport
import Testing
import XOJSON

@testable import xo_plugin

/// To GitHub with the browser, and back.
@Suite struct WebFlowTests {
    private let acme: JSONObject = ["allow": ["organizations": ["acme"]]]

    @Test func theBrowserIsSentWithStateAndChallenge() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                #expect(provider.offer?.redirectKey == "state")
                #expect(provider.offer?.takesPasswords == false)
                let (location, memory) = try await provider.begin(key: "the+key&more")
                let url = try #require(URLComponents(string: location))
                let query = Dictionary(
                    (url.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { _, last in last })
                #expect(location.hasPrefix("\(github.url)/login/oauth/authorize?"))
                #expect(query["state"] == "the+key&more")
                #expect(query["client_id"] == GitHub.clientID)
                // The address under which people see the host, not the one that somebody connects to.
                #expect(query["redirect_uri"] == GitHub.callback)
                #expect(query["scope"] == "user:email read:org")
                #expect(query["code_challenge_method"] == "S256")
                #expect(query["code_challenge"]?.count == 43)
                #expect(query["allow_signup"] == "false")
                let verifier = try #require(memory["verifier"]?.string)
                #expect(verifier.count == 43 && !location.contains(verifier))
                let again = try await provider.begin()
                #expect(again.memory["verifier"] != memory["verifier"])
            }
        }
    }

    @Test func aMemberComesIn() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(
                    answer.json == [
                        "subject": "1001", "name": "alice", "displayName": "Alice", "email": "alice@example.test",
                        "emailVerified": true, "groups": [["id": "team:5001", "name": "acme/ops"]],
                        "attributes": answer.json["attributes"] ?? .null,
                    ])
                #expect(answer.json["attributes"]?["organizations"] == ["acme", "other"])
                #expect(answer.json["attributes"]?["teams"] == ["acme/ops"])
            }
        }
    }

    @Test func theTokenIsGivenBack() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                #expect(try await provider.signIn("bob", at: github).status == CheckedProvider.Answer.denied)
            }
            // Ending the plugin waits for it.
            #expect(try await github.tokens == [])
            let revocations = try await github.requests.filter { $0.method == "DELETE" }
            #expect(
                revocations.map(\.path)
                    == Array(
                        repeating: "/api/v3/applications/\(GitHub.clientID)/token", count: 2))
        }
    }

    @Test(
        "errors that the browser brings",
        arguments: [
            ("access_denied", CheckedProvider.Answer.denied, "did not let this app in"),
            ("redirect_uri_mismatch", CheckedProvider.Answer.unavailable, GitHub.callback),
            ("application_suspended", CheckedProvider.Answer.unavailable, "suspended"),
            ("server_error\n<b>", CheckedProvider.Answer.unavailable, "the error server_error <b>: because"),
        ])
    func errors(_ error: String, _ status: Int32, _ saying: String) async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let memory = try await provider.begin().memory
                let answer = try await provider.finish(
                    ["error": [error], "error_description": ["because"], "state": ["k"], "code": ["c"]], memory: memory)
                #expect(answer.status == status)
                #expect(answer.message.contains(saying), "\(answer.message)")
            }
            #expect(try await github.requests.isEmpty)
        }
    }

    @Test func somebodyRefusesAtGitHub() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let answer = try await provider.signIn("nobody", at: github)
                #expect(answer.status == CheckedProvider.Answer.denied)
                #expect(answer.message.contains("The user has denied your application access."))
            }
        }
    }

    @Test func aCodeIsGoodOnce() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let (location, memory) = try await provider.begin()
                let parameters = try await github.visit(location, as: "alice")
                #expect(try await provider.finish(parameters, memory: memory).isVoucher)
                let again = try await provider.finish(parameters, memory: memory)
                #expect(again.status == CheckedProvider.Answer.denied)
                #expect(again.message.contains("used before"), "\(again.message)")
            }
        }
    }

    @Test func aCodeIsGoodOnlyForWhoHasAskedForIt() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let mine = try await provider.begin()
                let other = try await provider.begin()
                let parameters = try await github.visit(mine.location, as: "alice")
                let answer = try await provider.finish(parameters, memory: other.memory)
                #expect(answer.status == CheckedProvider.Answer.denied)
            }
            #expect(try await github.tokens == [])
        }
    }

    @Test func anOldCodeIsRefused() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                try await github.change(["codeLife": -1])
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == CheckedProvider.Answer.denied)
                #expect(answer.message.contains("too old"), "\(answer.message)")
            }
        }
    }

    @Test func whatBringsNoCodeIsRefused() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let memory = try await provider.begin().memory
                let long = String(repeating: "c", count: 100_000)
                for parameters in [[:], ["code": []], ["code": [""]], ["code": ["a", "b"]], ["code": [long]]] {
                    #expect(
                        try await provider.finish(parameters, memory: memory).status == CheckedProvider.Answer.denied)
                }
                let posted = try await provider.finish(["code": ["c"]], memory: memory, method: "POST")
                #expect(posted.status == CheckedProvider.Answer.denied)
                for forgotten in [nil, [:], ["verifier": 1], "text"] as [JSON] {
                    let answer = try await provider.finish(["code": ["c"]], memory: forgotten)
                    #expect(answer.status == CheckedProvider.Answer.denied)
                }
            }
            #expect(try await github.requests.isEmpty)
        }
    }

    @Test func wrongCredentialsOfTheAppAreTheAdministratorsBusiness() async throws {
        try await GitHub.run { github async throws in
            let other = acme.merging(["clientSecret": "another-secret-0123456789"], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, other) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == CheckedProvider.Answer.unavailable)
                #expect(answer.message.contains("compare them"), "\(answer.message)")
                #expect(!answer.message.contains("another-secret"))
            }
        }
    }
}
