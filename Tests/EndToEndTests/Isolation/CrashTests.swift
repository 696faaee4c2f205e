import Foundation
import Synchronization
import TestSupport
import Testing
import XOClient
import XOJSON

/// Plugins in processes of their own, and what is left of them when those end.
@Suite struct CrashTests {
    private static let isolated: JSONObject = ["isolation": "process"]

    /// A sanitizer has its own way to end a process that touches what is not there.
    private static let fault =
        BuildProducts.areSanitized ? "exited with status 1" : "was killed by signal 11 (Segmentation fault)"

    private static func crashing(_ id: String = "crash") throws -> JSON {
        try .fixture("crash", id: id, nil, CrashTests.isolated)
    }

    @Test(arguments: [
        ("segv", fault),
        ("abort", BuildProducts.areSanitized ? "exited with status 1" : "was killed by signal 6 (Aborted)"),
        ("exit", "exited with status 7"),
    ])
    func whatIsUnderWayFailsOnceAndThePluginIsBack(_ how: String, _ end: String) async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            let waiting = Task { await remoteError { try await client.call("crash.never") } }
            _ = try await poll({ try await host.plugin("crash") }, until: { $0["counters"]?["calls"] == 1 })
            let error = await remoteError { try await client.call("crash.now", params: ["how": .string(how)]) }
            #expect(error?.message == "the process of the plugin crash \(end)")
            #expect(await waiting.value?.message == error?.message)

            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
            let plugin = try await host.plugin("crash")
            #expect(plugin["state"] == "running")
            #expect(plugin["crash"]?["reason"]?.string == error?.message)
            #expect(plugin["crash"]?["count"] == 1)
            if how == "segv" { #expect(plugin["crash"]?["output"]?.array?.contains("about to crash") == true) }
            #expect(try await host.fetch("/healthz").status == 200)
            #expect(try CrashTests.children(of: host).filter { $0.state == "Z" }.isEmpty, "nobody is left unburied")
        }
    }

    /// The client does not notice the first crash; a second one it does.
    @Test func whatMayBeRepeatedIsRepeatedOnce() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            #expect(try await client.call("crash.again", params: ["deaths": 1]) == 2)
            #expect(try await host.plugin("crash")["crash"]?["count"] == 1)
        }
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("crash.again", params: ["deaths": 2]) }
            #expect(error?.message == "the process of the plugin crash \(CrashTests.fault)")
            #expect(try await host.plugin("crash")["crash"]?["count"] == 2)
        }
    }

    /// Somebody who waits for a plugin that does not come back is told.
    @Test func whoWaitsForAPluginThatIsSwitchedOffIsTold() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            // The second crash is not followed by a start at once.
            _ = await remoteError { try await client.call("crash.now", params: ["how": "exit"]) }
            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
            let waiting = Task { await remoteError { try await client.call("crash.again", params: ["deaths": 2]) } }
            _ = try await poll({ try await host.plugin("crash") }, until: { $0["crash"]?["count"] == 2 })
            try await client.call("plugin.unload", params: ["id": "crash"])
            #expect(await waiting.value?.message == "the process of the plugin crash \(CrashTests.fault)")
        }
    }

    /// What is said of a crash, once there is one.
    private func reasonOfCrash(_ host: TestHost, _ id: String = "crash") async throws -> String {
        let plugin = try await poll({ try await host.plugin(id) }, until: { $0["crash"] != nil })
        return plugin["crash"]?["reason"]?.string ?? ""
    }

    @Test func whatHangsIsStartedAgain() async throws {
        try await withHost([.web(), CrashTests.crashing()], host: ["hangTimeout": 1]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("crash.hang") }
            #expect(error?.message == "crash.hang took too long; the plugin crash has not answered in time")
            #expect(
                try await reasonOfCrash(host)
                    == "the plugin crash hangs: what ran out of time has not returned 1 s later")
            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
        }
    }

    @Test func whatCompletesNothingAnyMoreHangs() async throws {
        try await withHost([.web(), CrashTests.crashing()], host: ["hangTimeout": 1]) { host in
            let client = try await host.connect()
            for _ in 1...3 { _ = await remoteError { try await client.call("crash.silent") } }
            let reason = try await reasonOfCrash(host)
            #expect(reason.hasSuffix("3 calls in a row ran out of time, and it has completed nothing since"))
            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
        }
    }

    @Test func whatTakesTooMuchMemoryIsStartedAgain() async throws {
        let limited = try JSON.fixture("crash", nil, ["isolation": "process", "memoryLimit": 64])
        try await withHost([.web(), limited]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("crash.eat") }
            let reason = try await reasonOfCrash(host)
            #expect(error?.message == reason)
            #expect(reason.hasSuffix(" MiB of memory, more than its memoryLimit of 64 MiB"))
            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
            let memory = try await host.plugin("crash")["process"]?["memory"]?.integer
            #expect(memory.map { (1..<64 << 20).contains($0) } == true)
        }
    }

    @Test func aRunnerHearsOfAnotherLogLevel() async throws {
        let plugins = try [JSON.web(), CrashTests.crashing()]
        func configuration(_ level: String) -> HostConfiguration {
            HostConfiguration(plugins, host: ["log": ["format": "json", "level": .string(level)]])
        }
        try await withHost(configuration("info")) { host in
            try await host.start()
            let client = try await host.connect()
            try await client.call("crash.log")
            try await host.reload(configuration("debug"))
            try await client.call("crash.log")
            try await host.logLine { $0.message == "a detail" }
            #expect(host.log.count { $0.message == "a detail" } == 1)
        }
    }

    @Test func aClosedSocketIsTheEnd() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            let closing = Task { await remoteError { try await client.call("crash.now", params: ["how": "close"]) } }
            // The thread that reads notices with the next call.
            _ = try await poll({ try await host.plugin("crash") }, until: { $0["counters"]?["calls"] == 1 })
            _ = await remoteError { try await client.call("crash.ping") }
            #expect(await closing.value?.message == "the process of the plugin crash exited with status 0")
            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
        }
    }

    @Test func objectsStayAndClientsHearTheDifferenceOnly() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            let before = try await client.objects(["type": "thing"])
            #expect(before.count == 2)
            var notifications = client.notifications.makeAsyncIterator()
            _ = await remoteError { try await client.call("crash.now", params: ["how": "segv"]) }
            #expect(try await client.objects(["type": "thing"]).count == 2)
            _ = try await poll(
                { try await client.object(["id": "maker"]) }, until: { $0?["pid"] != before["maker"]?["pid"] })
            // The first and only news.
            let news = try #require(await notifications.next()).params
            #expect(news["type"] == "enter")
            #expect(news["items"]?.object?.keys.map(\.self) == ["maker"])
            // Known to be current when its new life has told what there is.
            _ = try await poll(
                { try await host.plugin("crash")["sources"]?[0] },
                until: { $0 == ["name": "things", "live": true, "detail": "", "objects": 2] })
        }
    }

    @Test func aPluginThatDiesWhileItStartsIsLeftOut() async throws {
        try await withHost([.web(), CrashTests.crashing("dies-in-setup"), CrashTests.crashing("dies-in-start")]) {
            host in
            for id in ["dies-in-setup", "dies-in-start"] {
                let plugin = try await host.plugin(id)
                #expect(plugin["state"] == "failed")
                #expect(plugin["error"]?.string?.contains(CrashTests.fault) == true)
            }
            #expect(try await host.connect().call("system.getVersion") == "0.1")
        }
    }

    /// Every call is answered, and none twice, however often the process dies under it.
    @Test func killsUnderLoad() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            let load = Load(client)
            async let counts = load.run()
            for kills in 1...100 {
                // An administrator who does not wait until the host does it.
                let process = try await poll(
                    {
                        _ = try? await client.call("plugin.clear", params: ["id": "crash"])
                        _ = try? await client.call("plugin.load", params: ["id": "crash"])
                        return try CrashTests.children(of: host).first { $0.plugin == "crash" }
                    }, until: { $0 != nil })
                if let process { kill(process.id, SIGKILL) }
                _ = try await poll(
                    { try await host.plugin("crash")["crash"]?["count"]?.integer ?? 0 }, until: { $0 >= kills })
            }
            load.isOver.store(true, ordering: .relaxed)
            let (answered, failed) = try await counts
            #expect(answered > 0 && failed > 0)
            _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
            #expect(try await host.plugin("crash")["counters"]?["staleHandles"] == 0)
        }
    }

    @Test func whatCrashesAgainAndAgainIsPutInQuarantine() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            for crash in 1...5 {
                _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
                _ = await remoteError { try await client.call("crash.now", params: ["how": "exit"]) }
                _ = try await poll(
                    { try await host.plugin("crash")["crash"]?["count"]?.integer ?? 0 }, until: { $0 == crash })
            }
            let plugin = try await poll({ try await host.plugin("crash") }, until: { $0["state"] == "failed" })
            #expect(plugin["error"]?.string?.contains("quarantine") == true)
            // Also for whoever tries by hand, and after a restart.
            let error = await remoteError { try await client.call("plugin.load", params: ["id": "crash"]) }
            #expect(error?.message.contains("xo-cli plugin.clear id=crash") == true)
            await client.close()
            await host.stop()
            try await host.start()
            #expect(try await host.plugin("crash")["state"] == "failed")

            let again = try await host.connect()
            #expect(try await again.call("plugin.clear", params: ["id": "crash"]) == true)
            #expect(try await again.call("plugin.load", params: ["id": "crash"]) == true)
            #expect(try await again.call("crash.ping") == "pong")
            #expect(try await again.call("plugin.clear", params: ["id": "crash"]) == false)
        }
    }

    @Test(arguments: ["wrong-major", "create-fails", "setup-fails", "start-fails"])
    func whatCannotBeStartedLeavesNoProcess(_ name: String) async throws {
        try await withHost([.web(), .fixture(name, nil, CrashTests.isolated)]) { host in
            #expect(try await host.plugin(name)["state"] == "failed")
            _ = try await poll({ try CrashTests.children(of: host) }, until: { $0.allSatisfy { $0.plugin != name } })
        }
    }

    @Test func aStoppedPluginWhoseProcessDiesStartsInAnother() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            try await client.call("plugin.unload", params: ["id": "crash"])
            let process = try #require(try CrashTests.children(of: host).first { $0.plugin == "crash" })
            kill(process.id, SIGKILL)
            _ = try await poll({ try await host.plugin("crash") }, until: { $0["state"] == "unloaded" })
            #expect(try await host.fetch("/healthz").status == 200)
            try await client.call("plugin.load", params: ["id": "crash"])
            #expect(try await client.call("crash.ping") == "pong")
        }
    }

    @Test func whatCrashesCanBeUnloadedWhileItIsAway() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            // The second crash is not followed by a start at once; the fourth by none for the better part of a second.
            for crash in 1...4 {
                _ = try await poll({ try? await client.call("crash.ping") }, until: { $0 == "pong" })
                _ = await remoteError { try await client.call("crash.now", params: ["how": "exit"]) }
                _ = try await poll(
                    { try await host.plugin("crash")["crash"]?["count"]?.integer ?? 0 }, until: { $0 == crash })
            }
            let away = try await poll({ try await host.plugin("crash") }, until: { $0["state"] == "failed" })
            #expect(away["sources"]?[0]?["live"] == false)
            #expect(away["sources"]?[0]?["objects"] == 2)
            #expect(away["sources"]?[0]?["detail"]?.string?.contains("crashed") == true)
            let metrics = try await host.fetch("/metrics").body
            #expect(metrics.contains("xo_objects_stale 2\n"))
            #expect(try await client.call("plugin.unload", params: ["id": "crash"]) == true)
            #expect(try await host.plugin("crash")["state"] == "unloaded")
            #expect(try await client.objects(["type": "thing"]).isEmpty)
            #expect(await remoteError { try await client.call("crash.ping") }?.code == -32601)
        }
    }

    /// The host keeps the socket: who connects while the transport is away waits, and is served.
    @Test func aTransportThatCrashesKeepsItsPort() async throws {
        let edge = JSON.plugin(
            "edge", try BuildProducts.plugin("WebTransport"), ["listen": [["port": 0]]], CrashTests.isolated)
        try await withHost([.web(), edge]) { host in
            let url = try #require(
                try await host.logLine { $0.source == "edge" && $0.message == "listening" }["url"])
            for crash in 1...3 {
                let process = try #require(try CrashTests.children(of: host).first { $0.plugin == "edge" })
                // Nobody accepts any more, but for the kernel.
                kill(process.id, SIGSTOP)
                _ = try await poll(
                    { try CrashTests.children(of: host).first { $0.id == process.id }?.state }, until: { $0 == "T" })
                let head = try await withConnection(to: url) { connection in
                    try await connection.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    kill(process.id, SIGKILL)
                    return try await connection.readHead()
                }
                #expect(head.hasPrefix("HTTP/1.1 200 "))
                #expect(try await host.plugin("edge")["crash"]?["count"] == JSON(crash))
            }
            // One that is stopped takes no connections any more.
            let client = try await host.connect()
            try await client.call("plugin.unload", params: ["id": "edge"])
            await #expect(throws: (any Error).self) {
                try await withConnection(to: url) { try await $0.readHead() }
            }
        }
    }

    /// A plugin that takes the host along is kept out of it from then on.
    @Test(arguments: ["segv", "abort", "exit", "thread", "overflow"])
    func whatCrashesTheHostIsIsolatedAtTheNextStart(_ how: String) async throws {
        let inside = try JSON.fixture("crash", nil, ["isolation": "host"])
        try await withHost([.web(), inside]) { host in
            let client = try await host.connect()
            #expect(try await host.plugin("crash")["isolation"] == "host")
            await #expect(throws: (any Error).self) {
                try await client.call("crash.now", params: ["how": .string(how)])
            }
            try await host.waitForEnd()
            try await host.start()
            let warning = try await host.logLine { $0.source == "crash" && $0.level == "warning" }
            #expect(
                warning.message.hasPrefix("started in a process of its own: it ")
                    && warning.message.contains("the host"))
            #expect(try await host.plugin("crash")["isolation"] == "process")

            let again = try await host.connect()
            #expect(try await again.call("crash.ping") == "pong")
            #expect(try await again.call("plugin.clear", params: ["id": "crash"]) == true)
            try await again.call("plugin.unload", params: ["id": "crash"])
            try await again.call("plugin.load", params: ["id": "crash"])
            #expect(try await host.plugin("crash")["isolation"] == "process", "a stopped instance goes on where it is")
            await again.close()
            await host.stop()
            try await host.start()
            #expect(try await host.plugin("crash")["isolation"] == "host")
            // Whoever ends the host from outside is no plugin.
            await host.kill()
            try await host.start()
            #expect(try await host.plugin("crash")["isolation"] == "host")
        }
    }

    /// Before the host knows any of its code.
    @Test func whatCrashesTheHostWhenItIsOpenedIsIsolated() async throws {
        try await withHost([.web()]) { host in
            await host.stop()
            try host.write(HostConfiguration([.web(), .fixture("dies-when-opened", nil, ["isolation": "host"])]))
            _ = try await host.launch().exitStatus()
            try await host.start()
            #expect(try await host.plugin("dies-when-opened")["isolation"] == "process")
            #expect(try await host.connect().call("diesWhenOpened.ping") == "pong")
        }
    }

    @Test func noProcessOutlivesTheHost() async throws {
        try await withHost([.web(), CrashTests.crashing()]) { host in
            let client = try await host.connect()
            let pid = try #require(try await client.object(["id": "maker"])?["pid"]?.integer)
            await client.close()
            await host.kill()
            _ = try await poll({ kill(pid_t(pid), 0) }, until: { $0 != 0 })
        }
    }

    /// What a runner gets of the host: no secret in its environment, no descriptor but its own.
    @Test func aRunnerInheritsNothing() async throws {
        let environment = TestHost.administrator(and: ["XO_SECRET": "hush"])
        try await withHost([.web(), CrashTests.crashing()], environment: environment) { host in
            let pid = try #require(
                try await host.connect().object(["id": "maker"])?["pid"]?.integer)
            let variables = try String(contentsOfFile: "/proc/\(pid)/environ", encoding: .utf8)
            #expect(!variables.contains("XO_"))
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
            #expect(Set(descriptors) == ["0", "1", "2", "3"])
        }
    }

    /// Calls all the time, eight at once.
    private final class Load: Sendable {
        let isOver = Atomic(false)
        private let client: XOClient

        init(_ client: XOClient) { self.client = client }

        /// How many calls were answered, and how many failed because of the plugin.
        func run() async throws -> (answered: Int, failed: Int) {
            try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for _ in 0..<8 { group.addTask { try await self.work() } }
                return try await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
            }
        }

        private func work() async throws -> (Int, Int) {
            var counts = (answered: 0, failed: 0)
            while !isOver.load(ordering: .relaxed) {
                do {
                    let answer = try await client.call("crash.ping")
                    #expect(answer == "pong")
                    counts.answered += 1
                } catch let error as RemoteError {
                    #expect(error.message.contains("crash"), "\(error)")
                    counts.failed += 1
                }
            }
            return counts
        }
    }

    private struct Child {
        let id: pid_t
        let state: String
        /// What it was started for; `nil` if it has ended.
        let plugin: String?
    }

    private static func children(of host: TestHost) throws -> [Child] {
        let tasks = "/proc/\(host.processID)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
            let text = (try? String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { number -> Child? in
                guard let id = pid_t(number),
                    let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                    let end = stat.lastIndex(of: ")")
                else { return nil }
                let arguments = try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)
                let plugin = arguments?.split(separator: "\0").last.map(String.init)
                return Child(id: id, state: String(stat[end...].split(separator: " ")[1]), plugin: plugin)
            }
        }
    }
}
