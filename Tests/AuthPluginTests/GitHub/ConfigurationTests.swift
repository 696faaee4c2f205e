import TestSupport
import Testing
import XOJSON

/// What an administrator types.
@Suite struct ConfigurationTests {
    @Test(
        "a configuration that cannot be right is explained",
        arguments: [
            (["baseUrl": "github.com"], "baseUrl: 'github.com' is no address; expected such as https://github.com"),
            (["baseUrl": "ftp://github.com"], "it begins with ftp://"),
            (["baseUrl": "http://github.example.com"], "it is not encrypted; begin it with https://"),
            (["baseUrl": "http://127.0.0.1.example.com"], "it is not encrypted; begin it with https://"),
            (["baseUrl": "https://github.example.com/api/v3"], "it has the path /api/v3"),
            (["baseUrl": "https://user:pass@github.example.com"], "it holds a user name or a password"),
            (["baseUrl": "https://github.example.com?x=1"], "it has something behind its path"),
            (["baseUrl": "https://api.github.com"], "it is the address of the API"),
            (["baseUrl": "https://api.acme.ghe.com"], "it is the address of the API"),
            (["allow": ["organizations": ["id:0"]]], "'id:0' is no number of GitHub's; expected such as id:1234"),
            (["allowAnyone": true, "allow": ["users": ["alice"]]], "remove one of the two"),
            (["callTimeout": 20, "signInTimeout": 5], "callTimeout (20.0 s) is longer than signInTimeout (5.0 s)"),
            (["certificateAuthorities": ["/there/is/none.pem"]], "cannot read /there/is/none.pem: No such file"),
            (["certificateAuthorities": ["/etc/hostname"]], "/etc/hostname holds no certificate in PEM form"),
            (["certificateAuthorities": ["-----BEGIN nothing"]], "a text holds no certificate in PEM form"),
        ] as [(JSONObject, String)])
    func wrong(_ settings: JSONObject, _ saying: String) async throws {
        let complaint = try await CheckedProvider.complaint(
            about: CheckedProvider.configuration("https://github.com", settings))
        #expect(complaint.contains(saying), "\(complaint)")
        #expect(!complaint.contains(GitHub.clientSecret) && !complaint.contains("pass@"))
    }

    @Test(arguments: [
        ("https://github.com", "https://github.com", "https://api.github.com"),
        ("https://GitHub.com/", "https://github.com", "https://api.github.com"),
        ("https://www.github.com", "https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com/", "https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://git.example.com:8443", "https://git.example.com:8443", "https://git.example.com:8443/api/v3"),
        ("http://[::1]:8080", "http://[::1]:8080", "http://[::1]:8080/api/v3"),
    ])
    func addresses(_ base: String, _ pages: String, _ api: String) async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, ["baseUrl": .string(base)]) { provider async throws in
                #expect(
                    provider.log.contains { $0.contains(#""pages":"\#(pages)","api":"\#(api)""#) }, "\(provider.log)")
                #expect(provider.log.contains { $0.contains("Nobody can sign in: the lists under allow are empty.") })
                #expect(try await provider.begin().location.hasPrefix(pages + "/login/oauth/authorize?"))
            }
        }
    }

    /// What is refused changes nothing; what is taken holds for the next who sign in.
    @Test func whileItRuns() async throws {
        try await GitHub.run { github async throws in
            try await CheckedProvider.run(github, ["allow": ["organizations": ["acme"]]]) { provider async throws in
                await #expect(throws: (any Error).self) {
                    try await provider.reconfigure(github, ["allowAnyone": true, "allow": ["users": ["x"]]])
                }
                #expect(try await provider.signIn("alice", at: github).isVoucher)
                #expect(try await provider.signIn("bob", at: github).status == CheckedProvider.Answer.denied)
                try await provider.reconfigure(
                    github, ["label": "The other one", "allow": ["organizations": ["other"]]])
                #expect(try await provider.signIn("bob", at: github).isVoucher)
            }
        }
    }
}
