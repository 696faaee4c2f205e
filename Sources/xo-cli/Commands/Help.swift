import XOJSON

extension Command {
    static let help = Command(
        name: "help",
        forms: ["[<command>]"],
        summary: "show this overview, or the help of one command or method",
        details: """
            Examples:
              xo-cli help list-objects
              xo-cli help vm.start
            """,
        run: { invocation in
            guard let word = invocation.arguments.first(where: { !$0.hasPrefix("-") }) else {
                return .text(HelpText.overview(.ofTexts))
            }
            if let command = Command.named(CommandName(word).normalised) {
                return .text(HelpText.page(of: command, .ofTexts))
            }
            let access = try Access(invocation.global)
            let methods = try await access.withSession { try await $0.call("system.getMethodsInfo") }
            guard let method = methods[word] else {
                throw UsageError("neither xo-cli nor the server has a command `\(word)`; see `xo-cli list-commands`")
            }
            return .text(MethodList([word: method]).text(colours: .ofTexts))
        })
}

/// The texts of `help`.
enum HelpText {
    static func overview(_ colours: Colours) -> String {
        let program = colours.bold("xo-cli")
        let width = Command.all.map(\.name.count).max() ?? 0
        let commands = Command.all.map { command in
            "  \(command.name)\(String(repeating: " ", count: width - command.name.count))  \(command.summary)"
        }
        return marked(
            """
            Usage: \(program) [<global options>] <command> [<arguments>]
                   \(program) [<global options>] <method> [<name>=<value>]…

            Administers a server through its API.

            Commands:
            \(commands.joined(separator: "\n"))

            All other words are methods of the server, such as `vm.start`. `\(program) help <command>` tells
            more about each command and method.

            Global options:
              --url, -u <url>             use this server, with the token as user name, instead of the
                                          registered one: https://TOKEN@xo.example.net/
              --allowUnauthorized, --au   together with --url: accept any certificate
              --help, -h                  show this overview

            First steps:
              xo-cli register https://xo.example.net admin@example.net
              xo-cli list-objects --id --name_label --power_state type=VM
              xo-cli vm.start id=VM_ID
              xo-cli watch

            xo-cli v\(XOCLI.version)
            """, colours)
    }

    static func page(of command: Command, _ colours: Colours) -> String {
        let usage = command.forms.enumerated().map { index, form in
            let words = "\(colours.bold("xo-cli")) \(command.name)\(form.isEmpty ? "" : " \(form)")"
            return (index == 0 ? "Usage: " : "       ") + words
        }
        let summary = command.summary.prefix(1).uppercased() + command.summary.dropFirst() + "."
        return marked("\(usage.joined(separator: "\n"))\n\n\(summary)\n\n\(command.details)", colours)
    }

    /// Colours what stands in angle brackets.
    private static func marked(_ text: String, _ colours: Colours) -> String {
        guard colours.isOn else { return text }
        return text.replacing(#/<[^>\s][^>]*>/#) { colours.yellow(String($0.output)) }
    }
}
