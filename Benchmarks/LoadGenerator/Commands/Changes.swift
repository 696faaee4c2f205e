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

    func validate() throws {
        guard (1...20_000).contains(sessions), changes > 0, warmUp >= 0 else {
            throw ValidationError("expected 1 to 20000 sessions and at least one change")
        }
    }

    func run() throws {
        let audience = try Audience((0..<sessions).map { _ in try target.open() })
        let first = try audience.members[0].call("xo.getAllObjects", ["filter": ["type": "VM"], "limit": 1])
        guard let machine = first.object?.keys.first else { throw BenchError("the server has no VM") }

        for number in 0..<warmUp { try audience.change(machine, "warm-up \(number)") }
        audience.reset()
        let (started, serverCPU) = (Time.now, try target.cpu())
        for number in 0..<changes { try audience.change(machine, "change \(number)") }
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
}
