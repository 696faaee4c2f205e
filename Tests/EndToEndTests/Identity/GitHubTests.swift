import TestSupport
import Testing
import XOClient
import XOJSON

/// Signing in with GitHub, from the button to the session, in both placements.
@Suite struct GitHubTests {
    private func run(
        _ isolation: String, _ more: JSONObject = [:], identity: JSON = [:],
        _ body: (GitHub, TestHost) async throws -> Void
    ) async throws {
        // As behind a proxy: not what the browser connects to.
        let settings: JSONObject = ["publicURL": .string(GitHub.base)]
        try await withHost(HostConfiguration([.web()], host: settings)) { host async throws in
            try await GitHub.run { github async throws in
                let configuration: JSONObject = [
                    "clientId": .string(GitHub.clientID), "clientSecret": .string(GitHub.clientSecret),
                    "baseUrl": .string(github.url), "allow": ["organizations": ["acme"]],
                ]
                let plugin = JSON.plugin(
                    "github", try BuildProducts.plugin("AuthGitHub"),
                    .object(configuration.merging(more, uniquingKeysWith: { $1 })),
                    ["isolation": .string(isolation), "identity": identity])
                try host.write(HostConfiguration([.web(), plugin], host: settings))
                try await host.start()
                try await body(github, host)
            }
        }
    }

    /// Presses the button, visits GitHub, and comes back.
    ///
    /// - Returns: the first page that leads nowhere else in the host's own way of signing in.
    private func signIn(_ login: String, _ browser: Browser, _ github: GitHub) async throws -> Page {
        let away = try await browser.get("/signin/github?next=/vms")
        let back = try await github.visit(try #require(away.header("location")), as: login)
        let query = back.map { "\($0.key)=\($0.value[0].replacing(" ", with: "+"))" }.joined(separator: "&")
        var page = try await browser.get("/signin/github/callback?\(query)")
        while let location = page.header("location"), location.hasPrefix("/signin/") {
            page = try await browser.get(location)
        }
        return page
    }

    @Test(arguments: ["host", "process"])
    func aMemberComesInAndAStrangerDoesNot(_ isolation: String) async throws {
        let identity: JSON = [
            "rules": [["claim": "groups", "is": "acme/ops", "permission": "write"]]
        ]
        try await run(isolation, identity: identity) { github, host async throws in
            let alice = Browser(host)
            #expect(try await alice.get("/signin").body.contains("Sign in with GitHub"))
            let page = try await signIn("alice", alice, github)
            #expect(page.header("location")?.hasSuffix("/vms") == true, "\(page.status) \(page.body)")
            let token = try #require(alice[cookie: "token"])
            let client = try await host.connectAnonymously()
            let user = try await client.call("session.signIn", params: ["token": .string(token)])
            #expect(user["email"] == "alice")
            #expect(user["permission"] == "write")

            // The same account under another name is the same user.
            try await github.change(["users": ["1001": ["login": "alicia"]]])
            let again = Browser(host)
            _ = try await signIn("alicia", again, github)
            let renamed = try await host.connectAnonymously().call(
                "session.signIn", params: ["token": .string(try #require(again[cookie: "token"]))])
            #expect(renamed["id"] == user["id"])

            let bob = Browser(host)
            let refused = try await signIn("bob", bob, github)
            #expect(refused.header("location")?.contains("failed=") == true)
            #expect(bob[cookie: "token"] == nil)
            _ = try await host.logLine { $0.description.contains("bob (id:1002) is neither listed under allow") }
            #expect(!host.log.contains { $0.description.contains(GitHub.clientSecret) })
            _ = try await poll({ try await github.tokens }, until: { $0 == [] })
        }
    }

    /// The state belongs to one browser, and is good once.
    @Test(arguments: ["host", "process"])
    func nobodyComesInWithTheVisitOfAnother(_ isolation: String) async throws {
        try await run(isolation) { github, host async throws in
            let (alice, mallory) = (Browser(host), Browser(host))
            let away = try await alice.get("/signin/github")
            _ = try await mallory.get("/signin/github")
            let back = try await github.visit(try #require(away.header("location")), as: "alice")
            let (code, state) = (try #require(back["code"]?[0]), try #require(back["state"]?[0]))
            for query in ["code=\(code)", "code=\(code)&state=nonsense", "code=\(code)&state="] {
                _ = try await follow(alice, "/signin/github/callback?\(query)")
                #expect(alice[cookie: "token"] == nil)
            }
            _ = try await follow(mallory, "/signin/github/callback?code=\(code)&state=\(state)")
            #expect(mallory[cookie: "token"] == nil)
            // Whoever tried has used it up.
            _ = try await follow(alice, "/signin/github/callback?code=\(code)&state=\(state)")
            #expect(alice[cookie: "token"] == nil)
        }
    }

    private func follow(_ browser: Browser, _ target: String) async throws -> Page {
        var page = try await browser.get(target)
        while let location = page.header("location"), location.hasPrefix("/signin/") {
            page = try await browser.get(location)
        }
        return page
    }

    @Test(arguments: ["host", "process"])
    func whoHasLeftTheOrganisationIsSignedOut(_ isolation: String) async throws {
        try await run(isolation, ["recheckInterval": 0.001]) { github, host async throws in
            let alice = Browser(host)
            _ = try await signIn("alice", alice, github)
            let token = JSON.string(try #require(alice[cookie: "token"]))
            let client = try await host.connectAnonymously()
            try await client.call("session.signIn", params: ["token": token])
            let administrator = try await host.connect()
            let report = try await administrator.call("auth.sync", params: ["provider": "github", "force": true])
            #expect(!report.description.contains("tokens end"), "\(report)")

            try await github.change(["users": ["1001": ["organizations": ["4001": nil]]]])
            _ = try await poll(
                { try await administrator.call("auth.sync", params: ["provider": "github", "force": true]) },
                until: { $0.description.contains("sessions and tokens end") })
            _ = try await poll(
                {
                    await remoteError {
                        try await host.connectAnonymously().call("session.signIn", params: ["token": token])
                    }
                }, until: { $0?.code == 3 })
            _ = try await poll({ try await github.tokens }, until: { $0 == [] })
        }
    }

    @Test(arguments: ["host", "process"])
    func theConfigurationCanBeTriedOut(_ isolation: String) async throws {
        try await run(isolation) { github, host async throws in
            let administrator = try await host.connect()
            let steps = try await administrator.call("plugin.test", params: ["id": "github"])
            #expect(steps.array?.compactMap { $0["address"]?.string } == [github.url, "\(github.url)/api/v3"])
            try await github.answer("/api/v3/applications/\(GitHub.clientID)/token", with: ["status": 401])
            let error = await remoteError { try await administrator.call("plugin.test", params: ["id": "github"]) }
            #expect(error?.message.contains("API does not accept clientId and clientSecret") == true, "\(error as Any)")
        }
        try await run(isolation, ["clientSecret": "another-secret"]) { _, host async throws in
            let administrator = try await host.connect()
            let error = await remoteError { try await administrator.call("plugin.test", params: ["id": "github"]) }
            #expect(error?.message.contains("step 'clientId and clientSecret at the pages' side'") == true)
            #expect(error?.message.contains("compare them") == true, "\(error as Any)")
        }
    }
}
