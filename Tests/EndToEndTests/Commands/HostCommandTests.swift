import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// `xo-host` on the command line, beside serving.
@Suite struct HostCommandTests {
    // MARK: Configurations

    /// A text of `plugins.json`, and what must be said about it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let text: String
        /// Each must stand in the message.
        let words: [String]

        init(_ text: String, _ words: String...) { (self.text, self.words) = (text, words) }

        var testDescription: String { text.isEmpty ? "empty" : text }
    }

    static let mistakes = [
        Mistake("", "plugins.json", "an empty file", "the least is"),
        Mistake(" \n ", "an empty file"),
        Mistake("{\n \"plugins\": [\n}", "plugins.json:3:1", "broken JSON"),
        Mistake("{\"plugins\": []}\u{0}", "broken JSON"),
        Mistake("[]", "plugins.json:1:1", "expected"),
        Mistake("{}", "plugins.json:1:1", "plugins"),
        Mistake("{\n \"plugins\": [],\n \"colour\": 1}", "plugins.json:3:", "colour"),
        Mistake("{\n \"plugins\": [],\n \"pluggins\": []}", "plugins.json:3:", "pluggins"),
        Mistake(
            "{\"plugins\": [],\n \"host\": {\"dataDirectry\": \"x\"}}", "plugins.json:2:", "dataDirectry",
            "dataDirectory"),
        Mistake("{\"plugins\": [\n {\"id\": \"a\"}]}", "plugins.json:2:", "plugins[0]", "library"),
        Mistake("{\"plugins\": [\n {\"id\": \"A b\", \"library\": \"x\"}]}", "plugins.json:2:", "plugins[0].id"),
        Mistake(
            "{\"plugins\": [\n {\"id\": \"a\", \"library\": \"x\"},\n {\"id\": \"a\", \"library\": \"y\"}]}",
            "plugins.json:3:", "which is the id of the plugin at line 2"),
        Mistake("{\"plugins\": [\n {\"id\": \"a\", \"library\": \"x\", \"enabled\": \"yes\"}]}", "plugins[0].enabled"),
        Mistake(
            "{\"plugins\": [],\n \"host\": {\"startTimeout\": 0}}", "plugins.json:2:", "host.startTimeout", "1"),
        Mistake(
            "{\"plugins\": [],\n \"host\": {\"dataDirectory\": \"${env:XO_NOT_SET}\"}}", "plugins.json:2:", "XO_NOT_SET"
        ),
        Mistake(
            "{\"plugins\": [],\n \"host\": {\"dataDirectory\": \"${file:nowhere}\"}}", "plugins.json:2:", "nowhere"),
    ]

    @Test(arguments: mistakes)
    func aWrongConfigurationIsExplainedAndEndsWithStatus2(_ mistake: Mistake) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("plugins.json", mistake.text)
        for command in [["check"], [], ["user", "list"]] {
            let outcome = try await Program.run(
                BuildProducts.executable("xo-host"), command + ["--config", file])
            #expect(outcome.status == 2)
            #expect(outcome.output == "")
            for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("data")))
    }

    @Test func aMissingConfigurationIsNamedWithTheRemedy() async throws {
        let folder = try TemporaryFolder()
        for command in [["check"], []] {
            let outcome = try await Program.run(
                BuildProducts.executable("xo-host"), command + ["--config", folder.path("none.json")])
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("none.json"))
            #expect(outcome.errors.contains("create it, or name another file with --config"))
        }
    }

    @Test func aRightConfigurationIsConfirmed() async throws {
        let plugins = try [JSON.fixture("hello-c", id: "hello"), .web(), .xapi()]
        let demo = JSON.plugin("demo", try BuildProducts.plugin("DemoPool"))
        try await withHost(HostConfiguration([demo] + plugins)) { host in
            let outcome = try await host.command("check")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors == "")
            #expect(outcome.output.contains("hello, web, xapi, demo"))
            #expect(!FileManager.default.fileExists(atPath: host.folder.path("data")), "nothing is made")
        }
    }

    /// Everything is loaded as far as it must be to know that it is right, and everything wrong is told at once.
    @Test func theCheckLooksIntoThePlugins() async throws {
        let plugins = try [
            JSON.fixture("no-entry"), .fixture("wrong-major"), .plugin("gone", "libGone.so"),
            .fixture("hello-c", id: "hello", ["greeting": 5, "colour": "red"]),
            .plugin("demo", try BuildProducts.plugin("DemoPool")),
            .fixture("not-elf", nil, ["enabled": false]),
        ]
        try await withHost(HostConfiguration(plugins)) { host in
            let outcome = try await host.command("check")
            #expect(outcome.status == 2)
            for words in [
                "no function xo_plugin_entry", "does not speak version 1", "libGone.so: is not there", "greeting",
                "colour", "it needs xapi.servers",
            ] {
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
            #expect(!outcome.errors.contains("not-elf"))
            // With file and line.
            let line = try #require(outcome.errors.split(separator: "\n").first { $0.contains("greeting") })
            #expect(line.contains("plugins.json:"))
        }
    }

    @Test func theSchemaIsPrinted() async throws {
        let outcome = try await Program.run(BuildProducts.executable("xo-host"), ["check", "--schema"])
        #expect(outcome.status == 0)
        #expect(try JSON(parsing: outcome.output)["title"] == "plugins.json")
    }

    @Test(arguments: [["--help"], ["check", "--help"], ["user", "--help"], ["user", "add", "--help"]])
    func helpIsAlwaysThere(_ arguments: [String]) async throws {
        let outcome = try await Program.run(BuildProducts.executable("xo-host"), arguments)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("USAGE: xo-host"))
    }

    @Test(arguments: [["--colour"], ["dance"], ["user", "add"], ["user", "dance"]])
    func aWrongCommandLineEndsWithStatus2(_ arguments: [String]) async throws {
        let outcome = try await Program.run(BuildProducts.executable("xo-host"), arguments)
        #expect(outcome.status == 2, "as `xo-host --help` says: \(outcome.errors)")
        #expect(outcome.errors.contains("Usage: xo-host") || outcome.errors.contains("USAGE: xo-host"))
    }

    // MARK: Users

    @Test func usersAreAdministeredOffline() async throws {
        try await withHost(HostConfiguration([try .web()]), environment: [:]) { host in
            #expect(try await host.command("user", "list").output == "")
            let added = try await host.command(
                "user", "add", "ada", "--permission", "admin", "--password-stdin", input: "first secret\n")
            #expect(added.status == 0, "\(added.errors)")
            #expect(added.output == "")
            let generated = try await host.command("user", "add", "bob")
            #expect(generated.status == 0, "\(generated.errors)")
            let password = try #require(generated.output.firstMatch(of: /^password: (\S+)\n$/)?.1)
            #expect(password.count >= 16)

            let again = try await host.command("user", "add", "ADA", "--password-stdin", input: "x\n")
            #expect(again.status == 1)
            #expect(again.errors.contains("already exists"))
            let unknown = try await host.command("user", "passwd", "nobody", "--password-stdin", input: "x\n")
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("no such user nobody"))
            let permission = try await host.command("user", "add", "eve", "--permission", "root")
            #expect(permission.status != 0)
            #expect(permission.errors.contains("none, read, write"))

            let lines = try await host.command("user", "list").output.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].hasSuffix("  admin  ada"))
            #expect(lines[1].hasSuffix("  none  bob"))

            // There are users, so no administrator is made.
            try await host.start()
            _ = try await host.connect(as: "ada", "first secret")
            _ = try await host.connect(as: "bob", String(password))

            // While it serves, too.
            let changed = try await host.command("user", "passwd", "ada", "--password-stdin", input: "second\n")
            #expect(changed.status == 0, "\(changed.errors)")
            _ = try await host.connect(as: "ada", "second")
            #expect(await host.stop() == 0)
            #expect(try await !host.output().contains("password"))
        }
    }

    // MARK: The first start

    @Test func theFirstStartShowsThePasswordOnce() async throws {
        try await withHost(HostConfiguration([try .web()]), environment: [:]) { host in
            try await host.start()
            let line = try await host.outputLine { $0.contains("password: ") }
            let password = try #require(line.firstMatch(of: /password: +(\S+)$/)?.1)
            await host.stop()
            #expect(try await host.output().contains("admin@admin.net"))
            #expect(!"\(host.log)".contains(password), "the log is kept and read by others")

            try await host.start()
            let client = try await host.connect(as: "admin@admin.net", String(password))
            #expect(try await client.call("session.getUser")["permission"] == "admin")
            try await host.outputLine { $0.contains("Sign in as admin@admin.net") }
            await host.stop()
            #expect(try await !host.output().contains(password))
        }
    }

    @Test func aChosenPasswordIsNotShown() async throws {
        try await withHost(HostConfiguration([try .web()])) { host in
            try await host.start()
            _ = try await host.connect()
            try await host.outputLine { $0.contains("Sign in as \(TestHost.adminName)") }
            await host.stop()
            #expect(try await !host.output().contains(TestHost.adminPassword))
            #expect(!"\(host.log)".contains(TestHost.adminPassword))
        }
    }

    @Test func theDataBelongsToNobodyElse() async throws {
        try await withHost([.web(), .fixture("hello-c", id: "hello")]) { host in
            let manager = FileManager.default
            let data = host.folder.path("data")
            #expect(try manager.attributesOfItem(atPath: data)[.posixPermissions] as? Int == 0o700)
            for name in try manager.contentsOfDirectory(atPath: data) {
                let permissions = try #require(
                    try manager.attributesOfItem(atPath: "\(data)/\(name)")[.posixPermissions] as? Int)
                #expect(permissions & 0o077 == 0, "\(name)")
            }
        }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await withHost([.web()]) { host in
            let port = try #require(URLComponents(string: host.url)?.port)
            let listen: JSON = [["address": "127.0.0.1", "port": JSON(port)]]
            let plugin = try JSON.web(["listen": listen])
            let second = try TestHost(HostConfiguration([plugin]))
            try await second.start()
            let line = try await second.logLine { $0.source == "web" && $0.level == "error" }
            #expect(line["reason"]?.contains("cannot listen at 127.0.0.1:\(port): Address already in use") == true)
            #expect(await second.stop() == 0)
        }
    }
}
