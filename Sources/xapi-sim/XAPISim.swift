import ArgumentParser
import Dispatch
import XAPISimulator

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@main
struct XAPISim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xapi-sim",
        abstract: "Serves a simulated XenServer pool.",
        discussion: """
            Clients connect to it as to the master of a real pool. The same seed and sizes give the same pool again, \
            whose state is lost at the end. It ends on SIGINT and SIGTERM.
            """)

    @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one, which is printed.", valueName: "number"))
    var port = 0

    @Option(help: ArgumentHelp("Address to listen on, which is also that of the hosts.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "Gives each host an address of its own, this and those behind it, such as 127.0.10.1.",
            valueName: "address"))
    var hostAddresses: String?

    @Option(help: ArgumentHelp("Number of hosts.", valueName: "number"))
    var hosts = 3

    @Option(help: ArgumentHelp("Number of guests; templates and snapshots come on top.", valueName: "number"))
    var vms = 20

    @Option(help: ArgumentHelp("What identifiers are made from.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: "Serve TLS with a self-signed certificate.")
    var tls = false

    @Option(help: ArgumentHelp("Name to log in with.", valueName: "name"))
    var user = "root"

    @Option(help: ArgumentHelp("Password to log in with.", valueName: "password"))
    var password = "password"

    @Option(
        help: ArgumentHelp("How long starting, stopping and the like take.", valueName: "seconds"))
    var operationTime = 1.0

    func validate() throws {
        guard (0...65535).contains(port) else {
            throw ValidationError("--port is \(port); expected a number from 0 to 65535.")
        }
        guard (1...64).contains(hosts) else {
            throw ValidationError("--hosts is \(hosts); expected a number from 1 to 64.")
        }
        guard (0...100_000).contains(vms) else {
            throw ValidationError("--vms is \(vms); expected a number from 0 to 100000.")
        }
        guard (0...3600).contains(operationTime) else {
            throw ValidationError("--operation-time is \(operationTime); expected seconds from 0 to 3600.")
        }
    }

    func run() async throws {
        // A signal that comes while the pool is set up must end the program cleanly, too.
        let (signals, arrival) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { arrival.yield() }
            source.resume()
            return source
        }
        let pool: SimulatedPool
        do {
            pool = try await SimulatedPool.start(
                .init(
                    hosts: hosts, virtualMachines: vms, seed: seed, address: host,
                    hostAddresses: hostAddresses.map { .each(first: $0) } ?? .shared, port: port, tls: tls, user: user,
                    password: password, badPasswordDelay: .seconds(5), operationDuration: .seconds(operationTime)))
        } catch {
            throw ListenFailure(address: host, port: port, reason: "\(error)")
        }
        var line = "Simulated pool at \(pool.url), user \(user), password \(password)"
        if let fingerprint = pool.certificateFingerprint { line += ", certificate SHA-256 \(fingerprint)" }
        print(line)
        // Whoever reads the port from a pipe must not wait for the buffer to fill.
        fflush(nil)
        for await _ in signals { break }
        for source in sources { source.cancel() }
        await pool.stop()
    }
}

/// Not a wrong use of the options, so the usage is not printed.
struct ListenFailure: Error, CustomStringConvertible {
    let address: String
    let port: Int
    let reason: String

    var description: String {
        "Cannot listen on \(address), port \(port): \(reason). Choose others by --host and --port."
    }
}
