import ArgumentParser
import Glibc
import XOHost

/// `xo-host user`: users, without going through a running daemon.
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add and list users, set passwords; also while the daemon runs, or cannot.",
        subcommands: [Add.self, Passwd.self, List.self])

    /// How a password is given: never on the command line, where others can read it.
    struct PasswordOption: ParsableArguments {
        @Flag(help: "Read the password from standard input, one line.")
        var passwordStdin = false

        func password() throws -> String? {
            if passwordStdin {
                guard let line = readLine() else {
                    throw ValidationError("standard input has no line to take the password from")
                }
                return line
            }
            guard isatty(STDIN_FILENO) == 1 else { return nil }
            guard let raw = getpass("Password (empty for a random one): ") else { return nil }
            let text = String(cString: raw)
            return text.isEmpty ? nil : text
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user. Without a password a random one is made and shown.")

        @OptionGroup var options: ConfigurationOption
        @OptionGroup var passwords: PasswordOption
        @Option(help: "none, read, write or admin.") var permission = "none"
        @Argument(help: "The name to sign in with.") var name: String

        func run() throws {
            try administer(options) { users in
                report(try users.add(name: name, password: try passwords.password(), permission: permission))
            }
        }
    }

    struct Passwd: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a user's password. Without one a random one is made and shown.")

        @OptionGroup var options: ConfigurationOption
        @OptionGroup var passwords: PasswordOption
        @Flag(
            help: """
                For when nobody can sign in any more: also make the user an administrator, and end the second factor and
                all links to providers.
                """)
        var recover = false
        @Argument(help: "The user's name.") var name: String

        func run() throws {
            try administer(options) { users in
                let password = try passwords.password()
                report(
                    recover
                        ? try users.recover(name: name, password: password)
                        : try users.setPassword(name: name, password: password))
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the users.")

        @OptionGroup var options: ConfigurationOption

        func run() throws {
            try administer(options) { users in
                for user in try users.list() { print("\(user.id)  \(user.permission)  \(user.name)") }
            }
        }
    }

    private static func administer(
        _ options: ConfigurationOption, _ body: (UserAdministration) throws -> Void
    ) throws {
        do {
            try body(try UserAdministration(configurationFile: options.config))
        } catch let error as ConfigurationError {
            printError("\(error)")
            throw ExitCode.misconfigured
        } catch let error as ValidationError {
            throw error
        } catch {
            printError("xo-host: \(error)")
            throw ExitCode.failure
        }
    }

    private static func report(_ generated: String?) {
        if let generated { print("password: \(generated)") }
    }
}
