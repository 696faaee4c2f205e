import TestSupport
import Testing
import XOClient
import XOJSON

/// Whatever a plugin does wrong, the host says what, and goes on serving the others.
@Suite struct BrokenPluginTests {
    /// A plugin that does not come up.
    struct Failure: Sendable, CustomTestStringConvertible {
        let fixture: String
        /// What the administrator must be told.
        let reason: String
        var configuration: JSON = [:]

        init(_ fixture: String, _ reason: String, _ configuration: JSON = [:]) {
            (self.fixture, self.reason, self.configuration) = (fixture, reason, configuration)
        }

        var testDescription: String { fixture }
    }

    static let failures = [
        Failure("empty", "is empty, expected a shared library"),
        Failure("not-elf", "is not an ELF file"),
        Failure("truncated", "cannot be loaded"),
        Failure("no-entry", "exports no function xo_plugin_entry"),
        Failure("wrong-major", "does not speak version 1"),
        Failure("future-major", "is built for version 2 of the plugin protocol, this host speaks 1"),
        Failure("needs-newer-host", "needs version 1.999"),
        Failure("other-magic", "magic number"),
        Failure("short-library", "announces a library record of"),
        Failure("short-tables", "lacks its mandatory function"),
        Failure("null-mandatory-slot", "lacks its mandatory function `start`"),
        Failure("create-fails", "create failed: no instance today"),
        Failure("setup-fails", "setup failed: this plugin cannot be set up"),
        Failure("setup-hangs", "setup took longer than"),
        Failure("configure-rejects", "mood: must not be bad", ["mood": "bad"]),
        Failure("start-fails", "port 80 is taken; choose another"),
        Failure("start-hangs", "start: took longer than"),
        Failure("start-blocks", "start: took longer than"),
    ]

    @Test(arguments: failures)
    func aPluginThatFailsIsLeftOutWithItsReason(_ failure: Failure) async throws {
        let plugins = try [
            JSON.fixture(failure.fixture, failure.configuration), .web(), .fixture("hello-c", id: "hello"),
        ]
        try await withHost(plugins, host: ["startTimeout": 3]) { host in
            let plugin = try await host.plugin(failure.fixture)
            #expect(plugin["state"] == "failed")
            #expect(plugin["error"]?.string?.contains(failure.reason) == true, "\(plugin)")
            #expect(plugin["loaded"]?.bool != true)
            let line = try await host.logLine { $0.source == failure.fixture && $0.level == "error" }
            #expect(line["reason"] == plugin["error"]?.string)

            let client = try await host.connect()
            #expect(try await client.call("hello.greet", params: ["name": "Ada"]) == "Hello, Ada!")
            #expect(try await host.fetch("/healthz").status == 503)
            #expect(await host.stop() == 0)
        }
    }

    @Test func aMissingFileIsNamedWithThePlacesThatWereSearched() async throws {
        try await withHost([.web(), .plugin("gone", "libGone.so")]) { host in
            let plugin = try await host.plugin("gone")
            #expect(plugin["state"] == "failed")
            let error = try #require(plugin["error"]?.string)
            #expect(error.contains("libGone.so: is not there; looked for "))
            #expect(error.contains(BuildProducts.folder.path))
        }
    }

    @Test func manyBrokenPluginsAtOnceDoNotKeepTheOthersFromStarting() async throws {
        let broken = try BrokenPluginTests.failures.map { try JSON.fixture($0.fixture, $0.configuration) }
        try await withHost(broken + [.web(), .fixture("crowd")], host: ["startTimeout": 3]) { host in
            let client = try await host.connect()
            #expect(try await client.call("crowd.whoami")["instance"] == "crowd")
            let plugins = try await client.call("plugin.get").array ?? []
            let failed = plugins.filter { $0["state"] == "failed" }.compactMap { $0["id"]?.string }
            #expect(Set(failed) == Set(BrokenPluginTests.failures.map(\.fixture)))
            #expect(await host.stop() == 0)
        }
    }

    // MARK: Essential ones

    @Test(arguments: ["start-fails", "no-entry", "create-fails"])
    func anEssentialPluginThatFailsEndsTheHostWithTheReason(_ fixture: String) async throws {
        let failure = try #require(BrokenPluginTests.failures.first { $0.fixture == fixture })
        let configuration = HostConfiguration([try .web(), try .fixture(fixture, nil, ["essential": true])])
        try await withHost(configuration) { host in
            let outcome = try await host.launch().outcome()
            #expect(outcome.status == 1)
            let lastLine = try #require(outcome.errors.split(separator: "\n").last { !$0.hasPrefix("{") })
            #expect(lastLine.contains("the essential plugin \(fixture) failed: "))
            #expect(lastLine.contains(failure.reason))
        }
    }

    // MARK: Catalogues

    @Test(arguments: [
        ("method-twice", "ping: it is listed twice"), ("broken-schema", "brokenSchema.broken"),
        ("no-permission", "noPermission.open: its `permission` is missing"),
    ])
    func aBrokenMethodIsLeftOutByNameAndTheOthersAreServed(_ fixture: String, _ problem: String) async throws {
        try await withHost([.web(), .fixture(fixture)]) { host in
            try await host.logLine { $0.source == fixture && $0.level == "error" && $0.message.contains(problem) }
            let client = try await host.connect()
            let namespace = Self.namespace(of: fixture)
            #expect(try await client.call("\(namespace).ping") == "pong")
            let methods = try await client.call("system.listMethods").array ?? []
            #expect(methods.filter { $0.string?.hasPrefix(namespace + ".") == true } == [.string("\(namespace).ping")])
        }
    }

    @Test func aCatalogueThatIsNoJSONIsReported() async throws {
        try await withHost([.web(), .fixture("catalog-not-json")]) { host in
            let line = try await host.logLine { $0.source == "catalog-not-json" && $0.level == "error" }
            #expect("\(line)".contains("catalogue of methods is not JSON"))
            let client = try await host.connect()
            let error = await remoteError { try await client.call("catalogNotJson.ping") }
            #expect(error?.code == -32601)
        }
    }

    @Test func aMethodThatAnotherPluginHasIsLeftOut() async throws {
        try await withHost([.web(), .fixture("slow", id: "first"), .fixture("slow", id: "second")]) { host in
            try await host.logLine {
                ["first", "second"].contains($0.source) && $0.message.contains("another plugin has slow.wait already")
            }
            let client = try await host.connect()
            #expect(try await client.call("slow.wait", params: ["ms": 1]) == ["ms": 1])
        }
    }

    // MARK: Answers

    /// What comes of a call.
    struct Answer: Sendable, CustomTestStringConvertible {
        let fixture: String
        let method: String
        let code: Int64
        let message: String
        /// What is counted against the plugin.
        let counter: String?

        init(_ fixture: String, _ method: String, _ code: Int64, _ message: String, counts counter: String?) {
            (self.fixture, self.method, self.code, self.message) = (fixture, method, code, message)
            self.counter = counter
        }

        var testDescription: String { method }
    }

    @Test(arguments: [
        Answer("never-completes", "neverCompletes.ping", -32000, "took too long", counts: "errors"),
        Answer("invalid-json-result", "invalidJsonResult.ping", -32000, "not JSON", counts: "malformed"),
        Answer("invalid-utf8-result", "invalidUtf8Result.ping", -32000, "UTF-8", counts: "malformed"),
        Answer("lying-length", "lyingLength.null", -32000, "data corrupt", counts: "malformed"),
        Answer("lying-length", "lyingLength.huge", -32000, "data corrupt", counts: "malformed"),
        Answer("error-result", "errorResult.status", -32000, "not found", counts: "errors"),
        Answer("error-result", "errorResult.payload", 1, "no such object", counts: "errors"),
    ])
    func aBadAnswerIsAnErrorForTheCallerOnly(_ answer: Answer) async throws {
        try await withHost([.web(), .fixture(answer.fixture), .fixture("hello-c", id: "hello")]) { host in
            let client = try await host.connect()
            let error = try #require(await remoteError { try await client.call(answer.method) })
            #expect(error.code == answer.code)
            #expect(error.message.contains(answer.message))
            // The same connection and the same plugin go on.
            #expect(try await client.call("hello.greet", params: ["name": "Ada"]) == "Hello, Ada!")
            let again = await remoteError { try await client.call(answer.method) }
            #expect(again?.code == answer.code)
            let plugin = try await host.plugin(answer.fixture)
            #expect(plugin["state"] == "running")
            if let counter = answer.counter { #expect(plugin["counters"]?[counter] == 2, "\(plugin)") }
        }
    }

    @Test func anErrorOfThePluginReachesTheClientAsItIs() async throws {
        try await withHost([.web(), .fixture("error-result")]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("errorResult.payload") }
            #expect(
                error == RemoteError(code: 1, message: "no such object", data: ["id": "nobody", "type": "VM"]))
        }
    }

    @Test func internalErrorsAreShownToAdministratorsOnly() async throws {
        try await withHost([.web(), .fixture("invalid-json-result")]) { host in
            try await host.addUser("bob", "secret")
            let client = try await host.connect(as: "bob", "secret")
            let error = await remoteError { try await client.call("invalidJsonResult.ping") }
            #expect(error == RemoteError(code: -32000, message: "unknown error from the peer"))
        }
    }

    @Test func aSecondCompletionIsCountedAndChangesNothing() async throws {
        try await withHost([.web(), .fixture("completes-twice")]) { host in
            let client = try await host.connect()
            #expect(try await client.call("completesTwice.ping") == 1)
            #expect(try await client.call("completesTwice.ping") == 1)
            let counters = try await host.plugin("completes-twice")["counters"]
            #expect(counters?["calls"] == 2)
            #expect(counters?["staleHandles"] == 2)
            #expect(counters?["errors"] == 0)
        }
    }

    @Test func aMalformedObjectIsRefusedAndLogged() async throws {
        try await withHost([.web(), .fixture("bad-object")]) { host in
            let client = try await host.connect()
            #expect(try await client.call("badObject.put") == -1)
            try await host.logLine { $0.source == "bad-object" && $0.message.contains("malformed object") }
            #expect(try await client.call("xo.getAllObjects") == [:])
        }
    }

    /// The Swift runtime has one description of an imported C type for the whole process, that of whichever library came
    /// first. A plugin whose header is older must not shorten the tables of the others.
    @Test func aPluginWithAnOlderHeaderDoesNotShortenTables() async throws {
        let older = try JSON.fixture("older-header", nil, ["isolation": "host"])
        try await withHost(HostConfiguration([older])) { host in
            try await host.start()
            try await host.logLine { $0.source == "older-header" && $0.message == "failed" }
            try await host.reload(HostConfiguration([older, .web(), .fixture("hello-c", id: "hello")]))
            let listening = try await host.logLine { $0.source == "web" && $0.message == "listening" }
            let client = try await XOClient.connect(to: #require(listening["url"]))
            #expect(try await client.call("system.getVersion") == "0.1")
            await client.close()
        }
    }

    /// As `scripts/build-fixtures` makes it.
    private static func namespace(of fixture: String) -> String {
        let words = fixture.split(separator: "-")
        return words[0] + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
