import Foundation
import TestSupport
import Testing
import XOJSON

private typealias Answer = CheckedProvider.Answer

/// What is not the person's fault.
@Suite struct TroubleTests {
    private let acme: JSONObject = ["allow": ["organizations": ["acme"]]]

    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let answer: JSON
        let saying: String

        var testDescription: String { "\(path): \(answer)" }
    }

    private static let token = "/login/oauth/access_token"
    private static let user = "/api/v3/user"
    private static let memberships = "/api/v3/user/memberships/orgs"

    static let cases = [
        Case(
            path: token, answer: ["type": "text/html", "body": "<html>Hello</html>"],
            saying: "text/html that is no JSON; is there a GitHub at"),
        Case(path: token, answer: ["status": 500, "body": "{}"], saying: "the status 500"),
        Case(path: token, answer: ["status": 404, "body": "{}"], saying: "status 404"),
        Case(path: token, answer: ["silent": true], saying: "in time"),
        Case(path: token, answer: ["bytes": 12_000_000], saying: "more than 1048576 bytes"),
        Case(
            path: token, answer: ["status": 302, "headers": ["Location": "http://127.0.0.1:1/"]],
            saying: "a redirect to http://127.0.0.1:1/, which is not followed"),
        Case(path: token, answer: ["body": "[]"], saying: "without a token"),
        Case(
            path: token, answer: ["body": #"{"access_token": "a\r\nb", "token_type": "bearer"}"#],
            saying: "without a token"),
        Case(
            path: token, answer: ["body": #"{"access_token": "gho_1", "token_type": "mac"}"#], saying: "without a token"
        ),
        Case(
            path: token, answer: ["body": #"{"error": "new_error", "error_description": "a\u001b[31mb"}"#],
            saying: "new_error: a [31mb"),
        Case(path: user, answer: ["type": "text/html", "body": "<html>"], saying: "no JSON"),
        Case(path: user, answer: ["status": 502, "body": "bad gateway"], saying: "the status 502"),
        Case(path: user, answer: ["silent": true], saying: "in time"),
        Case(path: user, answer: ["bytes": 12_000_000], saying: "more than 1048576 bytes"),
        Case(
            path: user, answer: ["body": #"{"login": "alice", "type": "User"}"#], saying: "without a number and a name"),
        Case(path: user, answer: ["body": #"{"login": "alice", "id": -1}"#], saying: "without a number and a name"),
        Case(path: user, answer: ["body": #"{"login": "", "id": 1}"#], saying: "without a number and a name"),
        Case(
            path: user,
            answer: [
                "status": 403, "body": #"{"message": "API rate limit exceeded"}"#,
                "headers": ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1893456000"],
            ], saying: "again at 2030-01-01T00:00:00Z"),
        Case(
            path: user,
            answer: [
                "status": 429, "body": #"{"message": "You have exceeded a secondary rate limit."}"#,
                "headers": ["retry-after": "60"],
            ], saying: "again in 60 s"),
        Case(
            path: user, answer: ["status": 429, "headers": ["x-ratelimit-reset": "-5 never"]], saying: "again later"),
        Case(
            path: memberships,
            answer: ["status": 403, "body": #"{"message": "Resource not accessible by integration"}"#],
            saying: "Resource not accessible by integration"),
        Case(
            path: memberships,
            answer: ["body": "[]", "headers": ["Link": #"<http://127.0.0.1:1/user?page=2>; rel="next""#]],
            saying: "is said to be at http://127.0.0.1:1/user?page=2"),
        Case(path: memberships, answer: ["body": "{}"], saying: "no list"),
    ]

    @Test(arguments: cases)
    func isNotTakenForARefusal(_ trouble: Case) async throws {
        try await GitHub.run { github async throws in
            try await github.answer(trouble.path, with: trouble.answer)
            let settings = acme.merging(
                ["callTimeout": trouble.answer["silent"] == true ? 2 : 10], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, settings) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == Answer.unavailable)
                #expect(answer.message.contains(trouble.saying), "\(answer.message)")
                // It goes on when the trouble is over.
                try await github.change(["answers": .object([trouble.path: nil])])
                try await provider.reconfigure(github, acme)
                #expect(try await provider.signIn("alice", at: github).isVoucher)
            }
            #expect(try await github.tokens == [])
        }
    }

    @Test func aListWithoutEndIsGivenUp() async throws {
        try await GitHub.run { github async throws in
            let next = "<\(github.url)/api/v3/user/memberships/orgs>; rel=\"next\""
            try await github.answer(
                Self.memberships, with: ["body": "[{}, 1, null]", "headers": ["Link": .string(next)]])
            try await CheckedProvider.run(github, acme) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == Answer.unavailable)
                #expect(answer.message.contains("more than 5000 entries"), "\(answer.message)")
            }
        }
    }

    @Test func allCallsTogetherHaveALimit() async throws {
        try await GitHub.run { github async throws in
            try await github.answer("/api/v3/user/emails", with: ["silent": true])
            let settings = acme.merging(["callTimeout": 0.3, "signInTimeout": 0.3], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, settings) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == Answer.unavailable)
            }
        }
    }

    @Test func aTokenThatIsRevokedMeanwhileIsNoLongerGood() async throws {
        try await GitHub.run { github async throws in
            try await github.answer(
                "/api/v3/user/teams", with: ["status": 401, "body": #"{"message": "Bad credentials"}"#])
            try await CheckedProvider.run(github, acme) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == Answer.denied)
                #expect(answer.message.contains("revoked"), "\(answer.message)")
            }
        }
    }

    @Test func gitHubIsDown() async throws {
        var url = ""
        try await GitHub.run { github async throws in
            url = github.url
            try await CheckedProvider.run(github, acme) { provider async throws in
                try await github.answer("/api/v3/applications/\(GitHub.clientID)/token", with: ["status": 500])
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                _ = try await poll({ provider.log }, until: { $0.contains { $0.contains("could not be given back") } })
            }
        }
        let complaint = try await CheckedProvider.finishing(at: url)
        #expect(complaint.status == Answer.unavailable)
        #expect(complaint.message.contains("cannot be reached: Connection refused"), "\(complaint.message)")
    }

    @Test func anAuthorityOfItsOwn() async throws {
        let authority = try CertificateAuthority()
        try await GitHub.run(certificate: authority.serverCertificateAndKey()) { github async throws in
            try await CheckedProvider.run(github, acme) { provider async throws in
                let answer = try await provider.signIn("alice", at: github)
                #expect(answer.status == Answer.unavailable)
                #expect(answer.message.contains("name that in certificateAuthorities"), "\(answer.message)")
            }
            let other = try CertificateAuthority()
            let folder = try TemporaryFolder()
            let file = try folder.write("authority.pem", other.certificate)
            let settings = acme.merging(["certificateAuthorities": [.string(file)]], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, settings) { provider async throws in
                #expect(try await provider.signIn("alice", at: github).status == Answer.unavailable)
                // A file that changes is read again; one that is broken changes nothing.
                try folder.write("authority.pem", authority.certificate)
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                try folder.write("authority.pem", "nothing")
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                #expect(provider.log.contains { $0.contains("cannot be used; the last one stays") })
            }
            let asText = acme.merging(
                ["certificateAuthorities": [.string(authority.certificate)]], uniquingKeysWith: { $1 })
            try await CheckedProvider.run(github, asText) { provider async throws in
                #expect(try await provider.signIn("alice", at: github).isVoucher)
            }
        }
    }
}
