import Testing
import XOJSON

/// What goes wrong, how it is told, and the exit status 1.
@Suite struct ErrorTests {
    private func run(_ error: @escaping ScriptedServer.Method) async throws -> CommandLineTool.Outcome {
        var outcome: CommandLineTool.Outcome?
        try await ScriptedServer.run(methods: ["test.fail": error]) { server in
            outcome = try await CommandLineTool(server: server).run("test.fail")
        }
        let result = try #require(outcome)
        #expect(result.status == 1)
        #expect(result.output == "")
        return result
    }

    @Test func errorsOfTheServer() async throws {
        let outcome = try await run {
            $0.fail(1, "no such VM x", data: ["type": "VM", "id": "x"])
        }
        #expect(
            outcome.errors == "✖ JsonRpcError: no such VM x {\n  code: 1,\n  data: { id: 'x', type: 'VM' }\n}\n")
    }

    @Test func errorsWithoutData() async throws {
        let outcome = try await run { $0.fail(2, "not enough permissions") }
        #expect(outcome.errors == "✖ JsonRpcError: not enough permissions {\n  code: 2,\n  data: undefined\n}\n")
    }

    @Test func invalidParametersAreListed() async throws {
        let outcome = try await run {
            $0.fail(
                10, "invalid parameters",
                data: [
                    "errors": [
                        ["instancePath": "", "message": "must have required property 'id'"],
                        ["instancePath": "/name", "message": "must be string"],
                        ["field": "data", "message": "is the wrong type"],
                    ]
                ])
        }
        #expect(
            outcome.errors == """
                ✖ invalid parameters
                  property @: must have required property 'id'
                  property @./name: must be string
                  property @: is the wrong type

                """)
    }

    @Test func invalidParametersWithoutList() async throws {
        let outcome = try await run { $0.fail(10, "conflicting keys") }
        #expect(outcome.errors.hasPrefix("✖ JsonRpcError: conflicting keys {\n  code: 10,"))
    }

    @Test func unknownMethod() async throws {
        try await ScriptedServer.run { server in
            let outcome = try await CommandLineTool(server: server).run("no.such")
            #expect(outcome.errors.hasPrefix("✖ JsonRpcError: method not found: no.such {\n  code: -32601,"))
            #expect(outcome.status == 1)
        }
    }

    @Test func refusedToken() async throws {
        try await ScriptedServer.run { server in
            let outcome = try await CommandLineTool(server: server, token: "stale").run("test.get")
            #expect(outcome.errors.hasPrefix("✖ JsonRpcError: invalid credentials {\n  code: 3,"))
            #expect(outcome.errors.contains("xo-cli register"))
            #expect(outcome.status == 1)
        }
    }

    @Test func connectionLostInTheMiddle() async throws {
        let closed = try await run { $0.connection.close(code: 1012, reason: "restarting") }
        #expect(closed.errors.contains("lost: closed by the server with code 1012, \"restarting\""))
        let dropped = try await run { $0.connection.drop() }
        #expect(dropped.errors.contains("lost: the server closed it"))
    }

    @Test func unreachableServer() async throws {
        // A port that was just free: its server is closed again.
        var port = 0
        try await ScriptedServer.run { port = $0.port }
        let outcome = try await CommandLineTool().run("--url", "http://token@127.0.0.1:\(port)", "test.get")
        #expect(outcome.errors.hasPrefix("✖ cannot connect to 127.0.0.1:\(port): Connection refused\n"))
        #expect(outcome.errors.contains("firewalls"))
        #expect(!outcome.errors.contains("token@"))
        #expect(outcome.status == 1)
    }

    @Test func encryptionWhereThereIsNone() async throws {
        try await ScriptedServer.run { server in
            let outcome = try await CommandLineTool().run("--url", "https://token@127.0.0.1:\(server.port)", "x.y")
            #expect(outcome.errors.hasPrefix("✖ no encrypted connection with 127.0.0.1:\(server.port)"))
            #expect(outcome.errors.contains("`http://`"))
            #expect(outcome.status == 1)
        }
    }

    @Test func noServerAtThisPath() async throws {
        try await ScriptedServer.run { server in
            let outcome = try await CommandLineTool().run("-u", "http://token@127.0.0.1:\(server.port)/xo/", "x.y")
            #expect(outcome.errors.hasPrefix("✖ 127.0.0.1:\(server.port) refused the WebSocket: 404 Not Found\n"))
            #expect(server.exchanges.map(\.target) == ["/xo/api/"])
            #expect(outcome.status == 1)
        }
    }

    @Test(arguments: [
        "ftp://t@host", "http://t@", "http://t@host:0", "http://t@host:99999", "http://t@[::1", "http://t@::1",
        "http://t@ho st",
    ])
    func malformedAddress(_ url: String) async throws {
        let outcome = try await CommandLineTool().run("--url", url, "x.y")
        #expect(outcome.errors.hasPrefix("✖ invalid server address: "))
        #expect(outcome.status == 1)
    }

    @Test func missingOptionValue() async throws {
        for option in ["--url", "-u"] {
            let outcome = try await CommandLineTool().run(option)
            #expect(outcome.errors == "✖ missing value for option \(option)\n")
            #expect(outcome.status == 1)
        }
    }

    @Test(arguments: [nil, "", "not JSON", "[]", #"{"token":"x"}"#])
    func nothingRegistered(_ configuration: String?) async throws {
        let tool = try CommandLineTool()
        if let configuration { try tool.write(configuration) }
        let outcome = try await tool.run("test.get")
        let help = try await tool.run("help").output
        #expect(
            outcome.errors
                == "✖ Please use `xo-cli register` to associate with an XO instance first.\n\n\(help)")
        #expect(outcome.status == 1)
    }

    @Test func noToken() async throws {
        let tool = try CommandLineTool()
        try tool.register(["server": "http://127.0.0.1"])
        #expect(try await tool.run("test.get").errors.hasPrefix("✖ no token available"))
        #expect(try await tool.run("-u", "http://127.0.0.1", "test.get").errors.hasPrefix("✖ no token available"))
    }

    @Test func crossIsRedWhereColoursAreWanted() async throws {
        let tool = try CommandLineTool(variables: ["FORCE_COLOR": "1"])
        #expect(try await tool.run("call").errors == "\u{1B}[1m\u{1B}[31m✖\u{1B}[39m\u{1B}[22m missing command name\n")
    }
}
