import ArgumentParser
import Glibc
import XOJSON

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Holds a plugin to the contract of xo_plugin.h.",
        discussion: """
            Each test runs in a process of its own, under a small host that does what the header says and watches what \
            the plugin does. The plugin is started, called and stopped for real: its methods do what they do.

            Exit status: 0 if all tests passed, 1 if one failed, 2 if they could not be run.
            """)

    @Argument(help: ArgumentHelp("The plugin.", valueName: "FILE.so"))
    var file: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    @Flag(help: "Print the tests, with the rule that each holds the plugin to, and run none.")
    var list = false

    @Option(help: ArgumentHelp("Run only this test or group; may be repeated.", valueName: "NAME-OR-GROUP"))
    var only: [String] = []

    @Option(help: ArgumentHelp("What random parameters are made from; the same number, the same run.", valueName: "N"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Configuration to run the plugin with, where the defaults of its schema do not do.",
            valueName: "FILE.json"))
    var configuration: String?

    @Option(help: ArgumentHelp("Time for each test; a single step may take a third of it.", valueName: "SECONDS"))
    var timeout = 30.0

    private static let wrongUse = ExitCode(2)

    func validate() throws {
        guard (0.1...3600).contains(timeout) else {
            throw ValidationError("--timeout is \(timeout); expected seconds from 0.1 to 3600.")
        }
        guard file != nil || list else { throw ValidationError("Name the plugin: xo-plugin check FILE.so") }
    }

    func run() throws {
        do {
            let tests = try Suite.tests(only: only)
            guard let file, !list else { return printList(tests) }
            let isPassed = try check(file, tests)
            if !isPassed { throw ExitCode(1) }
        } catch let error as SystemError {
            Console.complain(error.description)
            throw Self.wrongUse
        }
    }

    private func check(_ file: String, _ tests: [ConformanceTest]) throws -> Bool {
        let content = try Files.read(file)
        let workshop = try Workshop(content)
        defer { workshop.remove() }
        Interruption.before { workshop.remove() }
        let settings = try configuration.map { path throws -> JSON in
            let text = try Files.read(path)
            do {
                let json = try JSON(parsing: text)
                guard json.object != nil else { throw SystemError("\(path) holds no JSON object") }
                return json
            } catch let error as JSONError {
                throw SystemError("\(path): \(error)")
            }
        }
        let report: any Report = json ? JSONReport(file: file, seed: seed) : HumanReport(file: file, seed: seed)
        var isPassed = true
        // What tests that come later need not find again.
        var known: Set<Breach.Kind> = []
        for test in tests {
            let folder = try workshop.makeFolder()
            let process = TestProcess(
                arguments: [
                    RunTest.configuration.commandName ?? "", test.id, workshop.library, "--folder", folder, "--seed",
                    String(seed), "--patience", String(Int64(timeout / 3 * 1e9)),
                ] + (settings.map { ["--configuration", $0.description] } ?? [])
                    + known.flatMap { ["--known", $0.rawValue] },
                timeout: Int64(timeout * 1e9))
            let begin = MonotonicClock.now
            let verdict = try process.run()
            Files.removeFolder(folder)
            report.add(test, verdict, nanoseconds: MonotonicClock.now - begin)
            guard verdict.kind == .failed else { continue }
            isPassed = false
            known.formUnion(test.judges)
        }
        report.end()
        return isPassed
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
