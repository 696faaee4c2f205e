import Glibc
import TestSupport
import Testing
import XOClient
import XOJSON

/// Plugins that vouch for people, under the daemon.
@Suite struct ProviderPluginTests {
    private static let secret = "0123456789abcdef0123456789abcdef01234567"

    private static func gitHub(_ more: JSONObject = [:], isolation: String) throws -> JSON {
        let configuration: JSONObject = ["clientId": "Iv1.0123456789abcdef", "clientSecret": .string(secret)]
        return .plugin(
            "github", try BuildProducts.plugin("AuthGitHub"),
            .object(configuration.merging(more, uniquingKeysWith: { $1 })), ["isolation": .string(isolation)])
    }

    @Test(arguments: ["host", "process"])
    func theyRunInBothPlaces(_ isolation: String) async throws {
        let folder = try TemporaryFolder()
        let hash =
            "$6$rounds=1000$saltsaltsalt$"
            + "U/ofvTaz1MfPOj6w7MYgUH1XwvGEV.PGJqcSwDsiKhwTMkRl.oRJMCF6rBnIYKA3ZbRQFSB8oZiKKO.XFagR9."
        let people = try folder.write("people", "alice:\(hash):Alice:staff\n")
        let passwords = JSON.plugin(
            "people", try BuildProducts.fixture("passwd-c"), ["file": .string(people)],
            ["isolation": .string(isolation)])
        let gitHub = try Self.gitHub(["allow": ["organizations": ["acme"]]], isolation: isolation)
        try await withHost([.web(), gitHub, passwords]) { host in
            try await host.logLine { $0.source == "github" && $0["api"] == "https://api.github.com" }
            for id in ["github", "people"] {
                let plugin = try await host.plugin(id)
                #expect(plugin["state"] == "running", "\(plugin)")
                #expect(plugin["isolation"]?.string == isolation, "\(plugin)")
            }
            // The offers were taken.
            #expect(!host.log.contains { ["warning", "error"].contains($0.level) }, "\(host.log)")
            // The one takes passwords, the other does not.
            let alice = try await host.connect(as: "alice", "wonderland")
            #expect(try await alice.call("session.getUser")["email"] == "alice")
            for (name, password) in [("alice", "builder"), ("nobody", "wonderland")] {
                let error = await remoteError { try await host.connect(as: name, password) }
                #expect(error?.code == 3)
            }
            // Nobody sees the secret.
            let shown = try await host.plugin("github")["configuration"]
            #expect(shown?["clientSecret"] == "* obfuscated *")
            #expect(!host.log.contains { $0.description.contains(Self.secret) })
        }
    }

    @Test(
        arguments: [
            (["clientId": "not a word"], "plugins[1].configuration.clientId"),
            (["baseUrl": "http://github.example.com"], "it is not encrypted; begin it with https://"),
            (["allow": ["organisations": ["acme"]]], "did you mean 'organizations'?"),
            (["allow": ["teams": ["acme"]]], "plugins[1].configuration.allow.teams[0]"),
            (["groupsFrom": "orgs"], "plugins[1].configuration.groupsFrom"),
        ] as [(JSONObject, String)])
    func whatIsWrongIsSaid(_ settings: JSONObject, _ saying: String) async throws {
        let configuration = HostConfiguration([try .web(), try Self.gitHub(settings, isolation: "host")])
        try await withHost(configuration) { host in
            let program = try host.launch()
            let line = await program.errors.firstLine { $0.contains(saying) || $0.contains("\"ready\"") }
            #expect(line?.contains(saying) == true, "\(program.errors.lines)")
            #expect(!program.errors.lines.contains { $0.contains(Self.secret) })
            program.send(SIGTERM)
            _ = await program.exitStatus()
        }
    }
}
