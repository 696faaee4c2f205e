import TestSupport
import Testing
import XOClient
import XOJSON

/// SIGHUP: what has changed in `plugins.json` is applied, and nothing else.
@Suite struct ReloadTests {
    @Test func aChangedConfigurationIsHandedToTheRunningPlugin() async throws {
        let recorder = try LifeCycleTests.Recorder()
        try await withHost([.web(), recorder.plugin()]) { host in
            try await host.reload(HostConfiguration([.web(), recorder.plugin(["mood": "good"])]))
            #expect(recorder.steps == ["create", "setup", "configure", "start", "configure"])
            #expect(recorder.configurations.last?["mood"] == "good")
            // Also if it is the same: files that it names may have changed.
            try await host.reload()
            #expect(recorder.steps == ["create", "setup", "configure", "start", "configure", "configure"])
            #expect(recorder.configurations.last?["mood"] == "good")
        }
    }

    @Test func aPluginIsSwitchedOffAndOn() async throws {
        let recorder = try LifeCycleTests.Recorder()
        let firstLife = ["create", "setup", "configure", "start", "stop", "destroy"]
        try await withHost([.web(), recorder.plugin()]) { host in
            try await host.reload(HostConfiguration([.web(), recorder.plugin([:], ["enabled": false])]))
            #expect(try await host.plugin("recorder")["state"] == "disabled")
            // destroy is the last that the plugin hears; nobody waits for it.
            _ = try await poll({ recorder.steps }, until: { $0 == firstLife })

            try await host.reload(HostConfiguration([.web(), recorder.plugin()]))
            #expect(try await host.plugin("recorder")["state"] == "running")
            #expect(recorder.steps == firstLife + ["create", "setup", "configure", "start"])
        }
    }

    @Test func aPluginThatWasUnloadedGoesOnWithItsLife() async throws {
        let recorder = try LifeCycleTests.Recorder()
        try await withHost([.web(), recorder.plugin()]) { host in
            let client = try await host.connect()
            try await client.call("plugin.unload", params: ["id": "recorder"])
            try await host.reload()
            #expect(try await host.plugin("recorder")["state"] == "running")
            #expect(
                recorder.steps == [
                    "create", "setup", "configure", "start", "stop", "destroy", "create", "setup", "configure", "start",
                ])
        }
    }

    @Test func aPluginIsAddedAndRemoved() async throws {
        let recorder = try LifeCycleTests.Recorder()
        try await withHost([.web()]) { host in
            try await host.reload(HostConfiguration([.web(), recorder.plugin()]))
            #expect(recorder.steps == ["create", "setup", "configure", "start"])
            let client = try await host.connect()
            #expect(try await client.call("lifecycleRecorder.ping") == "pong")

            try await host.reload(HostConfiguration([.web()]))
            _ = try await poll(
                { recorder.steps }, until: { $0 == ["create", "setup", "configure", "start", "stop", "destroy"] })
            let plugins = try await client.call("plugin.get").array ?? []
            #expect(plugins.compactMap { $0["id"]?.string } == ["web"])
            let error = await remoteError { try await client.call("lifecycleRecorder.ping") }
            #expect(error?.code == -32601)
        }
    }

    @Test func aWrongConfigurationChangesNothing() async throws {
        let recorder = try LifeCycleTests.Recorder()
        try await withHost([.web(), recorder.plugin()]) { host in
            let client = try await host.connect()
            try host.folder.write("plugins.json", "{\n  \"plugins\": [}\n")
            let line = try await host.reload()
            #expect(line.message == "the new configuration is not applied")
            #expect(line["reason"]?.contains("plugins.json:2:") == true)
            #expect(recorder.steps == ["create", "setup", "configure", "start"])
            #expect(try await client.call("lifecycleRecorder.ping") == "pong")

            let error = await remoteError { try await client.call("plugin.reload") }
            #expect(error?.code == 10)
            #expect(error?.message.contains("plugins.json:2:") == true)
        }
    }

    @Test func aConfigurationThatThePluginRejectsLeavesItRunningWithItsOldOne() async throws {
        let good = try JSON.fixture("configure-rejects", ["mood": "good"])
        try await withHost([.web(), good]) { host in
            try await host.reload(HostConfiguration([.web(), .fixture("configure-rejects", ["mood": "bad"])]))
            let rejection = try await host.logLine { $0.source == "configure-rejects" && $0.level == "error" }
            #expect(rejection["reason"]?.contains("mood: must not be bad") == true)
            let plugin = try await host.plugin("configure-rejects")
            #expect(plugin["state"] == "running")
            #expect(plugin["configuration"] == ["mood": "good"])
        }
    }

    @Test func theWebTransportMovesToAnotherSettingWithoutLosingItsSessions() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            try await host.reload(HostConfiguration([.web(["maximumHeaderSize": 2048])]))
            #expect(try await client.call("session.getUser")["email"] == .string(TestHost.adminName))
            let page = try await host.fetch("/healthz", headers: [("x-long", String(repeating: "x", count: 4096))])
            #expect(page.status == 431)
        }
    }

    @Test func theAdministratorsReloadDoesTheSame() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            try host.write(HostConfiguration([.web(), .fixture("crowd")]))
            #expect(try await client.call("plugin.reload") == true)
            #expect(try await client.call("crowd.whoami")["calls"] == 1)
        }
    }
}
