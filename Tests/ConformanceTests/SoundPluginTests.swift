import Foundation
import TestSupport
import Testing
import XOJSON

/// Examples, and plugins of the tests without a flaw, keep the contract.
@Suite(.serialized) struct SoundPluginTests {
    @Test(arguments: ["hello-c", "conformance/sound"])
    func pluginsInC(_ name: String) async throws {
        try await check(BuildProducts.fixture(name))
    }

    /// Under the daemon they would do the same as the others.
    @Test(arguments: ["conformance/noisy", "conformance/transport", "conformance/listening", "ping"])
    func pluginsInCUnderOneHost(_ name: String) async throws {
        try await check(BuildProducts.fixture(name), "--except", "placement", "--except", "crash")
    }

    /// What differs from run to run is no difference between the placements.
    @Test func eventsWithTimes() async throws {
        let checked = try await CheckedPlugin(
            BuildProducts.fixture("conformance/publishes"), ["--only", "placement/events"])
        #expect(checked.tests.map(\.verdict) == ["passed"], "\(checked.tests.map(\.seen))")
    }

    @Test func providerInC() async throws {
        try await check(BuildProducts.fixture("conformance/provider"), "--sign-in", "alice:wonderland")
    }

    @Test func passwordFile() async throws {
        let folder = try TemporaryFolder()
        let hash =
            "$6$rounds=1000$saltsaltsalt$"
            + "U/ofvTaz1MfPOj6w7MYgUH1XwvGEV.PGJqcSwDsiKhwTMkRl.oRJMCF6rBnIYKA3ZbRQFSB8oZiKKO.XFagR9."
        let people = try folder.write("people", "alice:\(hash):Alice:staff\n")
        let configuration = try folder.write("configuration.json", #"{"file": "\#(people)"}"#)
        try await check(
            BuildProducts.fixture("passwd-c"), "--configuration", configuration, "--sign-in", "alice:wonderland")
    }

    @Test func exampleInSwift() async throws {
        try await check(BuildProducts.swiftExample())
    }
}

/// The plugins of this package keep the contract.
@Suite(.serialized) struct SoundPackageTests {
    @Test func transport() async throws {
        let folder = try TemporaryFolder()
        // The port that its defaults name may be taken, and two instances cannot have the same.
        let configuration = try folder.write("configuration.json", #"{"listen": [{"port": 0}]}"#)
        try await check(BuildProducts.plugin("WebTransport"), "--configuration", configuration)
    }

    /// What only shows with more than one socket.
    @Test func transportWithTwoSockets() async throws {
        let folder = try TemporaryFolder()
        let configuration = try folder.write("configuration.json", #"{"listen": [{"port": 0}, {"port": 0}]}"#)
        let checked = try await CheckedPlugin(
            BuildProducts.plugin("WebTransport"), ["--configuration", configuration, "--only", "transports"])
        #expect(checked.tests.allSatisfy { $0.verdict == "passed" }, "\(checked.reasons)")
    }

    /// Under the daemon the suite has it beside others anyway.
    @Test func recorder() async throws {
        try await check(BuildProducts.plugin("EventRecorder"), "--except", "placement", "--except", "crash")
    }

    /// Nothing listens at the port: what it would ask GitHub fails at once.
    @Test func signInWithGitHub() async throws {
        let folder = try TemporaryFolder()
        let configuration = try folder.write(
            "configuration.json",
            """
            {"clientId": "Iv1.0123456789abcdef", "clientSecret": "0123456789abcdef", "baseUrl": "http://127.0.0.1:9",
             "allow": {"organizations": ["acme"]}, "recheckInterval": 5}
            """)
        try await check(BuildProducts.plugin("AuthGitHub"), "--configuration", configuration)
    }

    /// Likewise for a directory, whose threads are gone when it is stopped.
    @Test func signInWithLDAP() async throws {
        let folder = try TemporaryFolder()
        let configuration = try folder.write(
            "configuration.json",
            #"{"uri": "ldap://127.0.0.1:9", "base": "dc=example,dc=org", "userIdAttribute": "entryUUID"}"#)
        try await check(BuildProducts.plugin("AuthLDAP"), "--configuration", configuration)
    }

    @Test func signInWithSAML() async throws {
        let folder = try TemporaryFolder()
        let (key, certificate) = (folder.path("idp.key"), folder.path("idp.crt"))
        let made = try await Program.run(
            URL(filePath: "/usr/bin/openssl"),
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=idp"])
        try #require(made.status == 0, "\(made.errors)")
        let text = try String(contentsOfFile: certificate, encoding: .utf8)
        let provider: JSON = [
            "idp": [
                "entityId": "http://127.0.0.1:9/idp", "ssoUrl": "http://127.0.0.1:9/sso",
                "certificates": [.string(text)],
            ]
        ]
        let configuration = try folder.write("configuration.json", provider.description)
        try await check(BuildProducts.plugin("AuthSAML"), "--configuration", configuration)
    }

    @Test func pools() async throws {
        try await check(BuildProducts.plugin("XAPI"))
    }

    @Test func demonstrationPool() async throws {
        try await check(BuildProducts.plugin("DemoPool"), "--with", BuildProducts.plugin("XAPI"))
    }
}

/// Under the daemon once; with other parameters only where that is quick. In parts, as no program may take too long.
private func check(_ path: String, _ options: String...) async throws {
    let underOneHost = ["--except", "placement", "--except", "crash"]
    for more in [["--only", "placement"], ["--only", "crash"], underOneHost, underOneHost + ["--seed", "2"]] {
        let checked = try await CheckedPlugin(path, options + more)
        #expect(checked.failed == [], "\(checked.reasons)")
        #expect(checked.status == 0)
        #expect(checked.report["notRun"] == 0)
    }
}
