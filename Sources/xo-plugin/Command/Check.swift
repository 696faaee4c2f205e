import ArgumentParser
import Glibc
import XOJSON

/// `xo-plugin check`: runs the tests one after the other and reports.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Holds a plugin to the contract of xo_plugin.h.",
        discussion: """
            Each test runs in a process of its own. Most run the plugin under a small host that does what the header says \
            and watches what the plugin does; those of the groups placement and crash run it under the real xo-host, \
            inside of it and in a process of its own. The plugin is started, called and stopped for real: its methods do \
            what they do, so give it nothing to break.

            ✓ passed  ✗ failed  – not applicable to this plugin  ? not run, because something is missing here

            Exit status: 0 if no test failed, 1 if one did, 2 if they could not be run.

            EXAMPLES
              xo-plugin check ping.so
              xo-plugin check --only life-cycle --only exactly-once/results ping.so
              xo-plugin check --configuration ports.json --with other.so --seed 7 pool.so
            """)

    @Argument(help: ArgumentHelp("The plugin.", valueName: "FILE.so"))
    var file: String?

    @Flag(help: "Print the tests, with the rule that each holds the plugin to, and run none.")
    var list = false

    @Option(help: ArgumentHelp("Run only this test or group; may be repeated.", valueName: "NAME-OR-GROUP"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Leave this test or group out; may be repeated.", valueName: "NAME-OR-GROUP"))
    var except: [String] = []

    @Option(
        help: ArgumentHelp(
            "Configuration to run the plugin with, where the defaults of its schema do not do.",
            valueName: "FILE.json"))
    var configuration: String?

    @Option(
        help: ArgumentHelp(
            "Another plugin that this one needs under the real xo-host; may be repeated.", valueName: "FILE.so"))
    var with: [String] = []

    @Option(
        help: ArgumentHelp(
            "Somebody whom the plugin vouches for, where it takes passwords.", valueName: "NAME:PASSWORD"))
    var signIn: String?

    @Option(help: ArgumentHelp("The xo-host to run it under, if it is not beside xo-plugin.", valueName: "PATH"))
    var host: String?

    @Option(help: ArgumentHelp("The oldest glibc that the plugin has to run with.", valueName: "VERSION"))
    var glibc = "2.36"

    @Option(help: ArgumentHelp("What random parameters are made from; the same number, the same run.", valueName: "N"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "How often a test of the group crash kills the plugin's process; many need a longer --timeout.",
            valueName: "N"))
    var kills = 3

    @Option(help: ArgumentHelp("Time for each test; a single step may take a third of it.", valueName: "SECONDS"))
    var timeout = 30.0

    @Flag(help: "Print the result as JSON.")
    var json = false

    private static let wrongUse = ExitCode(2)

    func validate() throws {
        guard (0.1...3600).contains(timeout) else {
            throw ValidationError("--timeout is \(timeout); expected seconds from 0.1 to 3600.")
        }
        guard (1...10_000).contains(kills) else {
            throw ValidationError("--kills is \(kills); expected 1 to 10000.")
        }
        let parts = glibc.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ UInt16($0) != nil }) else {
            throw ValidationError("--glibc is '\(glibc)'; expected a version such as 2.36.")
        }
        guard signIn?.contains(":") != false else {
            throw ValidationError("--sign-in has no colon; expected NAME:PASSWORD.")
        }
        guard file != nil || list else { throw ValidationError("Name the plugin: xo-plugin check FILE.so") }
    }

    func run() throws {
        do {
            let tests = try Suite.tests(only: only, except: except)
            guard let file, !list else { return printList(tests) }
            let isPassed = try check(file, tests)
            if !isPassed { throw ExitCode(1) }
        } catch let error as SystemError {
            Console.complain(error.description)
            throw Self.wrongUse
        }
    }

    private func check(_ file: String, _ tests: [ConformanceTest]) throws -> Bool {
        var settings = try settings()
        let workshop = try Workshop(Files.read(file))
        defer { workshop.remove() }
        Interruption.before { workshop.remove() }
        let report: any Report = json ? JSONReport(file: file, seed: seed) : HumanReport(file: file, seed: seed)
        var isPassed = true
        for test in tests {
            let folder = try workshop.makeFolder()
            let process = TestProcess(
                arguments: [
                    RunTest.name, test.id, workshop.library, folder, settings.json.description,
                ], timeout: Int64(timeout * 1e9))
            let begin = MonotonicClock.now
            let verdict = try process.run()
            Files.removeFolder(folder)
            report.add(test, verdict, nanoseconds: MonotonicClock.now - begin)
            guard verdict.kind == .failed else { continue }
            isPassed = false
            // What tests that come later need not find again.
            settings.known.formUnion(test.judges)
        }
        report.end()
        return isPassed
    }

    private func settings() throws -> TestSettings {
        var settings = TestSettings(timeout: Int64(timeout * 1e9))
        (settings.seed, settings.glibc, settings.host, settings.kills) = (seed, glibc, host, kills)
        // The daemon works in another folder than we do.
        settings.companions = try with.map { try Files.absolutePath($0) }
        settings.signIn = signIn
        settings.configuration = try configuration.map(readConfiguration)
        return settings
    }

    private func readConfiguration(_ path: String) throws -> JSON {
        let text = try Files.read(path)
        do {
            let json = try JSON(parsing: text)
            guard json.object != nil else {
                throw SystemError("\(path) holds JSON of type \(json.typeName), expected an object: the configuration")
            }
            return json
        } catch let error as JSONError {
            throw SystemError("\(path) is no JSON: \(error)")
        }
    }

    private func printList(_ tests: [ConformanceTest]) {
        if json {
            let entries = tests.map { test -> JSON in
                ["group": .string(test.group.rawValue), "name": .string(test.name), "rule": .string(test.rule)]
            }
            Console.print(String(decoding: JSON.array(entries).serialized(indentation: 2), as: UTF8.self))
            return
        }
        for test in tests { Console.print("\(test.id)\n    \(test.rule)") }
    }
}
