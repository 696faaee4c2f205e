import ArgumentParser
import Glibc

/// The command line.
@main
struct XOPlugin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xo-plugin", abstract: "Tools for those who write plugins for xo-host.",
        subcommands: [Check.self, RunTest.self])

    /// Wrong use is 2, as everywhere else in this program, and not the 64 of the argument parser.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch  where exitCode(for: error) == .validationFailure {
            Console.complain(message(for: error))
            Glibc.exit(2)
        } catch {
            exit(withError: error)
        }
    }
}
