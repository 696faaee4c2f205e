import ArgumentParser
import Glibc
import XOJSON

/// What ``TestProcess`` starts. Not for people.
struct RunTest: ParsableCommand {
    static let name = "run-test"
    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    @Argument var test: String
    @Argument var library: String
    @Argument var folder: String
    @Argument var settings: String

    func run() throws {
        // Its end is that of the process.
        guard fcntl(TestProcess.verdictDescriptor, F_SETFD, FD_CLOEXEC) == 0,
            fcntl(TestProcess.lifelineDescriptor, F_SETFD, FD_CLOEXEC) == 0,
            let test = Suite.tests.first(where: { $0.id == test }),
            let settings = TestSettings(json: try JSON(parsing: settings))
        else { throw ValidationError("run-test is started by xo-plugin check, and not by hand.") }
        _ = HostThread {
            var byte: UInt8 = 0
            while read(TestProcess.lifelineDescriptor, &byte, 1) < 0 && errno == EINTR {}
            // With what it has started, which is of the same group: a daemon, for example.
            kill(0, SIGKILL)
        }
        var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
        let verdict = test.run(TestContext(library: library, folder: folder, settings: settings))
        _ = Files.write(verdict.json.serialized(), to: TestProcess.verdictDescriptor)
        // Threads of the plugin may be anywhere; only the test that is about that takes the ordinary way out.
        if test.endsOrdinarily { Glibc.exit(EXIT_SUCCESS) } else { _exit(EXIT_SUCCESS) }
    }
}
