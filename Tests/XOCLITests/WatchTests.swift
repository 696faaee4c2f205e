import Testing
import XOJSON

@Suite struct WatchTests {
    private static let notifying: [String: ScriptedServer.Method] = [
        "session.signIn": { call in
            call.reply(["email": "alice@example.net"])
            call.connection.notify("rare", ["n": 0])
            call.connection.notify("all", ["type": "exit", "items": ["b": 0]])
            call.connection.notify("all", ["type": "enter", "items": ["b": ["id": "b"]]])
        }
    ]

    @Test func interruptPrintsASummary() async throws {
        try await ScriptedServer.run(methods: WatchTests.notifying) { server in
            let running = try CommandLineTool(server: server).start(["watch"])
            try await running.waitForOutput("enter")
            running.interrupt()
            let outcome = await running.finish()
            #expect(
                outcome.output == """
                    rare { n: 0 }

                    all { items: { b: 0 }, type: 'exit' }

                    all { items: { b: { id: 'b' } }, type: 'enter' }


                    """)
            #expect(outcome.errors == "\nNumber of notifications per method:\n  all: 2\n  rare: 1\n")
            #expect(outcome.status == 0)
            #expect(await server.closeFrame() == [0x03, 0xE8])
        }
    }

    @Test func linesOfJSON() async throws {
        try await ScriptedServer.run(methods: WatchTests.notifying) { server in
            let running = try CommandLineTool(server: server).start(["watch", "--ndjson"])
            try await running.waitForOutput("enter")
            running.interrupt()
            let outcome = await running.finish()
            #expect(
                outcome.output == """
                    {"method":"rare","params":{"n":0}}
                    {"method":"all","params":{"type":"exit","items":{"b":0}}}
                    {"method":"all","params":{"type":"enter","items":{"b":{"id":"b"}}}}

                    """)
        }
    }

    @Test func endsWithTheConnection() async throws {
        try await ScriptedServer.run(methods: [
            "session.signIn": { call in
                call.reply(["email": "alice@example.net"])
                call.connection.close(code: 1001, reason: "")
            }
        ]) { server in
            let outcome = try await CommandLineTool(server: server).run("watch")
            #expect(outcome.status == 0)
            #expect(outcome.output == "")
        }
    }

    @Test func slowReaderLosesNothing() async throws {
        let count = 20_000
        try await ScriptedServer.run(methods: [
            "session.signIn": { call in
                call.reply(["email": "alice@example.net"])
                for index in 0..<count { call.connection.notify("all", ["index": JSON(index)]) }
                call.connection.close(code: 1000, reason: "")
            }
        ]) { server in
            let outcome = try await CommandLineTool(server: server).run("watch", "--ndjson")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count == count)
            #expect(lines.last == #"{"method":"all","params":{"index":\#(count - 1)}}"#)
        }
    }
}
