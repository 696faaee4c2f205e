/// A sub-command: how it is called, what its help says, and what it does.
///
/// Each is a static member in a file of its own.
struct Command: Sendable {
    let name: String
    /// The words behind the name, one form of the command each.
    let forms: [String]
    /// One line for the overview.
    let summary: String
    /// The rest of the help: what to know, and examples.
    let details: String
    let run: @Sendable (Invocation) async throws -> CommandResult

    static let all: [Command] = [
        register, unregister, createToken, listCommands, listObjects, call, watch, rest, completion, help,
    ]

    static func named(_ name: String) -> Command? {
        all.first { $0.name == name }
    }
}

/// One use of a command.
struct Invocation: Sendable {
    let global: GlobalOptions
    /// The words behind the command.
    let arguments: [String]
}
