import Foundation
import Testing
import XOJSON

@testable import XOHost

@Suite("Configuration")
struct ConfigurationTests {
    /// The problems of a text, one a line, without the file's name.
    static func problems(_ text: String, environment: [String: String] = [:]) -> String {
        do throws(ConfigurationError) {
            _ = try Configuration.load(text: Array(text.utf8), file: "plugins.json", environment: environment)
            return ""
        } catch {
            return error.description.replacingOccurrences(of: "plugins.json:", with: "")
        }
    }

    static func configuration(_ text: String, environment: [String: String] = [:]) throws -> Configuration {
        try Configuration.load(text: Array(text.utf8), file: "/etc/xo/plugins.json", environment: environment)
    }

    static let wrong: [(String, String)] = [
        (" \n", " found an empty file; the least is {\"plugins\": []}"),
        ("{\n  \"plugins\": [,]}", "2:15: found broken JSON (unexpected ',', expected a value)"),
        ("[]", "1:1: found a list, expected an object"),
        ("{}", "1:1: plugins: found nothing, expected a value, this key is required (The plugins to run)"),
        (
            "{\"plugins\": [],\n \"plugin\": []}",
            "2:2: plugin: found an unknown key, expected one of $schema, host, plugins; did you mean 'plugins'?"
        ),
        (
            "{\"plugins\": [], \"plugins\": []}",
            "1:17: plugins: found the key a second time; remove one of the two"
        ),
        (
            "{\"plugins\": [{\"id\": \"a\", \"library\": \"A.so\",\n\"enabled\": \"yes\"}]}",
            "2:1: plugins[0].enabled: found \"yes\", expected true or false "
                + "(Whether the plugin is started with the host)"
        ),
        (
            "{\"plugins\": [{\"id\": \"a\"}]}",
            "1:14: plugins[0].library: found nothing, expected a value, this key is required (The plugin's file: a "
                + "name that is looked for in host.pluginDirectories and beside the executable, or a path relative "
                + "to the folder of this file)"
        ),
        (
            "{\"plugins\": [{\"id\": \"A b\", \"library\": \"A.so\"}]}",
            "1:15: plugins[0].id: found \"A b\", expected a string that matches ^[a-z0-9-]{1,64}$ (A unique name for "
                + "this instance: lower-case letters, digits and '-', at most 64)"
        ),
        (
            "{\"plugins\": [{\"id\": \"a\", \"library\": \"A.so\"},\n {\"id\": \"a\", \"library\": \"B.so\"}]}",
            "2:3: plugins[1].id: found \"a\", which is the id of the plugin at line 1 too, expected a unique id; "
                + "rename one of the two"
        ),
        (
            "{\"plugins\": [{\"id\": \"a\", \"library\": \"A.so\", \"isolation\": \"vm\"}]}",
            "1:45: plugins[0].isolation: found \"vm\", expected one of \"host\", \"process\" (Where the plugin runs: "
                + "inside of the host, or in a process of its own, whose crash the host survives)"
        ),
        (
            "{\"plugins\": [{\"id\": \"a\", \"library\": \"A.so\", \"memoryLimit\": 64}]}",
            "1:45: plugins[0].memoryLimit: found a limit for a plugin that runs inside of the host; add \"isolation\": "
                + "\"process\", or remove the limit"
        ),
        (
            "{\"host\": {\"log\": {\"level\": \"wraning\"},\n\"startTimeout\": 0}, \"plugins\": []}",
            "1:19: host.log.level: found \"wraning\", expected one of \"trace\", \"debug\", \"info\", \"notice\", "
                + "\"warning\", \"error\", \"critical\" (The least important messages that are written); "
                + "did you mean \"warning\"?\n"
                + "2:1: host.startTimeout: found 0, expected a number >= 1 (Seconds that a plugin may take to start)"
        ),
        (
            "{\"host\": {\"passwordHash\": {\"memoryKiB\": 1.5}}, \"plugins\": []}",
            "1:28: host.passwordHash.memoryKiB: found 1.5, expected a whole number (KiB of memory)\n"
                + "1:28: host.passwordHash.memoryKiB: found 1.5, expected a number >= 8192 (KiB of memory)"
        ),
        (
            "{\"host\": {\"sessions\": {\"tokenValidity\": \"soon\"}}, \"plugins\": []}",
            "1:24: host.sessions.tokenValidity: found \"soon\", expected a duration of a minute or more, such as "
                + "\"30 days\""
        ),
        (
            "{\"host\": {\"sessions\": {\"tokenValidity\": \"1 year\"}}, \"plugins\": []}",
            "1:24: host.sessions.tokenValidity: found \"1 year\", expected at most maximumTokenValidity "
                + "(15778800000 ms)"
        ),
        (
            "{\"host\": {\"dataDirectory\": \"${env:NOWHERE}/x\"}, \"plugins\": []}",
            "1:11: host.dataDirectory: found ${env:NOWHERE}, expected an environment variable that is set; set NOWHERE "
                + "before xo-host is started"
        ),
        (
            "{\"host\": {\"dataDirectory\": \"${HOME}\"}, \"plugins\": []}",
            "1:11: host.dataDirectory: found ${HOME}, expected ${env:NAME} or ${file:PATH}; for '${' itself write '$${'"
        ),
    ]

    @Test(arguments: wrong)
    func problemsSayWhereAndWhatToDo(_ text: String, _ expected: String) {
        #expect(Self.problems(text) == expected)
    }

    @Test func aMissingFile() {
        do throws(ConfigurationError) {
            _ = try Configuration.load("/nonexistent/plugins.json", environment: [:])
            Issue.record("it was loaded")
        } catch {
            #expect(
                error.description == "/nonexistent/plugins.json: found a file that cannot be read: No such file or "
                    + "directory; create it, or name another file with --config")
        }
    }

    @Test func defaults() throws {
        let configuration = try Self.configuration(#"{"plugins": [{"id": "web", "library": "WebTransport.so"}]}"#)
        let host = configuration.host
        #expect(host.dataDirectory == "/var/lib/xo-host" && host.pluginDirectories.isEmpty)
        #expect(host.logLevel == .info && host.logFormat == .text)
        #expect(host.startTimeout == .seconds(30) && host.shutdownTimeout == .seconds(10))
        #expect(host.passwordHash == PasswordHash.Parameters())
        #expect(host.tokenValidity == TokenValidity())
        let plugin = try #require(configuration.plugins.first)
        #expect(plugin.isEnabled && !plugin.isEssential && plugin.grants.isEmpty && plugin.configuration == [:])
        #expect(plugin.libraryCandidates.count == 1 && plugin.libraryCandidates[0].hasSuffix("/WebTransport.so"))
    }

    @Test func pathsAreRelativeToTheFile() throws {
        let configuration = try Self.configuration(
            """
            {"host": {"dataDirectory": "run", "pluginDirectories": ["lib", "/opt/lib"]},
             "plugins": [{"id": "a", "library": "A.so"}, {"id": "b", "library": "./B.so"}]}
            """)
        #expect(configuration.host.dataDirectory == "/etc/xo/run")
        #expect(configuration.plugins[0].libraryCandidates.prefix(2) == ["/etc/xo/lib/A.so", "/opt/lib/A.so"])
        #expect(configuration.plugins[1].libraryCandidates == ["/etc/xo/./B.so"])
    }

    @Test func references() throws {
        let directory = try TemporaryDirectory()
        try directory.write("secret", "from file\n")
        let text = """
            {"plugins": [{"id": "a", "library": "A.so", "configuration": {
                "password": "${env:PW}", "list": ["<${file:secret}>", "$${env:PW}"], "token": "literal",
                "plain": "x", "pin": 1, "secrets": {"n": 2, "s": "x"}}}]}
            """
        try directory.write("plugins.json", text)
        let configuration = try Configuration.load(directory.file("plugins.json"), environment: ["PW": "geheim"])
        let plugin = configuration.plugins[0]
        #expect(
            plugin.configuration == [
                "password": "geheim", "list": ["<from file>", "${env:PW}"], "token": "literal", "plain": "x",
                "pin": 1, "secrets": ["n": 2, "s": "x"],
            ])
        #expect(
            plugin.shownConfiguration == [
                "password": "${env:PW}", "list": ["<${file:secret}>", "$${env:PW}"],
                "token": "* obfuscated *", "plain": "x", "pin": 1, "secrets": ["n": 2, "s": "* obfuscated *"],
            ])
    }

    @Test func secretsAreNotInMessages() throws {
        let configuration = try Self.configuration(
            """
            {"plugins": [{"id": "a", "library": "A.so",
              "configuration": {"user": "${env:PW}", "password": "hush",
                "port": "https"}}]}
            """, environment: ["PW": "geheim"])
        let schema: JSON = [
            "properties": [
                "user": ["type": "number"], "password": ["type": "number"],
                "port": ["type": "integer", "description": "The TCP port."],
            ]
        ]
        let plugin = configuration.plugins[0]
        let violations = try JSONSchema(schema).check(plugin.configuration).violations
        let error = configuration.error(violations, in: plugin, schema: schema)
        #expect(
            error.description == """
                /etc/xo/plugins.json:2:21: plugins[0].configuration.user: found a secret value, expected a number
                /etc/xo/plugins.json:2:42: plugins[0].configuration.password: found a secret value, expected a number
                /etc/xo/plugins.json:3:5: plugins[0].configuration.port: found "https", expected a whole number \
                (The TCP port)
                """)
    }

    @Test func referencesToUselessFiles() throws {
        let text = { (file: String) in
            "{\"plugins\": [{\"id\": \"a\", \"library\": \"A\", \"configuration\": {\"k\": \"${file:\(file)}\"}}]}"
        }
        #expect(
            Self.problems(text("/nonexistent")).contains(
                "found a file that cannot be used: /nonexistent: No such file or directory"))
        let directory = try TemporaryDirectory()
        try Data([0xFF, 0xFE]).write(to: URL(filePath: directory.file("binary")))
        #expect(Self.problems(text(directory.file("binary"))).contains("it is not UTF-8"))
        try directory.write("large", String(repeating: "x", count: 70_000))
        #expect(Self.problems(text(directory.file("large"))).contains("File too large"))
    }

    @Test func thePublishedSchemaIsTheOneInUse() throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs")
        let published = try String(contentsOf: docs.appending(path: "plugins.schema.json"), encoding: .utf8)
        #expect(
            published == Configuration.schemaText, "write it with: xo-host check --schema > docs/plugins.schema.json")
        #expect(throws: Never.self) { try JSONSchema(try JSON(parsing: published)) }
    }
}
