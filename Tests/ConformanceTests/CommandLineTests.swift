import Foundation
import TestSupport
import Testing
import XOJSON

/// What people and scripts see of `xo-plugin check`.
@Suite struct CommandLineTests {
    private func run(_ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(BuildProducts.executable("xo-plugin"), ["check"] + arguments)
    }

    @Test func oneLineForEachTestAndOneOfTotals() async throws {
        let outcome = try await run(
            BuildProducts.fixture("conformance/any-major"), "--only", "entry", "--only", "several-at-once")
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 1)
        #expect(lines.filter { $0.hasPrefix("✓ entry/") }.count == 9)
        #expect(lines.filter { $0.hasPrefix("✗ ") }.count == 1)
        let failure = try #require(lines.firstIndex { $0.hasPrefix("✗ entry/unknown-majors: It returns a library") })
        #expect(lines[failure + 1].hasPrefix("    the rule:   The entry function returns NULL"))
        #expect(lines[failure + 2].hasPrefix("    what to do: compare major_min"))
        #expect(lines.contains { $0.hasPrefix("– threads/several-at-once: the plugin is not") })
        #expect(
            lines.last?.contains(
                "9 passed, 1 failed (entry/unknown-majors), 1 not applicable (seed 1, ") == true)
    }

    @Test func listNamesAllTestsWithTheirRules() async throws {
        let outcome = try await run("--list", "--json")
        let tests = try #require(JSON(parsing: outcome.output).array)
        #expect(outcome.status == 0)
        #expect(tests.count > 60)
        #expect(tests.allSatisfy { $0["group"]?.string != nil && $0["rule"]?.string?.hasSuffix(".") == true })
        let some = try await run("--list", "--only", "binary/exports")
        #expect(some.output == "binary/exports\n    xo_plugin_entry is the only symbol that a plugin exports.\n")
    }

    @Test func reportForMachines() async throws {
        let checked = try await CheckedPlugin(
            BuildProducts.fixture("conformance/deletable"), ["--only", "binary", "--seed", "7"])
        #expect(checked.report["seed"] == 7)
        #expect(checked.report["passed"] == 8)
        #expect(checked.report["failed"] == 1)
        #expect(checked.report["skipped"] == 0)
        let failure = try #require(checked.report["tests"]?.array?.first { $0["verdict"] == "failed" })
        #expect(
            failure.object.map { Array($0.keys) } == [
                "group", "name", "rule", "verdict", "milliseconds", "seen", "remedy",
            ])
    }

    @Test(
        "wrong use ends with 2 and says what is wrong",
        arguments: [
            (["/there/is/no/such.so"], "/there/is/no/such.so cannot be opened"),
            (["/tmp"], "/tmp is not a file"),
            (["--only", "nonsense", "/bin/true"], "no test or group nonsense"),
            (["--except", "nonsense", "/bin/true"], "no test or group nonsense"),
            (["--configuration", "/there/is/none.json", "/bin/true"], "/there/is/none.json cannot be opened"),
            (["--with", "/there/is/none.so", "/bin/true"], "/there/is/none.so cannot be found"),
        ])
    func wrongUse(_ arguments: [String], _ problem: String) async throws {
        let outcome = try await Program.run(BuildProducts.executable("xo-plugin"), ["check"] + arguments)
        #expect(outcome.status == 2)
        #expect(outcome.errors.hasPrefix("xo-plugin: ") && outcome.errors.contains(problem), "\(outcome.errors)")
        #expect(outcome.output == "")
    }

    @Test func configurationThatIsNotJSON() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("configuration.json", "{\n  \"mode\": a\n}")
        let outcome = try await run(BuildProducts.fixture("conformance/sound"), "--configuration", file)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("line 2"), "\(outcome.errors)")
    }

    @Test func unknownOptionsEndWithTwoToo() async throws {
        for arguments in [
            ["--nonsense"], ["--timeout", "soon", "x.so"], ["--timeout", "0", "x.so"], ["--glibc", "new", "x.so"],
            ["--kills", "0", "x.so"], ["--sign-in", "alice", "x.so"], [],
        ] {
            let outcome = try await Program.run(BuildProducts.executable("xo-plugin"), ["check"] + arguments)
            #expect(outcome.status == 2, "\(arguments)")
        }
    }

    @Test func nothingIsLeftBehind() async throws {
        let folder = try TemporaryFolder()
        _ = try await Program.run(
            BuildProducts.executable("xo-plugin"), ["check", BuildProducts.fixture("conformance/keeps-borrowed")],
            environment: ["TMPDIR": folder.path])
        let probe = try await Program.run(.init(filePath: "/bin/ls"), ["-A", folder.path])
        #expect(probe.output == "")
    }

    @Test func whatIsLeftOutIsNotRun() async throws {
        let outcome = try await run(
            BuildProducts.fixture("conformance/sound"), "--only", "binary", "--except", "binary/exports")
        #expect(!outcome.output.contains("binary/exports") && outcome.output.contains("✓ binary/loads"))
    }

    @Test func theOldestGlibcCanBeChosen() async throws {
        let plugin = try BuildProducts.fixture("conformance/sound")
        let outcome = try await run(plugin, "--only", "glibc-floor", "--glibc", "2.0")
        #expect(outcome.output.hasPrefix("✗ binary/glibc-floor: It needs GLIBC_2."), "\(outcome.output)")
        #expect(outcome.output.contains("the oldest glibc is to be 2.0."))
    }

    /// Runtimes import what plugins should not call.
    @Test func whatLibrariesMayImportIsNoted() async throws {
        let outcome = try await run(BuildProducts.plugin("WebTransport"), "--only", "binary/guest")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("✓ binary/guest, but note: it imports signal (signal handling)"))
    }

    /// A copy of the program that has nothing beside it.
    @Test func withoutTheDaemonItsTestsAreNotRun() async throws {
        let folder = try TemporaryFolder()
        let program = folder.path("xo-plugin")
        try FileManager.default.copyItem(atPath: BuildProducts.executable("xo-plugin").path, toPath: program)
        let plugin = try BuildProducts.fixture("conformance/sound")
        let words = ["check", plugin, "--only", "placement/answers", "--only", "crash/comes-back"]
        let without = try await Program.run(URL(filePath: program), words)
        #expect(without.status == 0)
        #expect(
            without.output.hasPrefix(
                "? placement/answers was not run: there is no xo-host beside xo-plugin; name it with --host PATH\n"))
        #expect(without.output.contains("0 passed, 0 failed, 0 not applicable, 2 not run"))
        let wrong = try await Program.run(URL(filePath: program), words + ["--host", "/there/is/none"])
        #expect(wrong.output.hasPrefix("? placement/answers was not run: /there/is/none is no program;"))
        let named = try await Program.run(
            URL(filePath: program), words + ["--host", BuildProducts.executable("xo-host").path])
        #expect(named.output.hasPrefix("✓ placement/answers\n✓ crash/comes-back\n"), "\(named.output)")
    }

    @Test func whatIsNoDaemonIsSaid() async throws {
        let outcome = try await run(
            BuildProducts.fixture("conformance/sound"), "--only", "placement/answers", "--host", "/bin/true")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("/true ends with the status 0, but should run"), "\(outcome.output)")
    }

    /// Neither a test nor a daemon that it has started goes on without the command.
    @Test(arguments: [SIGTERM, SIGKILL])
    func noProcessOutlivesTheCommand(_ signal: Int32) async throws {
        let folder = try TemporaryFolder()
        let program = try Program(
            BuildProducts.executable("xo-plugin"),
            ["check", BuildProducts.fixture("conformance/sound"), "--only", "placement"],
            environment: ["TMPDIR": folder.path])
        func daemons() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").count { process in
                let arguments = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
                return arguments?.hasPrefix("xo-host\0") == true && arguments?.contains(folder.path) == true
            }
        }
        _ = try await poll(daemons, until: { $0 > 0 })
        program.send(signal)
        #expect(await program.exitStatus() == -signal)
        _ = try await poll(daemons, until: { $0 == 0 })
    }

    /// What a plugin needs of others is said, and can be given.
    @Test func whatDoesNotStartUnderTheDaemonIsSaid() async throws {
        let plugin = try BuildProducts.plugin("DemoPool")
        let alone = try await run(plugin, "--only", "placement/objects")
        #expect(alone.output.hasPrefix("– placement/objects: it does not start under xo-host: "), "\(alone.output)")
        #expect(alone.output.contains("--with FILE.so"))
    }
}
