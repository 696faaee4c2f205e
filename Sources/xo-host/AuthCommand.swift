import ArgumentParser
import Glibc
import XOHost

/// `xo-host auth`: the rules by which people of providers become users.
struct AuthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "Try out who people of a provider would be here.",
        subcommands: [Preview.self])

    struct Preview: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the rules in plugins.json make of a sample, and why.",
            discussion: """
                Reads what a provider would say of a person from standard input:

                  echo '{"subject": "1", "name": "alice", "groups": [{"id": "g", "name": "staff"}]}' |
                    xo-host auth preview ldap

                For a real person of a running provider: xo-cli auth.preview provider=ldap name=alice
                """)

        @OptionGroup var options: ConfigurationOption
        @Argument(help: "The id of the plugin in plugins.json.") var plugin: String

        func run() throws {
            var text: [UInt8] = []
            // Nobody's voucher is longer.
            while text.count < 16 << 20, let line = readLine(strippingNewline: false) { text += line.utf8 }
            do {
                print(try MappingPreview.run(configurationFile: options.config, plugin: plugin, voucher: text))
            } catch {
                printError("\(error)")
                throw ExitCode.misconfigured
            }
        }
    }
}
