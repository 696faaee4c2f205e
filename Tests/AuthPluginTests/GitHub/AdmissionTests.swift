import TestSupport
import Testing
import XOJSON

private typealias Answer = CheckedProvider.Answer

/// Who is let in.
@Suite struct AdmissionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let login: String
        let settings: JSONObject
        /// `nil`: a voucher.
        let status: Int32?
        var saying = ""
        var grant: String?

        var testDescription: String { "\(login): \(JSON.object(settings))" }
    }

    private static func allow(_ list: JSON) -> JSONObject { ["allow": list] }
    private static let acme = allow(["organizations": ["acme"]])
    private static let denied: Int32 = -5
    private static let unavailable: Int32 = -6

    static let cases = [
        Case(login: "alice", settings: [:], status: denied, saying: "the lists under allow are empty"),
        Case(login: "alice", settings: ["allowAnyone": true], status: nil),
        Case(login: "alice", settings: allow(["organizations": ["ACME"]]), status: nil),
        Case(login: "alice", settings: allow(["organizations": ["id:4001"]]), status: nil),
        Case(login: "alice", settings: allow(["organizations": ["id:4999"]]), status: denied, saying: "neither listed"),
        Case(login: "bob", settings: acme, status: denied, saying: "bob (id:1002) is neither listed under allow"),
        Case(login: "invited", settings: acme, status: denied, saying: "invited to acme, but has not accepted"),
        Case(login: "many", settings: acme, status: nil),
        Case(login: "many", settings: allow(["organizations": ["org149"]]), status: nil),
        Case(login: "alice", settings: allow(["teams": ["acme/ops"]]), status: nil),
        Case(login: "bob", settings: allow(["teams": ["acme/ops"]]), status: denied, saying: "neither listed"),
        Case(login: "bob", settings: allow(["teams": ["Other/Ops", "acme/ops"]]), status: nil),
        Case(login: "nightly", settings: allow(["teams": ["id:5001"]]), status: nil),
        Case(login: "bob", settings: allow(["users": ["BOB"]]), status: nil),
        Case(login: "bob", settings: allow(["users": ["id:1002"]]), status: nil),
        Case(login: "bob", settings: allow(["users": ["alice"]]), status: denied, saying: "neither listed"),
        Case(login: "robot", settings: acme, status: denied, saying: "is no person, but of type"),
        Case(
            login: "alice", settings: acme, status: denied, saying: "scope read:org", grant: "user:email"),
        Case(login: "alice", settings: allow(["users": ["alice"]]), status: nil, grant: ""),
        Case(
            login: "guest", settings: allow(["organizations": ["guarded"]]), status: unavailable,
            saying: "demands single sign-on"),
        Case(
            login: "guest", settings: allow(["organizations": ["id:4003"]]), status: unavailable,
            saying: "demands single sign-on"),
        Case(
            login: "closed-in", settings: allow(["organizations": ["closed"]]), status: unavailable,
            saying: "has not approved this app"),
        Case(login: "alice", settings: allow(["organizations": ["guarded"]]), status: denied, saying: "neither listed"),
        Case(
            login: "unverified", settings: acme.merging(["requireVerifiedEmail": true], uniquingKeysWith: { $1 }),
            status: denied, saying: "no verified primary e-mail"),
        Case(login: "unverified", settings: acme, status: nil),
    ]

    @Test(arguments: cases)
    func people(_ person: Case) async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, person.settings) { provider async throws in
                let answer = try await provider.signIn(person.login, at: github, grant: person.grant)
                #expect(answer.status == person.status ?? 0, "\(answer.json)")
                #expect(person.saying.isEmpty || answer.message.contains(person.saying), "\(answer.message)")
            }
            #expect(try await github.tokens == [], "the token is given back in any case")
        }
    }

    /// 151 organisations come on two pages.
    @Test func pagesAreRead() async throws {
        try await GitHub.run { github async throws in
            let settings = Self.acme.merging(["groupsFrom": "organizations"], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, settings) { provider async throws in
                let answer = try await provider.signIn("many", at: github)
                #expect(answer.json["groups"]?.array?.count == 151)
                #expect(answer.json["groups"]?.array?.last == ["id": "organization:4001", "name": "acme"])
            }
            let pages = try await github.requests.filter { $0.path == "/api/v3/user/memberships/orgs" }
            #expect(pages.map { $0.query["page"] } == [nil, "2"])
        }
    }

    @Test func aRenamedOrganisationIsTheSame() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, Self.acme) { provider async throws in
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                try await github.change(["organizations": ["4001": ["login": "acme-holding"]]])
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                try await provider.restart()
                #expect(try await provider.signIn("alice", at: github).isVoucher)
            }
        }
    }

    @Test func whoTakesAnOrganisationsNameTakesNothingElse() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, Self.acme) { provider async throws in
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                try await github.change([
                    "organizations": ["4001": ["login": "acme-holding"], "4002": ["login": "acme"]]
                ])
                try await provider.restart()
                let stranger = try await provider.signIn("bob", at: github)
                #expect(stranger.status == Answer.denied)
                #expect(stranger.message.contains("stood for another number"), "\(stranger.message)")
                // The administrator says that it is right.
                try await provider.reconfigure(github, ["allow": ["users": ["alice"]]])
                _ = try await provider.signIn("alice", at: github)
                try await provider.reconfigure(github, Self.acme)
                #expect(try await provider.signIn("bob", at: github).isVoucher)
            }
        }
    }

    @Test func anAccountIsItsNumber() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, Self.allow(["users": ["alice"], "organizations": ["other"]])) {
                provider in
                #expect(try await provider.signIn("alice", at: github).json["subject"] == "1001")
                try await github.change(["users": ["1001": ["login": "alicia"], "1002": ["login": "alice"]]])
                let renamed = try await provider.signIn("alicia", at: github)
                #expect(renamed.json["subject"] == "1001")
                #expect(renamed.json["name"] == "alicia")
                let other = try await provider.signIn("alice", at: github)
                #expect(other.json["subject"] == "1002")
            }
            try await CheckedProvider.run(github, Self.allow(["users": ["alicia"]])) { provider async throws in
                #expect(try await provider.signIn("alicia", at: github).isVoucher)
                try await github.change(["users": ["1001": ["login": "al"], "1002": ["login": "alicia"]]])
                #expect(try await provider.signIn("al", at: github).isVoucher)
                #expect(try await provider.signIn("alicia", at: github).status == Answer.denied)
            }
        }
    }
}

/// What is said of those who are let in.
@Suite struct VoucherTests {
    private let anyone: JSONObject = ["allowAnyone": true]

    @Test(
        arguments: [
            ("none", []),
            ("teams", [["id": "team:5003", "name": "acme/night-shift"], ["id": "team:5001", "name": "acme/ops"]]),
            ("organizations", [["id": "organization:4001", "name": "acme"]]),
            (
                "both",
                [
                    ["id": "organization:4001", "name": "acme"], ["id": "team:5003", "name": "acme/night-shift"],
                    ["id": "team:5001", "name": "acme/ops"],
                ]
            ),
        ] as [(String, JSON)])
    func groups(_ source: String, _ expected: JSON) async throws {
        try await GitHub.run { github async throws in
            let settings = anyone.merging(["groupsFrom": .string(source)], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, settings) { provider async throws in
                #expect(try await provider.signIn("nightly", at: github).json["groups"] == expected)
            }
            let scopes = try await github.requests.first?.query["scope"]
            #expect(scopes == (source == "none" ? "user:email" : "user:email read:org"))
        }
    }

    @Test func onlyAVerifiedPrimaryAddressIsTold() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, anyone) { provider async throws in
                #expect(try await provider.signIn("unverified", at: github).json["email"] == nil)
                // Not shown at all.
                #expect(try await provider.signIn("alice", at: github, grant: "read:org").json["email"] == nil)
                #expect(try await provider.signIn("alice", at: github).json["email"] == "alice@example.test")
            }
        }
    }

    @Test func tokensOfGitHubAppsHavePermissionsInsteadOfScopes() async throws {
        try await GitHub.run { github async throws in
            try await github.change(["expiring": true])
            try await CheckedProvider.run(github, ["allow": ["organizations": ["acme"]]]) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.json["email"] == "alice@example.test")
            }
            #expect(try await github.tokens == [])
        }
    }
}
