import Testing
import XOJSON

/// `help` and `completion`.
@Suite struct HelpTests {
    @Test(arguments: [[], ["help"], ["--help"], ["-h"], ["--au", "-h", "ignored"]])
    func overview(_ words: [String]) async throws {
        let outcome = try await CommandLineTool().run(words)
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(outcome.output.hasPrefix("Usage: xo-cli "))
        #expect(try #require(outcome.output.split(separator: "\n").last).contains(/^xo-cli v\d+\.\d+\.\d+$/))
    }

    @Test(arguments: [
        "call", "completion", "create-token", "help", "list-commands", "list-objects", "register", "rest",
        "unregister", "watch",
    ])
    func everyCommandHasAPage(_ name: String) async throws {
        let tool = try CommandLineTool()
        #expect(try await tool.run("help").output.contains("\n  \(name) "))
        let outcome = try await tool.run("help", name)
        #expect(outcome.output.hasPrefix("Usage: xo-cli \(name)"))
        #expect(outcome.status == 0)
    }

    @Test func colours() async throws {
        let tool = try CommandLineTool(variables: ["FORCE_COLOR": "1"])
        let outcome = try await tool.run("help", "call")
        #expect(outcome.output.hasPrefix("Usage: \u{1B}[1mxo-cli\u{1B}[22m call \u{1B}[33m<method>\u{1B}[39m"))
        let plain = try await CommandLineTool(variables: ["FORCE_COLOR": "0"]).run("help")
        #expect(!plain.output.contains("\u{1B}"))
    }

    private static let methods: [String: ScriptedServer.Method] = [
        "system.getMethodsInfo": {
            $0.reply(["vm.start": ["params": ["id": ["type": "string"], "force": [:]]], "vm.stop": [:]])
        }
    ]

    @Test func methodsHaveHelp() async throws {
        try await ScriptedServer.run(methods: HelpTests.methods) { server in
            let tool = try CommandLineTool(server: server)
            #expect(try await tool.run("help", "vm.stop").output == "vm.stop\n\n")
            let unknown = try await tool.run("help", "vm.nonsense")
            #expect(unknown.errors.contains("`vm.nonsense`"))
            #expect(unknown.status == 1)
        }
    }

    @Test(arguments: [
        (["vm."], "vm.start vm.stop"), (["reg"], "register"), (["vm.start", ""], "force= id="),
        (["vm.start", "id=x", "f"], "force="), (["rest", "p"], "patch post put"), (["call", "vm.sto"], "vm.stop"),
        (["help", "unr"], "unregister"), (["completion", ""], "bash fish zsh"),
    ])
    func bashCompletes(_ words: [String], _ expected: String) async throws {
        try await ScriptedServer.run(methods: HelpTests.methods) { server in
            let tool = try CommandLineTool(server: server)
            let line = (["xo-cli"] + words).joined(separator: " ")
            let outcome = try await tool.shell(
                """
                PATH="$(dirname "$0"):$PATH" bash -c '
                    source <(xo-cli completion bash)
                    compopt() { :; }
                    COMP_LINE="\(line)" COMP_POINT=\(line.count)
                    _xo_cli
                    printf "%s\\n" "${COMPREPLY[@]}" | sort | paste -sd" "'
                """)
            #expect(outcome.output == expected + "\n")
            #expect(outcome.errors == "")
        }
    }

    @Test func completionWithoutServerIsSilent() async throws {
        let outcome = try await CommandLineTool().run("completion", "words", "--", "vm.start")
        #expect(outcome.output == "")
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
        #expect(try await CommandLineTool().run("completion").status == 1)
    }
}
