import ArgumentParser
import Glibc
import XOHost

/// `xo-host`: the daemon, and what administrators do beside it.
@main
struct XOHostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xo-host",
        abstract: "The control plane for XenServer and XCP-ng pools.",
        discussion: """
            Loads the plugins that plugins.json names and serves until it gets SIGTERM or SIGINT. SIGHUP makes it read
            plugins.json again.

            EXAMPLES
              xo-host --config plugins.json           run the daemon
              xo-host check --config plugins.json     is the configuration right?
              xo-host user add alice --permission admin
              xo-host auth preview ldap               who would somebody be, by the rules?

            EXIT STATUS
              0  stopped in order
              1  failed; the last line of the log says why
              2  the configuration or the command line is wrong
            """,
        version: HostVersion.current,
        subcommands: [Run.self, Check.self, UserCommand.self, AuthCommand.self],
        defaultSubcommand: Run.self)

    static func main() async {
        // This executable started by itself, to hold a plugin: no command for people.
        if CommandLine.arguments.dropFirst().first == Runner.argument { Runner.run() }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            // The library's own status for a wrong command line is another one than everybody expects.
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            printError(fullMessage(for: error))
            Glibc.exit(ExitCode.misconfigured.rawValue)
        }
    }
}

/// Where the configuration is; the same for all commands.
struct ConfigurationOption: ParsableArguments {
    @Option(
        name: [.customLong("config"), .short], help: "The configuration file.", completion: .file(extensions: ["json"]))
    var config = "plugins.json"
}

extension ExitCode {
    /// The configuration or the command line is wrong.
    static let misconfigured = ExitCode(2)
}
