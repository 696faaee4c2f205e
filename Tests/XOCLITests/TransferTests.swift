import Foundation
import NIOHTTP1
import Testing
import XOJSON

/// Methods that answer with `$getFrom` or `$sendTo`.
@Suite struct TransferTests {
    private static let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    private static let methods: [String: ScriptedServer.Method] = [
        "vm.export": { $0.reply(["$getFrom": "/api/download/1?a=b"]) },
        "vm.exportRelative": { $0.reply(["$getFrom": "./download/1"]) },
        "vm.exportMissing": { $0.reply(["$getFrom": "/api/missing"]) },
        "vm.import": { $0.reply(["$sendTo": "/api/upload/1"]) },
        "vm.importRefused": { $0.reply(["$sendTo": "/api/refused"]) },
        "vm.exportCut": { $0.reply(["$getFrom": "/api/cut"]) },
        "vm.both": { $0.reply(["$getFrom": "/x", "more": 1]) },
    ]

    private func withServer(hasLength: Bool = true, _ body: (ScriptedServer) async throws -> Void) async throws {
        try await ScriptedServer.run(
            methods: TransferTests.methods,
            resources: [
                "GET /api/download/1": { _ in .init(body: TransferTests.content, hasLength: hasLength) },
                "GET /api/cut": { _ in .init(headers: ["content-length": "10"], body: [1, 2, 3], hasLength: false) },
                "POST /api/upload/1": { .text("received \($0.body.count)") },
                "POST /api/refused": { _ in .text("no", status: .forbidden) },
            ], body)
    }

    @Test(arguments: [true, false])
    func downloadToFile(_ hasLength: Bool) async throws {
        try await withServer(hasLength: hasLength) { server in
            let tool = try CommandLineTool(server: server)
            let path = tool.path("export.xva")
            try Data("old content".utf8).write(to: URL(filePath: path))
            let outcome = try await tool.run("vm.export", "@=\(path)")
            #expect(outcome.status == 0)
            #expect(outcome.output == "")
            let progress = hasLength ? /100% of 2.86 MiB @ [\d.]+ \w+\/s - ETA 0ms\n/ : /2.86 MiB @ [\d.]+ \w+\/s\n/
            #expect(outcome.errors.contains(progress))
            #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == TransferTests.content)
            let request = try #require(server.exchanges.last)
            #expect(request.target == "/api/download/1?a=b")
            #expect(request.headers["cookie"].isEmpty)
        }
    }

    @Test func downloadToStandardOutput() async throws {
        try await withServer { server in
            let tool = try CommandLineTool(server: server)
            let outcome = try await tool.shell(#""$0" vm.exportRelative @=- 2>/dev/null | cksum"#)
            let file = tool.path("content")
            try Data(TransferTests.content).write(to: URL(filePath: file))
            #expect(try await tool.shell("cksum < \(file)").output == outcome.output)
        }
    }

    @Test func uploadFromFile() async throws {
        try await withServer { server in
            let tool = try CommandLineTool(server: server)
            let path = tool.path("import.xva")
            try Data(TransferTests.content).write(to: URL(filePath: path))
            let outcome = try await tool.run("vm.import", "@=\(path)")
            #expect(outcome.output == "received 3000000\n")
            #expect(outcome.errors.contains("100% of 2.86 MiB"))
            let request = try #require(server.exchanges.last)
            #expect(request.body == TransferTests.content)
            #expect(request.headers["content-length"] == ["3000000"])
        }
    }

    @Test func uploadFromStandardInput() async throws {
        try await withServer { server in
            let outcome = try await CommandLineTool(server: server).run(
                "vm.import", "@=-", input: TransferTests.content)
            #expect(outcome.output == "received 3000000\n")
            let request = try #require(server.exchanges.last)
            #expect(request.body == TransferTests.content)
            #expect(request.headers["content-length"].isEmpty)
            #expect(request.headers["transfer-encoding"] == ["chunked"])
        }
    }

    @Test func emptyUpload() async throws {
        try await withServer { server in
            let tool = try CommandLineTool(server: server)
            #expect(try await tool.run("vm.import", "@=-").output == "received 0\n")
            let path = tool.path("empty")
            try Data().write(to: URL(filePath: path))
            #expect(try await tool.run("vm.import", "@=\(path)").output == "received 0\n")
        }
    }

    @Test func failures() async throws {
        try await withServer { server in
            let tool = try CommandLineTool(server: server)
            let path = tool.path("file")
            try Data("x".utf8).write(to: URL(filePath: path))
            let cases = [
                (["vm.export"], "✖ vm.export requires the @ parameter to be a path (e.g. @=/tmp/config.json)\n"),
                (["vm.export", "@=json:3"], "✖ vm.export requires the @ parameter to be a path"),
                (["vm.import"], "✖ vm.import requires the @ parameter to be a path"),
                (["vm.exportMissing", "@=\(tool.path("never"))"], "✖ 404 Not Found\n"),
                (["vm.importRefused", "@=\(path)"], "✖ 403 Forbidden\n"),
                (["vm.import", "@=\(tool.path("missing"))"], "✖ cannot open \(tool.path("missing")): No such file"),
                (["vm.import", "@=\(tool.home.path)"], "✖ cannot read \(tool.home.path): Is a directory\n"),
                (["vm.export", "@=/no/such/folder/file"], "✖ cannot write /no/such/folder/file: No such file"),
                (
                    ["vm.exportCut", "@=/dev/null"],
                    "✖ connection with 127.0.0.1:\(server.port) lost: the server closed it"
                ),
                (["vm.export", "@=/dev/full"], "✖ cannot write: No space left on device\n"),
            ]
            for (words, message) in cases {
                let outcome = try await tool.run(words)
                #expect(outcome.errors.hasPrefix(message))
                #expect(outcome.status == 1)
            }
            #expect(!FileManager.default.fileExists(atPath: tool.path("never")))
        }
    }

    @Test func otherKeysMakeItAnOrdinaryResult() async throws {
        try await withServer { server in
            let outcome = try await CommandLineTool(server: server).run("vm.both")
            #expect(outcome.output == "{ '$getFrom': '/x', more: 1 }\n")
        }
    }
}
