import ArgumentParser
import XOHost

/// `xo-host check`: is the configuration right?
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration without starting anything.",
        discussion: """
            Reads the configuration and loads each enabled plugin far enough to learn what it needs and which
            configuration it takes. Every problem is shown with file, line and remedy.
            """)

    @OptionGroup var options: ConfigurationOption

    @Flag(help: "Print the JSON Schema of plugins.json and do nothing else.")
    var schema = false

    func run() throws {
        if schema {
            print(Configuration.schemaText, terminator: "")
            return
        }
        do {
            let report = try ConfigurationCheck.run(options.config)
            print("\(options.config): right. \(report)")
        } catch {
            printError("\(error)")
            throw ExitCode.misconfigured
        }
    }
}
