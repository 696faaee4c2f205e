import ArgumentParser

@main
struct XOPlugin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xo-plugin", abstract: "Tools for those who write plugins for xo-host.",
        subcommands: [Check.self, RunTest.self])
}
