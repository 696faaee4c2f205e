import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// The steps through which the host leads a plugin, as the plugin sees them.
@Suite struct LifeCycleTests {
    /// A plugin that writes down its steps.
    struct Recorder {
        let file: TemporaryFolder

        init() throws { file = try TemporaryFolder() }

        func plugin(_ configuration: JSONObject = [:], _ more: JSONObject = [:]) throws -> JSON {
            var members: JSONObject = ["file": .string(file.path("steps"))]
            members.merge(configuration, uniquingKeysWith: { $1 })
            return try .fixture("lifecycle-recorder", id: "recorder", .object(members), more)
        }

        /// The steps so far, without configurations.
        var steps: [String] {
            lines.map { $0.hasPrefix("configure ") ? "configure" : $0 }
        }

        /// The configurations that were handed over.
        var configurations: [JSON] {
            lines.filter { $0.hasPrefix("configure ") }.compactMap { try? JSON(parsing: String($0.dropFirst(10))) }
        }

        private var lines: [String] {
            ((try? file.read("steps")) ?? "").split(separator: "\n").map(String.init)
        }
    }

    // MARK: Start and stop

    @Test func aPluginIsStartedAndStoppedWithTheHost() async throws {
        let recorder = try Recorder()
        try await withHost([recorder.plugin()]) { host in
            #expect(recorder.steps == ["create", "setup", "configure", "start"])
            #expect(recorder.configurations == [["file": .string(recorder.file.path("steps"))]])
            #expect(await host.stop() == 0)
            #expect(recorder.steps == ["create", "setup", "configure", "start", "stop"])
        }
    }

    @Test func aDisabledPluginIsNotEvenCreated() async throws {
        let recorder = try Recorder()
        try await withHost([.web(), recorder.plugin([:], ["enabled": false])]) { host in
            let plugin = try await host.plugin("recorder")
            #expect(plugin["state"] == "disabled")
            #expect(plugin["autoload"] == false)
            #expect(plugin["loaded"] == nil)
            #expect(recorder.steps == [])
        }
    }

    @Test func aPluginIsUnloadedAndLoadedAgainWhileTheHostRuns() async throws {
        let recorder = try Recorder()
        try await withHost([.web(), recorder.plugin()]) { host in
            let client = try await host.connect()
            #expect(try await client.call("lifecycleRecorder.ping") == "pong")
            #expect(try await client.call("plugin.unload", params: ["id": "recorder"]) == true)
            #expect(recorder.steps == ["create", "setup", "configure", "start", "stop"])
            #expect(try await host.plugin("recorder")["loaded"] == false)
            let gone = await remoteError { try await client.call("lifecycleRecorder.ping") }
            #expect(gone?.code == -32601)

            #expect(try await client.call("plugin.load", params: ["id": "recorder"]) == true)
            #expect(recorder.steps == ["create", "setup", "configure", "start", "stop", "configure", "start"])
            #expect(try await client.call("lifecycleRecorder.ping") == "pong")
            #expect(try await host.plugin("recorder")["loaded"] == true)
        }
    }

    @Test func loadingTwiceAndUnknownPluginsAreRefusedInTheContractsWords() async throws {
        try await withHost([.web(), .fixture("crowd")]) { host in
            let client = try await host.connect()
            let loaded = await remoteError { try await client.call("plugin.load", params: ["id": "crowd"]) }
            #expect(loaded == RemoteError(code: 10, message: "plugin already loaded", data: loaded?.data))
            try await client.call("plugin.unload", params: ["id": "crowd"])
            let unloaded = await remoteError { try await client.call("plugin.unload", params: ["id": "crowd"]) }
            #expect(unloaded?.code == 10)
            #expect(unloaded?.message == "plugin already unloaded")
            let unknown = await remoteError { try await client.call("plugin.load", params: ["id": "nobody"]) }
            #expect(
                unknown
                    == RemoteError(
                        code: 1, message: "no such plugin nobody", data: ["id": "nobody", "type": "plugin"]))
        }
    }

    @Test func aStepThatIsUnderWayIsNotDisturbed() async throws {
        try await withHost([.web(), .fixture("start-hangs", nil, ["enabled": false])], host: ["startTimeout": 2]) {
            host in
            let client = try await host.connect()
            let first = Task { try await client.call("plugin.load", params: ["id": "start-hangs"]) }
            _ = try await poll({ try await host.plugin("start-hangs") }, until: { $0["state"] == "starting" })
            let error = await remoteError { try await client.call("plugin.load", params: ["id": "start-hangs"]) }
            #expect(error?.code == 10)
            #expect(error?.message == "plugin is loading")
            await #expect(throws: RemoteError.self) { try await first.value }
        }
    }

    @Test func withoutItsTransportTheHostStillStopsInOrder() async throws {
        try await withHost([.web(), .fixture("crowd")]) { host in
            let client = try await host.connect()
            _ = try? await client.call("plugin.unload", params: ["id": "web"])
            await client.closed()
            // The configuration says that it runs. While it is still being unloaded, that is refused.
            _ = try await poll({ try await host.reload() }, until: { $0.message == "reloaded" })
            let story = host.log.filter { $0.source == "web" }.map(\.message)
            #expect(story == ["listening", "running", "stopped", "listening", "running"])
            #expect(await host.stop() == 0)
        }
    }

    @Test func aPluginThatFailedCanBeLoadedAgain() async throws {
        try await withHost([.web(), .fixture("start-fails")]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("plugin.load", params: ["id": "start-fails"]) }
            #expect(error?.message.contains("port 80 is taken; choose another") == true)
            #expect(try await host.plugin("start-fails")["state"] == "failed")
        }
    }

    @Test func aPluginThatDoesNotStopKeepsNobodyWaiting() async throws {
        let plugins = try [JSON.fixture("stop-hangs"), .web()]
        try await withHost(plugins, host: ["shutdownTimeout": 1, "startTimeout": 3]) { host in
            #expect(await host.stop() == 0)
            #expect(
                host.log.contains { $0.source == "stop-hangs" && $0["reason"]?.contains("stop: took longer") == true })
            #expect(host.log.contains { $0.source == "web" && $0.message == "stopped" })
        }
    }

    @Test func aPluginThatDoesNotStopIsGivenUpWhenItIsUnloaded() async throws {
        try await withHost([.web(), .fixture("stop-hangs")], host: ["shutdownTimeout": 1, "startTimeout": 3]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("plugin.unload", params: ["id": "stop-hangs"]) }
            #expect(error?.message.contains("took longer than") == true)
            #expect(try await host.plugin("stop-hangs")["state"] == "failed")
            #expect(await host.stop() == 0)
        }
    }

    @Test func severalInstancesOfOneLibraryKnowNothingOfEachOther() async throws {
        let ids = (1...20).map { "crowd-\($0)" }
        try await withHost([.web()] + ids.map { try .fixture("crowd", id: $0) }) { host in
            let client = try await host.connect()
            for id in ids {
                #expect(try await client.call("\(id).whoami") == ["instance": .string(id), "calls": 1])
            }
            #expect(await host.stop() == 0)
        }
    }

    @Test func aLibraryMayBeReplacedWhileItRuns() async throws {
        let folder = try TemporaryFolder()
        let library = folder.path("plugin.so")
        try FileManager.default.copyItem(atPath: BuildProducts.fixture("crowd"), toPath: library)
        try await withHost([.web(), .plugin("crowd", library)]) { host in
            let client = try await host.connect()
            #expect(try await client.call("crowd.whoami")["calls"] == 1)
            // Written in place, as a careless copy does: the host must not be mapped to it.
            let handle = try FileHandle(forWritingTo: URL(filePath: library))
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data("no library any more".utf8))
            try handle.close()
            #expect(try await client.call("crowd.whoami")["calls"] == 2)
        }
    }

    // MARK: Configuration at run time

    @Test func anAcceptedConfigurationReachesTheRunningPluginAndIsKept() async throws {
        let recorder = try Recorder()
        try await withHost([.web(), recorder.plugin()]) { host in
            let client = try await host.connect()
            #expect(
                try await client.call(
                    "plugin.configure", params: ["id": "recorder", "configuration": ["mood": "good"]]) == true)
            #expect(recorder.steps == ["create", "setup", "configure", "start", "configure"])
            #expect(recorder.configurations.last?["mood"] == "good")
            #expect(try await host.plugin("recorder")["configuration"]?["mood"] == "good")

            #expect(await host.stop() == 0)
            try await host.start()
            #expect(recorder.configurations.last?["mood"] == "good")

            let again = try await host.connect()
            #expect(try await again.call("plugin.purgeConfiguration", params: ["id": "recorder"]) == true)
            #expect(recorder.configurations.last?["mood"] == nil)
        }
    }

    @Test func aRejectedConfigurationChangesNothing() async throws {
        try await withHost([.web(), .fixture("configure-rejects")]) { host in
            let client = try await host.connect()
            try await client.call(
                "plugin.configure", params: ["id": "configure-rejects", "configuration": ["mood": "good"]])
            let error = await remoteError {
                try await client.call(
                    "plugin.configure", params: ["id": "configure-rejects", "configuration": ["mood": "bad"]])
            }
            #expect(error?.code == 10)
            #expect(error?.message.contains("mood: must not be bad") == true)
            let plugin = try await host.plugin("configure-rejects")
            #expect(plugin["state"] == "running")
            #expect(plugin["configuration"] == ["mood": "good"])
            #expect(try await client.call("configureRejects.ping") == "pong")

            #expect(await host.stop() == 0)
            try await host.start()
            #expect(try await host.plugin("configure-rejects")["configuration"] == ["mood": "good"])
        }
    }

    @Test func whatThePluginsSchemaForbidsNeverReachesIt() async throws {
        let recorder = try Recorder()
        try await withHost([.web(), .fixture("hello-c", id: "hello"), recorder.plugin()]) { host in
            let client = try await host.connect()
            let error = await remoteError {
                try await client.call(
                    "plugin.configure", params: ["id": "hello", "configuration": ["greeting": 5]])
            }
            #expect(error?.code == 10)
            #expect(error?.message.contains("greeting") == true)
            #expect(try await client.call("hello.greet", params: ["name": "Ada"]) == "Hello, Ada!")
        }
    }

    @Test func whatTheFileSetsIsLocked() async throws {
        try await withHost([.web(), .fixture("hello-c", id: "hello", ["greeting": "Hi"])]) { host in
            let client = try await host.connect()
            let error = await remoteError {
                try await client.call(
                    "plugin.configure", params: ["id": "hello", "configuration": ["greeting": "Bye"]])
            }
            #expect(error?.code == 10)
            #expect(error?.message.contains("plugins.json sets greeting") == true)
            #expect(try await client.call("hello.greet", params: ["name": "Ada"]) == "Hi, Ada!")
        }
    }

    @Test func secretsAreShownToNobodyAndSurviveAChange() async throws {
        let recorder = try Recorder()
        let plugin = try recorder.plugin()
        try await withHost([.web(), plugin]) { host in
            let client = try await host.connect()
            let first: JSON = ["smtp": ["password": "first secret", "user": "ada"]]
            try await client.call("plugin.configure", params: ["id": "recorder", "configuration": first])
            let shown = try #require(try await host.plugin("recorder")["configuration"])
            #expect(shown["smtp"]?["user"] == "ada")
            #expect(!"\(shown)".contains("first secret"))

            // A client that sends back what it was shown does not mean to change the password.
            var second = try #require(shown.object)
            second["smtp"] = ["password": shown["smtp"]?["password"] ?? .null, "user": "bob"]
            second["file"] = nil
            try await client.call("plugin.configure", params: ["id": "recorder", "configuration": .object(second)])
            #expect(recorder.configurations.last?["smtp"] == ["password": "first secret", "user": "bob"])
            #expect(!"\(host.log)".contains("first secret"))
        }
    }

    @Test func referencesAreResolvedForThePluginAndShownAsTheyAre() async throws {
        let recorder = try Recorder()
        let plugin = try recorder.plugin(["mood": "${env:XO_TEST_MOOD} $${x}"])
        let environment = TestHost.administrator(and: ["XO_TEST_MOOD": "secretly good"])
        try await withHost([.web(), plugin], environment: environment) { host in
            let shown = try await host.plugin("recorder")["configuration"]
            #expect(shown?["mood"] == "${env:XO_TEST_MOOD} $${x}")
            #expect(recorder.configurations.last?["mood"] == "secretly good ${x}")
        }
    }

    @Test func pluginsAreDescribedInTheContractsForm() async throws {
        try await withHost([.web(), .fixture("hello-c", id: "hello", ["greeting": "Hi"], ["grants": ["a.b"]])]) {
            host in
            let client = try await host.connect()
            try await client.call("hello.greet", params: ["name": "Ada"])
            let plugin = try await host.plugin("hello")
            for (name, value) in [
                "id": "hello", "name": "Hello", "version": "1.0.0", "loaded": true, "autoload": true,
                "unloadable": true, "testable": false, "configuration": ["greeting": "Hi"], "state": "running",
                "essential": false, "grants": ["a.b"], "library": .string(try BuildProducts.fixture("hello-c")),
            ] as JSONObject { #expect(plugin[name] == value) }
            #expect(plugin["configurationSchema"]?["properties"]?["greeting"]?["default"] == "Hello")
            #expect(plugin["sha256"]?.string?.utf8.count == 64)
            #expect(plugin["uptime"]?.integer != nil)
            #expect(plugin["counters"]?["calls"] == 1)
        }
    }

    @Test func autoloadIsSwitchedForTheNextStart() async throws {
        try await withHost([.web(), .fixture("crowd")]) { host in
            let client = try await host.connect()
            #expect(try await client.call("plugin.disableAutoload", params: ["id": "crowd"]) == true)
            #expect(try await client.call("crowd.whoami")["calls"] == 1)
            #expect(try await host.plugin("crowd")["autoload"] == false)
            await host.stop()
            try await host.start()
            #expect(try await host.plugin("crowd")["state"] == "disabled")

            let again = try await host.connect()
            #expect(try await again.call("plugin.enableAutoload", params: ["id": "crowd"]) == true)
            #expect(try await again.call("plugin.load", params: ["id": "crowd"]) == true)
            #expect(try await again.call("crowd.whoami")["calls"] == 1)
        }
    }
}
