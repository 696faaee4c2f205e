import Foundation
import Testing
import XOJSON

/// `register`, `unregister`, `create-token`, and the file they write.
@Suite struct RegisterTests {
    private static let tokens: [String: ScriptedServer.Method] = ["token.create": { $0.reply("new-token") }]

    @Test func registerWithPassword() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let tool = try CommandLineTool()
            let outcome = try await tool.run(
                "register", "--expiresIn", "1 hour", "--otp=123456", server.url, "alice", "secret")
            #expect(outcome.status == 0)
            #expect(outcome.output == "")
            #expect(outcome.errors == "Successfully logged with alice@example.net\n")
            let calls = server.allCalls
            #expect(calls.map(\.method) == ["session.signIn", "token.create"])
            #expect(calls[0].params == ["email": "alice", "otp": "123456", "password": "secret"])
            let clientID = try #require(calls[1].params["client"]?["id"]?.string)
            #expect(calls[1].params["expiresIn"] == "1 hour")
            #expect(try #require(calls[1].params["description"]?.string).contains(/^xo-cli@[\d.]+ - .+ - Linux .+$/))
            #expect(
                try tool.configuration == [
                    "allowUnauthorized": false, "clientId": JSON(clientID), "server": JSON(server.url),
                    "token": "new-token",
                ])
            let text = try String(contentsOf: tool.configurationFile, encoding: .utf8)
            #expect(!text.contains("\n"))
            let attributes = try FileManager.default.attributesOfItem(atPath: tool.configurationFile.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func registerAgainKeepsTheClientAndForeignKeys() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let tool = try CommandLineTool()
            try tool.register(["mine": [1], "clientId": "kept", "token": "old"])
            _ = try await tool.run("register", "--au", server.url, "alice", "secret")
            #expect(server.calls.last?.params["client"] == ["id": "kept"])
            #expect(server.allCalls.first?.params == ["email": "alice", "password": "secret"])
            #expect(
                try tool.configuration == [
                    "mine": [1], "clientId": "kept", "token": "new-token", "allowUnauthorized": true,
                    "server": JSON(server.url),
                ])
            _ = try await tool.run("unregister")
            #expect(try tool.configuration == ["mine": [1], "clientId": "kept", "allowUnauthorized": true])
        }
    }

    @Test func registerWithTokenUsesNoNetwork() async throws {
        let tool = try CommandLineTool()
        let outcome = try await tool.run("register", "--token", "abc", "host.invalid")
        #expect(outcome.status == 0)
        #expect(outcome.output + outcome.errors == "")
        #expect(try tool.configuration["server"] == "host.invalid")
        #expect(try tool.configuration["token"] == "abc")
    }

    @Test func oldSpelling() async throws {
        let tool = try CommandLineTool()
        let outcome = try await tool.run("--register", "-t", "abc", "host.invalid")
        #expect(
            outcome.errors
                == "`--register` is deprecated and will be removed in the future, use `register` subcommand instead\n\n"
        )
        #expect(try tool.configuration["token"] == "abc")
        #expect(try await tool.run("listObjects", "x").errors.hasPrefix("`listObjects` is deprecated"))
        // A capital letter at the beginning makes an unknown word, and that is a method.
        #expect(try await tool.run("Register").errors.hasPrefix("✖ cannot connect"))
    }

    @Test func unregisterWithoutRegistration() async throws {
        let outcome = try await CommandLineTool().run("unregister")
        #expect(outcome.status == 0)
        #expect(outcome.output + outcome.errors == "")
    }

    @Test func linkedConfigurationStaysALink() async throws {
        let tool = try CommandLineTool()
        try tool.write("{}")
        let target = tool.home.appending(path: "real.json")
        try FileManager.default.moveItem(at: tool.configurationFile, to: target)
        try FileManager.default.createSymbolicLink(at: tool.configurationFile, withDestinationURL: target)
        _ = try await tool.run("register", "-t", "abc", "host.invalid")
        #expect(try JSON(parsing: String(contentsOf: target, encoding: .utf8))["token"] == "abc")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: tool.configurationFile.path) == target.path)
    }

    @Test func oldServerKnowsNoClients() async throws {
        try await ScriptedServer.run(methods: [
            "token.create": { call in
                if call.params["client"] != nil || call.params["description"] != nil {
                    call.fail(10, "invalid parameters", data: ["errors": []])
                } else {
                    call.reply("plain-token")
                }
            }
        ]) { server in
            let tool = try CommandLineTool()
            _ = try await tool.run("register", "--expiresIn=2 days", server.url, "alice", "secret")
            #expect(server.calls.last?.params == ["expiresIn": "2 days"])
            #expect(try tool.configuration["token"] == "plain-token")
        }
    }

    @Test func createToken() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let tool = try CommandLineTool()
            let outcome = try await tool.run("create-token", server.url, "alice", "secret")
            #expect(outcome.output == "new-token\n")
            #expect(
                outcome.errors
                    == "Successfully logged with alice@example.net\nAuthentication token created\n\n")
            #expect(server.calls.last?.params == ["description": "xo-cli create-token"])
            #expect(!FileManager.default.fileExists(atPath: tool.configurationFile.path))
            let refused = try await tool.run("create-token", "--token", "x", server.url)
            #expect(refused.errors == "✖ `token` option is not accepted by this command\n")
            #expect(refused.status == 1)
        }
    }

    @Test func wrongPasswordChangesNothing() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let tool = try CommandLineTool()
            let outcome = try await tool.run("register", server.url, "alice", "wrong")
            #expect(outcome.errors.hasPrefix("✖ JsonRpcError: invalid credentials {"))
            #expect(outcome.status == 1)
            #expect(!FileManager.default.fileExists(atPath: tool.configurationFile.path))
        }
    }

    @Test(arguments: [
        (["register"], "missing URL of the server"), (["register", "host"], "missing user name"),
        (["register", "a", "b", "c", "d"], "unexpected argument `d`"),
        (["register", "--otp"], "missing value for option --otp"),
        (["register", "--nonsense", "host"], "unknown option --nonsense"),
    ])
    func badArguments(_ words: [String], _ message: String) async throws {
        let outcome = try await CommandLineTool().run(words)
        #expect(outcome.errors == "✖ \(message)\n")
        #expect(outcome.status == 1)
    }

    @Test func passwordFromStandardInput() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let outcome = try await CommandLineTool().run(
                "register", server.url, "alice", input: Array("secret\nrest".utf8))
            #expect(outcome.output == "Password: ")
            #expect(outcome.status == 0)
        }
    }

    @Test func passwordIsNotShownOnTheTerminal() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let terminal = try Terminal()
            let running = try CommandLineTool().start(
                ["register", server.url, "alice"], terminal: terminal, on: [0, 1])
            try await running.waitForOutput("Password: ")
            // One wrong character, of two bytes, which is erased again.
            try terminal.type("secreé\u{7F}t\r")
            let outcome = await running.finish()
            #expect(outcome.output == "Password: ******\u{8} \u{8}*\n")
            #expect(outcome.status == 0)
            #expect(server.allCalls.first?.params["password"] == "secret")
        }
    }

    @Test func passwordPromptCanBeInterrupted() async throws {
        try await ScriptedServer.run(methods: RegisterTests.tokens) { server in
            let terminal = try Terminal()
            let running = try CommandLineTool().start(
                ["register", server.url, "alice"], terminal: terminal, on: [0, 1])
            try await running.waitForOutput("Password: ")
            try terminal.type("se\u{3}")
            let outcome = await running.finish()
            #expect(outcome.errors.hasSuffix(" interrupted\n"))
            #expect(outcome.status == 1)
            #expect(server.allCalls.isEmpty)
        }
    }
}
