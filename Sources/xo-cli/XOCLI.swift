import Glibc

/// The program: reads the global options, finds the command, runs it, prints what it returns.
@main
enum XOCLI {
    static let version = "0.1.0"

    static func main() async {
        // A reader that has seen enough, such as `head`, is no reason to die: see `OutputStream`.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        var status: Int32
        do {
            status = try await run(arguments)
        } catch {
            Report(error).print()
            status = 1
        }
        if let failure = OutputStream.standard.failure {
            OutputStream.error.write("cannot write the output: \(failure)\n")
            status = 1
        }
        exit(status)
    }

    /// - Returns: the exit status.
    private static func run(_ arguments: [String]) async throws -> Int32 {
        let global = try GlobalOptions(arguments)
        guard let word = global.rest.first, !global.wantsHelp else {
            return try await Command.help.run(Invocation(global: global, arguments: [])).present()
        }
        let name = CommandName(word)
        guard let command = Command.named(name.normalised) else {
            // Whatever is no command of ours is a method of the server.
            return try await Command.call.run(Invocation(global: global, arguments: global.rest)).present()
        }
        if name.normalised != word {
            OutputStream.error.write(
                "`\(word)` is deprecated and will be removed in the future, "
                    + "use `\(name.normalised)` subcommand instead\n\n")
        }
        let arguments = Array(global.rest.dropFirst())
        return try await command.run(Invocation(global: global, arguments: arguments)).present()
    }
}
