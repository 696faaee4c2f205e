import ArgumentParser
import Glibc
import XOHost

/// `xo-host run`: serves until it is told to stop.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon (the default).")

    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        // What the daemon writes is for itself.
        umask(0o077)
        let signals = Signals()
        let daemon: Daemon
        do {
            daemon = try Daemon(configurationFile: options.config)
        } catch let error as ConfigurationError {
            printError("\(error)")
            throw ExitCode.misconfigured
        } catch {
            printError("xo-host: \(error)")
            throw ExitCode.failure
        }
        // Beside the signals, so that one that comes during the start is not kept waiting.
        let start = Task {
            do {
                show(try await daemon.start())
                return
            } catch {
                printError("xo-host: \(error)")
            }
            await daemon.stop()
            Glibc.exit(EXIT_FAILURE)
        }
        // A reload waits for the start and for the reload before it; the end waits for neither.
        var latest = start
        for await signal in signals.stream {
            guard signal == SIGHUP else { break }
            latest = Task { [latest] in
                await latest.value
                // What is wrong is in the log; a wrong configuration changes nothing.
                try? await daemon.reload()
            }
        }
        start.cancel()
        await daemon.stop()
        // Threads of plugins may still be there; nothing waits for them.
        Glibc.exit(EXIT_SUCCESS)
    }

    /// For people, on standard output; not into the log, which is kept and read by others.
    private func show(_ welcome: Daemon.Welcome) {
        var lines: [String] = [""]
        if welcome.addresses.isEmpty {
            lines.append("xo-host is running, but no plugin listens for clients.")
        } else {
            lines.append("xo-host is running at \(welcome.addresses.joined(separator: " and "))")
        }
        if let name = welcome.administrator, let password = welcome.password {
            lines += ["", "    user:     \(name)", "    password: \(password)", ""]
            lines.append("This password was made just now and is shown this once.")
        } else if let name = welcome.administrator {
            lines.append("Sign in as \(name). Forgotten? xo-host user passwd --config \(options.config) \(name)")
        }
        if let address = welcome.addresses.first, let name = welcome.administrator {
            lines += ["", "    xo-cli register \(address) \(name)", "    xo-cli list-objects type=VM", ""]
        }
        print(lines.joined(separator: "\n"))
        fflush(nil)
    }
}

/// Writes a line to standard error.
func printError(_ text: String) {
    let line = Array("\(text)\n".utf8)
    line.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
