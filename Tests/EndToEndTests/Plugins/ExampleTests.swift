import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// The examples for plugin authors, and what every plugin that we build must be like.
@Suite struct ExampleTests {
    @Test func thePluginInCGreetsAndPublishes() async throws {
        try await withHost([.web(), .fixture("hello-c", id: "hello")]) { host in
            let client = try await host.connect()
            #expect(try await client.call("hello.greet", params: ["name": "Ada \"\\\n"]) == "Hello, Ada \"\\\n!")
            #expect(
                try await client.objects()
                    == ["hello": ["id": "hello", "type": "greeting", "name_label": "Hello"]])
        }
    }

    @Test func thePluginInSwiftDoesWhatItPromises() async throws {
        let plugin = JSON.plugin("hello", try BuildProducts.swiftExample())
        try await withHost([.web(), plugin]) { host in
            let client = try await host.connect()
            #expect(try await client.call("hello.greet", params: ["name": "Ada"]) == "Hello, Ada!")
            #expect(try await client.call("hello.greet", params: ["name": "Ada", "loud": true]) == "HELLO, ADA!")
            #expect(try await client.call("hello.count") == 0)
            #expect(try await client.objects(["type": "greeting"]).count == 1)
            #expect(try await host.fetch("/hello").body == "Hello, visitor 1!\n")
            #expect(try await host.fetch("/hello").body == "Hello, visitor 2!\n")
            #expect(try await client.call("hello.visits") == 2)
            let info = try await client.call("system.getMethodsInfo")["hello.greet"]
            #expect(info?["params"]?["name"]?["type"] == "string")
            #expect(info?["params"]?["loud"]?["optional"] == true)
            try await OpenMetrics.wait(for: #"hello_greetings_total{plugin="hello"}"#, 4, of: host)

            try await client.call("plugin.unload", params: ["id": "hello"])
            #expect(try await host.fetch("/hello").status == 404)
            #expect(try await client.objects() == [:])
            try await client.call("plugin.load", params: ["id": "hello"])
            #expect(try await host.fetch("/hello").status == 200)
            #expect(try await client.objects().count == 1)

            #expect(await host.stop() == 0)
            try await host.start()
            #expect(try await host.fetch("/hello").body == "Hello, visitor 4!\n", "the store survives a restart")
        }
    }

    @Test(arguments: [false, true])
    func aNewGreetingIsSeenByWhoeverIsConnected(_ isSwift: Bool) async throws {
        let library = isSwift ? try BuildProducts.swiftExample() : try BuildProducts.fixture("hello-c")
        try await withHost([.web(), .plugin("hello", library)]) { host in
            let client = try await host.connect()
            var notifications = client.notifications.makeAsyncIterator()
            try await host.reload(HostConfiguration([.web(), .plugin("hello", library, ["greeting": "Bonjour"])]))
            let enter = await notifications.next()
            #expect(enter?.method == "all")
            #expect(
                enter?.params
                    == [
                        "type": "enter",
                        "items": ["hello": ["id": "hello", "type": "greeting", "name_label": "Bonjour"]],
                    ])
            try await client.call("plugin.unload", params: ["id": "hello"])
            #expect(await notifications.next()?.params == ["type": "exit", "items": ["hello": 0]])
        }
    }

    @Test(arguments: ["WebTransport", "XAPI", "DemoPool", "AuthGitHub", "hello-c", "passwd-c", "HelloSwift"])
    func aPluginExportsItsEntryAndNothingElse(_ name: String) async throws {
        let library =
            switch name {
            case "hello-c", "passwd-c": try BuildProducts.fixture(name)
            case "HelloSwift": try BuildProducts.swiftExample()
            default: try BuildProducts.plugin(name)
            }
        let outcome = try await Program.run(
            URL(filePath: "/usr/bin/env"), ["nm", "-D", "--defined-only", "--extern-only", "--format=posix", library])
        let symbols = outcome.output.split(separator: "\n").map { $0.split(separator: " ")[0] }
        #expect(symbols == ["xo_plugin_entry"])
    }
}
