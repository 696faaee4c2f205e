import Foundation
import TestSupport
import Testing
import XAPISimulator
import XOClient
import XOJSON

/// From the command line through the host to a pool, and back.
@Suite struct PoolTests {
    /// Runs `body` with a simulated pool that is registered with a host.
    private static func withPool(
        _ configuration: SimulatedPool.Configuration = .init(virtualMachines: 12, guestAgentDelay: .zero),
        _ body: (TestHost, XOClient, SimulatedPool) async throws -> Void
    ) async throws {
        let pool = try await SimulatedPool.start(configuration)
        do {
            try await withHost([.web(), .xapi()]) { host in
                let client = try await host.connect()
                try await add(pool, to: client)
                try await body(host, client, pool)
            }
        } catch {
            await pool.stop()
            throw error
        }
        await pool.stop()
    }

    /// Registers a pool and waits until it is connected.
    @discardableResult
    private static func add(_ pool: SimulatedPool, to client: XOClient) async throws -> JSON {
        let id = try await client.call(
            "server.add",
            params: ["host": .string(pool.url), "username": "root", "password": "password", "label": "test"])
        try await waitForStatus("connected", of: id, client)
        return id
    }

    @discardableResult
    private static func waitForStatus(_ status: JSON, of id: JSON, _ client: XOClient) async throws -> JSON {
        try await poll(
            { try await client.call("server.getAll").array?.first { $0["id"] == id } ?? [:] },
            until: { $0["status"] == status })
    }

    // MARK: Objects

    @Test func everythingInThePoolIsListed() async throws {
        try await PoolTests.withPool { host, client, pool in
            let objects = try await client.objects()
            let types = Dictionary(grouping: objects.values) { $0["type"]?.string ?? "" }
            #expect(
                Set(types.keys).isSuperset(
                    of: [
                        "pool", "host", "VM", "VM-template", "VM-snapshot", "VM-controller", "SR", "VDI", "VBD", "VIF",
                        "PIF", "PBD", "network",
                    ]))
            #expect(types["pool"]?.count == 1)
            #expect(types["host"]?.count == 3)
            #expect(types["VM"]?.count == 12)
            #expect(types["VM-controller"]?.count == 3)
            for name in ["SR", "network", "VBD", "VIF"] {
                let count = await pool.records(of: name).count
                #expect(types[name]?.count == count, "\(name)")
            }
            let poolID = types["pool"]?.first?["id"]
            for (id, object) in objects {
                #expect(object["id"]?.string == id)
                #expect(object["$pool"] == poolID && object["$poolId"] == poolID, "\(id)")
                #expect(object["_xapiRef"]?.string?.hasPrefix("OpaqueRef:") == true, "\(id)")
            }
            // Links lead to objects.
            for machine in types["VM"] ?? [] {
                #expect(objects[machine["$container"]?.string ?? ""] != nil)
                for id in machine["$VBDs"]?.array ?? [] { #expect(objects[id.string ?? ""]?["type"] == "VBD") }
                for id in machine["VIFs"]?.array ?? [] { #expect(objects[id.string ?? ""]?["type"] == "VIF") }
            }
        }
    }

    @Test func aListingCanBeFiltered() async throws {
        try await PoolTests.withPool { host, client, pool in
            let all = try await client.objects(["type": "VM"])
            let running = try await client.objects(["type": "VM", "power_state": "Running"])
            #expect(!running.isEmpty && running.count < all.count)
            #expect(try await client.objects(.string("type:/^VM$/ power_state:Running")) == running)
            #expect(
                try await client.objects(.string("type:/^VM$/ !power_state:Running")).count == all.count - running.count
            )
            #expect(
                try await client.call("xo.getAllObjects", params: ["filter": ["type": "VM"], "limit": 5]).object?.count
                    == 5)
            let wrong = await remoteError { try await client.objects(.string("type:(VM")) }
            #expect(wrong?.code == 10)
        }
    }

    @Test func theServerIsDescribed() async throws {
        try await PoolTests.withPool { host, client, pool in
            let server = try #require(try await client.call("server.getAll")[0])
            let poolObject = try #require(try await client.object(["type": "pool"]))
            #expect(server["host"] == .string(pool.url))
            #expect(server["label"] == "test")
            #expect(server["username"] == "root")
            #expect(server["enabled"] == true)
            #expect(server["status"] == "connected")
            #expect(server["error"] == nil)
            #expect(server["readOnly"] == false)
            #expect(server["poolId"] == poolObject["id"])
            #expect(server["master"] == poolObject["master"])
            #expect(server["poolNameLabel"] == poolObject["name_label"])
            #expect(!"\(server)".contains("password"), "a password is never told")
            #expect(!(try String(contentsOfFile: host.folder.path("plugins.json"), encoding: .utf8)).contains("root"))

            let twice = await remoteError { try await PoolTests.add(pool, to: client) }
            #expect(twice?.code == 16)
        }
    }

    // MARK: The command line

    @Test func machinesAreListedAndStartedFromTheCommandLine() async throws {
        try await PoolTests.withPool { host, client, pool in
            let tool = try await CommandLineTool.registered(with: host)
            let machines = try #require(try await tool.json("list-objects", "type=VM", "power_state=Halted").array)
            let machine = try #require(machines.first)
            let id = try #require(machine["id"]?.string)
            #expect(try await client.objects()[id] == machine)

            let watch = try tool.start("watch", "--ndjson")
            // It watches as soon as it has signed in; until then there is nothing that it could miss.
            _ = try await poll(
                { try OpenMetrics.samples(in: try await host.fetch("/metrics").body) },
                until: { $0[#"websocket_sessions_open{plugin="web"}"#] == 2 })
            for (command, state) in [
                ("vm.start", "Running"), ("vm.pause", "Paused"), ("vm.start", "Running"), ("vm.suspend", "Suspended"),
                ("vm.resume", "Running"), ("vm.restart", "Running"), ("vm.stop", "Halted"),
            ] {
                let force = command == "vm.stop" || command == "vm.restart"
                let outcome =
                    force
                    ? try await tool.run(command, "id=\(id)", "force=true") : try await tool.run(command, "id=\(id)")
                #expect(outcome.status == 0, "\(command): \(outcome.errors)")
                #expect(outcome.output == "true\n")
                _ = try await poll({ try await client.objects()[id] }, until: { $0?["power_state"]?.string == state })
            }
            for state in ["Running", "Paused", "Suspended", "Halted"] {
                let line = await watch.output.firstLine {
                    let items = (try? JSON(parsing: $0))?["params"]?["items"]
                    return items?[id]?["power_state"]?.string == state
                }
                #expect(line != nil, "watch has shown \(state)")
            }
            watch.send(SIGINT)
            let outcome = await watch.outcome()
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("Number of notifications per method:\n  all: "))
        }
    }

    @Test func errorsOfThePoolReachTheCommandLine() async throws {
        try await PoolTests.withPool { host, client, pool in
            let tool = try await CommandLineTool.registered(with: host)
            let running = try #require(
                try await client.object(["type": "VM", "power_state": "Running"])?["id"]?.string)
            let outcome = try await tool.run("vm.start", "id=\(running)")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("VM state is running but should be halted"))
            let error = try #require(
                await remoteError { try await client.call("vm.start", params: ["id": .string(running)]) })
            #expect(error.code == 13)
            #expect(error.data?["objectId"]?.string == running)
            let unknown = try await tool.run("vm.start", "id=nobody")
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("no such VM nobody"))
            let wrong = try await tool.run("vm.start", "id=json:5")
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains("property @./id: must be string"))
        }
    }

    @Test func aMachineIsRenamedAndTagged() async throws {
        try await PoolTests.withPool { host, client, pool in
            let tool = try await CommandLineTool.registered(with: host)
            let machine = try #require(try await client.object(["type": "VM", "power_state": "Halted"]))
            let id = try #require(machine["id"]?.string)
            #expect(
                try await tool.run("vm.set", "id=\(id)", "name_label=renamed", "name_description=by a test").status == 0
            )
            #expect(try await tool.run("tag.add", "id=\(id)", "tag=production").status == 0)
            let changed = try await poll(
                { try await client.objects()[id] ?? [:] },
                until: { $0["tags"]?.array?.contains("production") == true })
            #expect(changed["name_label"] == "renamed")
            #expect(changed["name_description"] == "by a test")
            let listed = try await tool.json("list-objects", #"tags=json:["production"]"#)
            #expect(listed == [changed])
            let record = await pool.records(of: "VM")[machine["_xapiRef"]?.string ?? ""]
            #expect(record?["name_label"] == "renamed")
        }
    }

    @Test func theListingOfLinesIsTheSameAsTheMap() async throws {
        try await PoolTests.withPool { host, client, pool in
            let tool = try await CommandLineTool.registered(with: host)
            let file = tool.folder.path("objects.ndjson")
            let outcome = try await tool.run("xo.getAllObjects", "ndjson=true", "@=\(file)")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            let objects = try lines.map { try JSON(parsing: String($0)) }
            #expect(objects == Array(try await client.objects().values))
        }
    }

    // MARK: Changes

    @Test func changesInThePoolAreTold() async throws {
        try await PoolTests.withPool { host, client, pool in
            let machine = try #require(try await client.object(["type": "VM", "power_state": "Halted"]))
            let (id, ref) = (try #require(machine["id"]?.string), try #require(machine["_xapiRef"]?.string))
            let listener = try await host.connect()
            var notifications = listener.notifications.makeAsyncIterator()
            try await pool.change(ref, ["name_label": "changed"])
            var seen: JSON?
            while seen == nil, let next = await notifications.next() {
                #expect(next.method == "all")
                if next.params["type"] == "enter" { seen = next.params["items"]?[id] }
            }
            #expect(seen?["name_label"] == "changed")
            #expect(try await client.objects()[id] == seen, "the whole object, as it is listed")

            try await pool.destroy(ref)
            var isGone = false
            while !isGone, let next = await notifications.next() {
                isGone = next.params["type"] == "exit" && next.params["items"]?[id] == 0
            }
            #expect(isGone)
            #expect(try await client.objects()[id] == nil)
        }
    }

    @Test func removingTheServerRemovesItsObjects() async throws {
        try await PoolTests.withPool { host, client, pool in
            let id = try #require(try await client.call("server.getAll")[0]?["id"])
            let count = try await client.objects().count
            var notifications = client.notifications.makeAsyncIterator()
            #expect(try await client.call("server.disable", params: ["id": id]) == true)
            var gone = 0
            while gone < count, let next = await notifications.next() {
                if next.params["type"] == "exit" { gone += next.params["items"]?.object?.count ?? 0 }
            }
            #expect(try await client.objects() == [:])
            let server = try #require(try await client.call("server.getAll")[0])
            #expect(server["status"] == "disconnected")
            #expect(server["enabled"] == false)

            #expect(try await client.call("server.enable", params: ["id": id]) == true)
            #expect(try await client.objects().count == count)
            #expect(try await client.call("server.remove", params: ["id": id]) == true)
            #expect(try await client.call("server.getAll") == [])
            #expect(try await client.objects() == [:])
        }
    }

    /// A plugin that calls for somebody has that one's rights, and one that subscribes hears of all changes.
    @Test func pluginsWorkWithThePoolForTheirCallers() async throws {
        try await PoolTests.withPool { host, client, pool in
            try await host.addUser("bob", "secret")
            let hello = JSON.plugin("hello", try BuildProducts.swiftExample())
            try await host.reload(HostConfiguration([.web(), .xapi(), hello]))
            let bob = try await host.connect(as: "bob", "secret")
            #expect(try await client.call("hello.count") == 12)
            #expect(try await bob.call("hello.count") == 0)

            let machine = try #require(try await client.object(["type": "VM", "power_state": "Halted"]))
            try await pool.change(machine["_xapiRef"]?.string ?? "", ["name_label": "changed"])
            _ = try await poll(
                { try OpenMetrics.samples(in: try await host.fetch("/metrics").body) },
                until: { $0[#"hello_vm_changes_total{plugin="hello"}"#] == 1 })
        }
    }

    // MARK: Trouble

    @Test func aServerThatRestartsIsConnectedAgain() async throws {
        try await PoolTests.withPool { host, client, pool in
            let id = try #require(try await client.call("server.getAll")[0]?["id"])
            let machine = try #require(try await client.object(["type": "VM", "power_state": "Halted"]))
            let ref = try #require(machine["_xapiRef"]?.string)
            for round in 1...3 {
                await pool.restart()
                try await pool.change(ref, ["name_label": "round \(round)"] as [String: JSON])
                _ = try await poll(
                    { try await client.object(["name_label": "round \(round)"] as JSON) }, until: { $0 != nil })
                let server = try await PoolTests.waitForStatus("connected", of: id, client)
                #expect(server["status"] == "connected")
            }
            #expect(try await client.objects(["type": "VM"]).count == 12)
        }
    }

    @Test func aServerThatGoesAwayAndComesBack() async throws {
        let first = try await SimulatedPool.start(.init(virtualMachines: 5))
        try await withHost([.web(), .xapi(["markDisconnectedDelayMilliseconds": 1])]) { host in
            let client = try await host.connect()
            let id = try await PoolTests.add(first, to: client)
            #expect(try await client.objects(["type": "VM"]).count == 5)
            await first.stop()
            let lost = try await poll(
                { try await client.call("server.getAll")[0] ?? [:] }, until: { $0["status"] != "connected" })
            #expect(lost["error"]?["message"]?.string?.isEmpty == false)
            _ = try await poll({ try await client.objects() }, until: \.isEmpty)

            let second = try await SimulatedPool.start(.init(virtualMachines: 5, port: first.port))
            let back = try await PoolTests.waitForStatus("connected", of: id, client)
            #expect(back["error"] == nil)
            #expect(try await client.objects(["type": "VM"]).count == 5)
            await second.stop()
        }
    }

    @Test func garbageIsShownAndOutlived() async throws {
        let pool = try await SimulatedPool.start(.init(virtualMachines: 5))
        for fault in [Fault.garbage, .dropConnection] {
            await pool.inject(fault)
            try await withHost([.web(), .xapi()]) { host in
                let client = try await host.connect()
                let id = try await client.call(
                    "server.add", params: ["host": .string(pool.url), "username": "root", "password": "password"])
                let ill = try await poll(
                    { try await client.call("server.getAll")[0] ?? [:] }, until: { $0["error"] != nil })
                #expect(ill["id"] == id)
                #expect(ill["status"] != "connected")
                #expect(try await client.objects() == [:])
                await pool.heal()
                let well = try await PoolTests.waitForStatus("connected", of: id, client)
                #expect(well["error"] == nil)
            }
        }
        await pool.stop()
    }

    @Test func aServerThatStallsHoldsNobodyUp() async throws {
        let pool = try await SimulatedPool.start(.init(virtualMachines: 5))
        await pool.inject(.stall)
        try await withHost([.web(), .xapi(["callTimeoutMilliseconds": 500])]) { host in
            let client = try await host.connect()
            let id = try await client.call(
                "server.add", params: ["host": .string(pool.url), "username": "root", "password": "password"])
            #expect(try await client.call("system.getVersion") == "0.1")
            let ill = try await poll(
                { try await client.call("server.getAll")[0] ?? [:] }, until: { $0["error"] != nil })
            #expect(ill["error"]?["message"]?.string?.contains("has not answered") == true)
            await pool.heal()
            try await PoolTests.waitForStatus("connected", of: id, client)
            await pool.inject(.stall)
            #expect(await host.stop() == 0)
        }
        await pool.stop()
    }

    @Test func aWrongPasswordIsToldAndNotTriedForEver() async throws {
        let pool = try await SimulatedPool.start(.init(virtualMachines: 0))
        try await withHost([.web(), .xapi()]) { host in
            let client = try await host.connect()
            let id = try await client.call(
                "server.add",
                params: [
                    "host": .string(pool.url), "username": "root", "password": "not the password", "autoConnect": false,
                ])
            let disabled = try await client.call("server.getAll")[0]
            #expect(disabled?["status"] == "disconnected")
            let error = await remoteError { try await client.call("server.enable", params: ["id": id]) }
            #expect(error?.code == 8)
            let server = try await poll(
                { try await client.call("server.getAll")[0] ?? [:] }, until: { $0["error"] != nil })
            #expect(server["status"] == "disconnected")
            #expect(!"\(host.log)".contains("not the password"))

            try await client.call("server.disable", params: ["id": id])
            try await client.call("server.set", params: ["id": id, "password": "password"])
            try await client.call("server.enable", params: ["id": id])
            try await PoolTests.waitForStatus("connected", of: id, client)
        }
        await pool.stop()
    }

    @Test func nobodyIsThere() async throws {
        try await withHost([.web(), .xapi()]) { host in
            let client = try await host.connect()
            let id = try await client.call(
                "server.add",
                params: ["host": "http://127.0.0.1:1", "username": "root", "password": "x", "autoConnect": false])
            let error = await remoteError { try await client.call("server.enable", params: ["id": id]) }
            #expect(error?.code == 9)
            #expect(error?.data?["objectId"] == id)
            let wrong = await remoteError {
                try await client.call(
                    "server.add", params: ["host": "http://bad host/", "username": "root", "password": "x"])
            }
            #expect(wrong?.code == 10)
        }
    }

    @Test func aPoolWithTLSIsPinned() async throws {
        let pool = try await SimulatedPool.start(.init(virtualMachines: 1, tls: true))
        try await withHost([.web(), .xapi()]) { host in
            let client = try await host.connect()
            let id = try await client.call(
                "server.add", params: ["host": .string(pool.url), "username": "root", "password": "password"])
            let refused = try await poll(
                { try await client.call("server.getAll")[0] ?? [:] }, until: { $0["error"] != nil })
            #expect(refused["error"]?["message"]?.string?.contains("certificate") == true)
            try await client.call("server.disable", params: ["id": id])
            try await client.call("server.set", params: ["id": id, "allowUnauthorized": true])
            try await client.call("server.enable", params: ["id": id])
            try await PoolTests.waitForStatus("connected", of: id, client)
            #expect(try await client.objects(["type": "VM"]).count == 1)
        }
        await pool.stop()
    }

    @Test func aReadOnlyServerIsNotChanged() async throws {
        try await PoolTests.withPool { host, client, pool in
            let server = try #require(try await client.call("server.getAll")[0]?["id"])
            try await client.call("server.set", params: ["id": server, "readOnly": true])
            let machine = try #require(try await client.object(["type": "VM", "power_state": "Halted"]))
            let error = await remoteError { try await client.call("vm.start", params: ["id": machine["id"] ?? ""]) }
            #expect(error != nil)
            let record = await pool.records(of: "VM")[machine["_xapiRef"]?.string ?? ""]
            #expect(record?["power_state"] == "Halted")
        }
    }

    // MARK: The demonstration

    @Test func theDemoPoolRegistersItselfOnceAndForAll() async throws {
        let demo = JSON.plugin(
            "demo", try BuildProducts.plugin("DemoPool"), ["hosts": 2, "virtualMachines": 7],
            ["grants": ["calls.as-service"]])
        try await withHost([.web(), .xapi(), demo]) { host in
            for _ in 1...2 {
                let client = try await host.connect()
                let servers = try await client.call("server.getAll").array ?? []
                #expect(servers.count == 1)
                try await PoolTests.waitForStatus("connected", of: servers.first?["id"] ?? "", client)
                #expect(try await client.objects(["type": "VM"]).count == 7)
                #expect(await host.stop() == 0)
                try await host.start()
            }
        }
    }

    @Test func theDemoPoolNeedsThePoolsPluginAndTheGrant() async throws {
        let demo = JSON.plugin("demo", try BuildProducts.plugin("DemoPool"))
        try await withHost([.web(), demo]) { host in
            let plugin = try await host.plugin("demo")
            #expect(plugin["state"] == "failed")
            #expect(plugin["error"]?.string?.contains("xapi.servers") == true)
        }
        try await withHost([.web(), .xapi(), demo]) { host in
            let plugin = try await host.plugin("demo")
            #expect(plugin["state"] == "failed")
            #expect(plugin["error"]?.string?.contains("calls.as-service") == true, "\(plugin)")
        }
    }
}
