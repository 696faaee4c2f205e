import ArgumentParser
import XOJSON

/// What a change costs, and how long it takes to reach every client.
///
/// One client renames a VM's description; the next change follows when all sessions have been told of this one.
struct Changes: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Changes a VM, and waits until all sessions know.")

    @OptionGroup var target: Target

    @Option(help: "Sessions that are told; the one that makes the changes is one of them.")
    var sessions = 1

    @Option(help: "Changes.")
    var changes = 100

    @Option(help: "Changes before those that are measured.")
    var warmUp = 5

    @Option(help: "How many of the sessions see the VM, the first ones; all of them unless given.")
    var told: Int?

    @Option(help: "Sign in as a user of each session's own: this with a number from 0 on behind it.")
    var users: String?

    @Option(help: "The password of these users.")
    var password = ""

    func validate() throws {
        guard (1...20_000).contains(sessions), changes > 0, warmUp >= 0, (1...sessions).contains(told ?? sessions)
        else { throw ValidationError("expected 1 to 20000 sessions and at least one change") }
    }

    func run() throws {
        let audience = try Audience((0..<sessions).map(open))
        let told = told ?? sessions
        let first = try audience.members[0].call("xo.getAllObjects", ["filter": ["type": "VM"], "limit": 1])
        guard let machine = first.object?.keys.first else { throw BenchError("the server has no VM") }

        for number in 0..<warmUp { try audience.change(machine, "warm-up \(number)", told: told) }
        audience.reset()
        let (started, serverCPU) = (Time.now, try target.cpu())
        for number in 0..<changes { try audience.change(machine, "change \(number)", told: told) }
        let (elapsed, used) = (Time.now - started, try target.cpu() - serverCPU)

        let report: JSON = [
            "changes": JSON(changes), "sessions": JSON(sessions), "deliveries": JSON(audience.deliveries),
            "latency": audience.latency.summary,
            "millisecondsPerChange": .number(Double(elapsed) / 1e6 / Double(changes)),
            "serverNanosecondsPerChange": .number(Double(used) / Double(changes)),
            "serverNanosecondsPerDelivery": .number(Double(used) / Double(audience.deliveries)),
            "bytesPerDelivery": JSON(audience.bytes / max(1, audience.deliveries)),
        ]
        print(report)
    }

    private func open(_ number: Int) throws -> Connection {
        let connection = try target.open()
        if let users {
            _ = try connection.call(
                "session.signIn", ["email": .string("\(users)\(number)"), "password": .string(password)])
        }
        return connection
    }
}
