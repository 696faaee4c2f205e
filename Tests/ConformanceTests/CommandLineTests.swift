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
        let failure = try #require(lines.first { $0.hasPrefix("✗ entry/unknown-majors: It returns a library") })
        #expect(failure.contains("The rule: ") && failure.contains("What to do: "))
        #expect(lines.contains { $0.hasPrefix("– threads/several-at-once: the plugin is not") })
        #expect(lines.last?.contains("9 passed, 1 failed, 1 not applicable (seed 1, ") == true)
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
        #expect(checked.report["passed"] == 7)
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
            (["--configuration", "/there/is/none.json", "/bin/true"], "/there/is/none.json cannot be opened"),
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
        for arguments in [["--nonsense"], ["--timeout", "soon", "x.so"], ["--timeout", "0", "x.so"], []] {
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
}
