import Foundation
import NIOHTTP1
import Testing
import XOJSON

@Suite struct RESTTests {
    private static let resources: [String: ScriptedServer.Resource] = [
        "GET /rest/v0/": { _ in .json(["/rest/v0/vms", "/rest/v0/hosts"]) },
        "GET /rest/v0/vms": { _ in .json([["href": "/rest/v0/vms/1", "name": "/rest/v0/x"], "/rest/v0/vms/2", 3]) },
        "GET /rest/v0/vms/1": { _ in .json(["href": "/rest/v0/vms/1"]) },
        "GET /rest/v0/lines": { _ in
            .text("{\"b\":1,\"a\":[]}\n\n\"text\"", type: "application/x-ndjson")
        },
        "GET /rest/v0/file.txt": { _ in .text("some text") },
        "GET /rest/v0/bad": { _ in .text("{", type: "application/json") },
        "POST /rest/v0/vms": { _ in .text("/rest/v0/tasks/5", status: .accepted) },
        "PUT /rest/v0/vms/1": { _ in .text("plain") },
        "PATCH /rest/v0/vms/1": { _ in .init(status: .noContent, hasLength: false) },
        "DELETE /rest/v0/vms/1": { _ in .text("") },
    ]

    private func withTool(_ body: (CommandLineTool, ScriptedServer) async throws -> Void) async throws {
        try await ScriptedServer.run(resources: RESTTests.resources) { server in
            try await body(CommandLineTool(server: server), server)
        }
    }

    @Test(arguments: [
        (["get"], "[ 'vms', 'hosts' ]\n"),
        (["get", "/"], "[ 'vms', 'hosts' ]\n"),
        (["get", "vms"], "[ { href: 'vms/1', name: '/rest/v0/x' }, 'vms/2', 3 ]\n"),
        (["get", "/rest/v0/vms/1"], "{ href: '/rest/v0/vms/1' }\n"),
        (["--json", "get", "vms/1"], "{\n  \"href\": \"/rest/v0/vms/1\"\n}\n"),
        (["get", "vms/x/../1"], "{ href: '/rest/v0/vms/1' }\n"),
        (["get", "lines"], "{ a: [], b: 1 }\n'text'\n"),
        (["--json", "get", "lines"], "{\"b\":1,\"a\":[]}\n\"text\"\n"),
        (["post", "vms"], "tasks/5\n"),
        (["put", "vms/1"], "plain\n"),
        (["patch", "vms/1"], "\n"),
        (["del", "vms/1"], "\n"),
        ([], "Available commands:  del, get, patch, post, put\n"),
        (["nonsense"], "Available commands:  del, get, patch, post, put\n"),
    ])
    func output(_ words: [String], _ expected: String) async throws {
        try await withTool { tool, server in
            let outcome = try await tool.run(["rest"] + words)
            #expect(outcome.output == expected)
            #expect(outcome.errors == "")
            #expect(outcome.status == 0)
            #expect(server.exchanges.allSatisfy { $0.headers["cookie"] == ["authenticationToken=good-token"] })
        }
    }

    struct Sent: Sendable {
        let words: [String]
        let request: String
        var body = ""
        var type: String?
    }

    @Test(arguments: [
        Sent(words: ["get", "vms", "fields=id,name", "wait"], request: "GET /rest/v0/vms?fields=id%2Cname&wait="),
        Sent(words: ["get", "vms?limit=1&a=b c", "limit=json:2"], request: "GET /rest/v0/vms?limit=2&a=b+c"),
        Sent(words: ["get", "vms?a=b c"], request: "GET /rest/v0/vms?a=b%20c"),
        Sent(words: ["get", "vms", "x=json:[1,null,2.5]", "y=true"], request: "GET /rest/v0/vms?x=1%2C%2C2.5&y=true"),
        Sent(words: ["post", "vms"], request: "POST /rest/v0/vms", body: "{}", type: "application/json"),
        Sent(
            words: ["post", "vms?x=1", "a.b=true", "list[1]=x", "list[0]=json:2", "n=json:null", "e="],
            request: "POST /rest/v0/vms?x=1",
            body: #"{"a":{"b":"true"},"list":[2,"x"],"n":null,"e":""}"#, type: "application/json"),
        Sent(
            words: ["put", "vms/1", "a=é=b"], request: "PUT /rest/v0/vms/1", body: #"{"a":"é=b"}"#,
            type: "application/json"),
        Sent(
            words: ["patch", "vms/1", "a=1"], request: "PATCH /rest/v0/vms/1", body: #"{"a":"1"}"#,
            type: "application/json"),
        Sent(words: ["del", "vms/1"], request: "DELETE /rest/v0/vms/1"),
    ])
    func request(_ sent: Sent) async throws {
        try await withTool { tool, server in
            _ = try await tool.run(["rest"] + sent.words)
            let exchange = try #require(server.exchanges.last)
            #expect("\(exchange.method) \(exchange.target)" == sent.request)
            #expect(String(decoding: exchange.body, as: UTF8.self) == sent.body)
            #expect(exchange.headers["content-type"].first == sent.type)
        }
    }

    @Test func upload() async throws {
        try await withTool { tool, server in
            let path = tool.path("disk")
            try Data("content".utf8).write(to: URL(filePath: path))
            for option in [["--input", path], ["-i", path], ["--input=\(path)"]] {
                let outcome = try await tool.run(["rest", "post"] + option + ["vms", "raw=true"])
                #expect(outcome.output == "tasks/5\n")
                #expect(outcome.errors.contains("100% of 7 B"))
                let exchange = try #require(server.exchanges.last)
                #expect(exchange.target == "/rest/v0/vms?raw=true")
                #expect(exchange.body == Array("content".utf8))
                #expect(exchange.headers["content-length"] == ["7"])
                #expect(exchange.headers["content-type"] == ["application/octet-stream"])
            }
            _ = try await tool.run("rest", "post", "--input=-", "vms", input: Array("piped".utf8))
            #expect(server.exchanges.last?.body == Array("piped".utf8))
            #expect(server.exchanges.last?.headers["content-length"] == [])
        }
    }

    @Test func download() async throws {
        try await withTool { tool, _ in
            let path = tool.path("out.txt")
            let outcome = try await tool.run("rest", "get", "-o", path, "file.txt")
            #expect(outcome.output == "")
            #expect(outcome.errors.contains("100% of 9 B"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "some text")
            let again = try await tool.run("rest", "get", "--output", path, "file.txt")
            #expect(again.errors.hasPrefix("✖ EEXIST"))
            #expect(again.status == 1)
            _ = try await tool.run("rest", "get", "--output=\(tool.home.path)/", "file.txt")
            #expect(try String(contentsOfFile: tool.path("file.txt"), encoding: .utf8) == "some text")
            #expect(try await tool.run("rest", "get", "--output=-", "file.txt").output == "some text")
        }
    }

    @Test(arguments: [
        (["get", "missing"], "404 Not Found\n✖ nothing here\n\n"),
        (["get", "file.txt"], "✖ unsupported content-type text/plain; write the answer to a file with --output\n"),
        (["get", "../x"], "✖ invalid path\n"), (["get", "vms/%2e%2E/../../etc"], "✖ invalid path\n"),
        (["get", "..\\..\\etc"], "✖ invalid path\n"),
        (["get", "bad"], "✖ unexpected end, expected a member name"), (["del"], "✖ missing path\n"),
        (["post"], "✖ missing path\n"),
        (["get", "-o", "-", "vms"], "✖ missing value for option -o"),
        (["post", "vms", "a[99999999]=x"], "✖ invalid arg: the index in `a[99999999]` is above 10000\n"),
    ])
    func failures(_ words: [String], _ message: String) async throws {
        try await withTool { tool, _ in
            let outcome = try await tool.run(["rest"] + words)
            #expect(outcome.errors.hasPrefix(message))
            #expect(outcome.output == "")
            #expect(outcome.status == 1)
        }
    }
}
