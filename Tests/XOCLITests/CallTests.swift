import Testing
import XOJSON

/// `xo-cli METHOD NAME=VALUE…`: what is sent, what is printed, how it ends.
@Suite struct CallTests {
    @Test(arguments: [
        ([], "{}"),
        (["a=b"], #"{"a":"b"}"#),
        (["n=42"], #"{"n":"42"}"#),
        (["n=json:42"], #"{"n":42}"#),
        (["t=true", "f=false"], #"{"t":true,"f":false}"#),
        ([#"t=json:"true""#], #"{"t":true}"#),
        (["x=json:null"], #"{"x":null}"#),
        ([#"x=json:{"a":[1,{"b":2.5}]}"#], #"{"x":{"a":[1,{"b":2.5}]}}"#),
        (["x="], #"{"x":""}"#),
        (["x=a=b"], #"{"x":"a=b"}"#),
        (["x=two\nlines"], #"{"x":"two\nlines"}"#),
        (["a.b=c"], #"{"a.b":"c"}"#),
        (["x=1", "y=2", "x=3"], #"{"x":"3","y":"2"}"#),
        (["@=file", "x=1"], #"{"x":"1"}"#),
        (["--json", "x=é"], #"{"x":"é"}"#),
        (["x=TRUE"], #"{"x":"TRUE"}"#),
    ])
    func parametersOnTheWire(_ words: [String], _ expected: String) async throws {
        try await ScriptedServer.run(methods: ["test.call": { $0.replyWithoutResult() }]) { server in
            let outcome = try await CommandLineTool(server: server).run(["test.call"] + words)
            #expect(outcome.status == 0)
            #expect(outcome.errors == "")
            let call = try #require(server.calls.last)
            #expect(call.params.description == expected)
        }
    }

    @Test(arguments: [
        (["=x"], "✖ invalid arg: =x\n"),
        (["x"], "✖ invalid arg: x\n"),
        (["a=b", "--json"], "✖ invalid arg: --json\n"),
        (["x=json:{"], "✖ invalid JSON in `json:{`: unexpected end, expected"),
    ])
    func badParametersAreNotSent(_ words: [String], _ message: String) async throws {
        try await ScriptedServer.run { server in
            let outcome = try await CommandLineTool(server: server).run(["test.call"] + words)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.errors.hasPrefix(message))
            #expect(server.allCalls.isEmpty)
        }
    }

    struct Output: Sendable {
        let result: String?
        var isJSON = false
        let output: String
        var status: Int32 = 0
    }

    @Test(arguments: [
        Output(result: nil, output: ""),
        Output(result: nil, isJSON: true, output: ""),
        Output(result: "null", output: "null\n"),
        Output(result: "true", output: "true\n"),
        Output(result: #""text\nmore""#, output: "text\nmore\n"),
        Output(result: #""""#, output: "\n"),
        Output(result: "3", output: "", status: 3),
        Output(result: "0", output: ""),
        Output(result: "256", output: "", status: 0),
        Output(result: "-1", output: "", status: 255),
        Output(result: "2.0", output: "", status: 2),
        Output(result: "1.5", output: "1.5\n"),
        Output(result: "3", isJSON: true, output: "3\n"),
        Output(result: #""x""#, isJSON: true, output: "\"x\"\n"),
        Output(result: "[]", output: "[]\n"),
        Output(result: #"{"b":[1,2],"a":"x"}"#, output: "{ a: 'x', b: [ 1, 2 ] }\n"),
        Output(
            result: #"{"b":[1,2],"a":{}}"#, isJSON: true,
            output: "{\n  \"b\": [\n    1,\n    2\n  ],\n  \"a\": {}\n}\n"),
    ])
    func results(_ expected: Output) async throws {
        let result = try expected.result.map { try JSON(parsing: $0) }
        try await ScriptedServer.run(methods: [
            "test.get": { call in if let result { call.reply(result) } else { call.replyWithoutResult() } }
        ]) { server in
            let words = ["test.get"] + (expected.isJSON ? ["--json"] : [])
            let outcome = try await CommandLineTool(server: server).run(words)
            #expect(outcome.output == expected.output)
            #expect(outcome.status == expected.status)
            #expect(outcome.errors == "")
        }
    }

    @Test func callMayBeWritten() async throws {
        try await ScriptedServer.run(methods: ["test.get": { $0.reply($0.params) }]) { server in
            let tool = try CommandLineTool(server: server)
            #expect(try await tool.run("call", "test.get", "a=b").output == "{ a: 'b' }\n")
            let outcome = try await tool.run("call")
            #expect(outcome.errors == "✖ missing command name\n")
            #expect(outcome.status == 1)
        }
    }

    @Test func sessionIsSignedInAndClosedInOrder() async throws {
        try await ScriptedServer.run(methods: ["test.get": { $0.reply("ok") }]) { server in
            _ = try await CommandLineTool(server: server).run("test.get")
            #expect(server.allCalls.map(\.method) == ["session.signIn", "test.get"])
            #expect(server.allCalls.first?.params == ["token": JSON(ScriptedServer.token)])
            #expect(await server.closeFrame() == [0x03, 0xE8])
        }
    }

    @Test func urlOptionReplacesTheRegisteredServer() async throws {
        try await ScriptedServer.run(methods: ["test.get": { $0.reply("ok") }]) { server in
            let tool = try CommandLineTool()
            let url = "ws://\(ScriptedServer.token):ignored@127.0.0.1:\(server.port)///"
            for words in [["--url", url], ["--url=\(url)"], ["-u", url], ["--au", "-u", url]] {
                #expect(try await tool.run(words + ["test.get"]).output == "ok\n")
            }
        }
    }

    @Test func outputToNobodyIsNoError() async throws {
        let long = JSON.array((0..<90).map { JSON("line \($0)" + String(repeating: "x", count: 5000)) })
        try await ScriptedServer.run(methods: ["test.get": { $0.reply(long) }]) { server in
            let tool = try CommandLineTool(server: server)
            // `exec` closes the reading end before anything is written.
            let outcome = try await tool.shell(#"{ "$0" test.get; echo "status $?" >&2; } | exec true"#)
            #expect(outcome.errors == "status 0\n")
        }
    }
}
