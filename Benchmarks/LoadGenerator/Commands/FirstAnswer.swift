import ArgumentParser
import Glibc
import XOJSON

/// From the start of a program until it has answered its first call; then the program is ended.
struct FirstAnswer: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts a server and times its first answer.",
        usage: "xo-bench first-answer URL -- PROGRAM ARGUMENT ...")

    @Argument(help: "Where the server will listen.")
    var address: ServerAddress

    @Option(help: "A method that answers without sign-in.")
    var method = "system.getVersion"

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String]

    func run() throws {
        let started = Time.now
        let process = try spawn(command)
        defer { end(process) }
        while true {
            if let connection = try? Connection(to: address) {
                _ = try connection.call(method)
                break
            }
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == 0 else { throw BenchError("\(command[0]) ended at once") }
            guard Time.now - started < 30_000_000_000 else { throw BenchError("no answer within 30 s") }
            usleep(200)  // The grain of this measurement.
        }
        let report: JSON = ["milliseconds": .number(Double(Time.now - started) / 1e6)]
        print(report)
    }

    private func spawn(_ command: [String]) throws -> pid_t {
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let status = posix_spawn(&process, command[0], nil, nil, &arguments, environ)
        guard status == 0 else {
            errno = status
            throw BenchError.system("cannot start \(command[0])")
        }
        return process
    }

    private func end(_ process: pid_t) {
        var status: Int32 = 0
        kill(process, SIGTERM)
        waitpid(process, &status, 0)
    }
}
