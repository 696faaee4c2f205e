import NIOHTTP1
import Testing
import XOJSON

/// TLS with a certificate that nobody signed.
@Suite struct EncryptionTests {
    private func withServer(_ body: (ScriptedServer) async throws -> Void) async throws {
        try await ScriptedServer.run(
            methods: ["test.get": { $0.reply("ok") }, "vm.export": { $0.reply(["$getFrom": "/api/file"]) }],
            resources: ["GET /api/file": { _ in .text("content") }], isEncrypted: true, body)
    }

    @Test func unknownCertificateIsRefused() async throws {
        try await withServer { server in
            let tool = try CommandLineTool()
            for scheme in ["", "https://", "wss://"] {
                let address = "localhost:\(server.port)"
                let outcome = try await tool.run("--url", "\(scheme)good-token@\(address)", "test.get")
                #expect(outcome.errors.hasPrefix("✖ the certificate of \(address) cannot be trusted: "))
                #expect(outcome.errors.contains("--allowUnauthorized"))
                #expect(outcome.status == 1)
            }
            #expect(server.allCalls.isEmpty)
        }
    }

    @Test func permissionOnTheCommandLineGoesWithTheURL() async throws {
        try await withServer { server in
            let tool = try CommandLineTool()
            for host in ["localhost", "127.0.0.1"] {
                let url = "https://good-token@\(host):\(server.port)"
                #expect(try await tool.run("--au", "--url", url, "test.get").output == "ok\n")
            }
            // A registered server has its own.
            try tool.register(["server": "localhost:\(JSON(server.port))", "token": "good-token"])
            #expect(try await tool.run("--au", "test.get").status == 1)
            try tool.register([
                "server": "localhost:\(JSON(server.port))", "token": "good-token", "allowUnauthorized": true,
            ])
            #expect(try await tool.run("test.get").output == "ok\n")
            #expect(try await tool.run("vm.export", "@=-").output == "content")
        }
    }

    @Test func plainTextWhereEncryptionIsExpected() async throws {
        try await withServer { server in
            let outcome = try await CommandLineTool().run("-u", "http://good-token@localhost:\(server.port)", "x.y")
            #expect(outcome.errors.hasPrefix("✖ "))
            #expect(outcome.errors.contains("`https://`"))
            #expect(outcome.status == 1)
        }
    }
}
