import ArgumentParser
import XOJSON

/// How long it takes until everybody whom an entry of the access lists concerns has been told.
struct Grants: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Adds and removes an entry of the access lists, and waits until all sessions know.")

    @OptionGroup var target: Target

    @Option(help: "Sessions that are told, signed in with the token.")
    var sessions = 1

    @Option(help: "The user or group whose rights change.")
    var subject: String

    @Option(help: "The object; nobody may see it otherwise.")
    var object: String

    @Option(help: "The administrator who changes them.")
    var user: String

    @Option(help: "The administrator's password.")
    var password: String

    @Option(help: "Times that the entry is added, and removed.")
    var changes = 10

    func run() throws {
        let administrator = try target.open()
        _ = try administrator.call("session.signIn", ["email": .string(user), "password": .string(password)])
        let audience = try Audience([administrator] + (0..<sessions).map { _ in try target.open() })
        let entry: JSON = ["subject": .string(subject), "object": .string(object), "action": "viewer"]

        func addAndRemove() throws {
            try audience.change("acl.add", entry, mark: "\"\(object)\":{", tells: 1..<(sessions + 1))
            try audience.change("acl.remove", entry, mark: "\"\(object)\":0", tells: 1..<(sessions + 1))
        }
        try addAndRemove()
        audience.reset()
        let serverCPU = try target.cpu()
        for _ in 0..<changes { try addAndRemove() }
        let used = try target.cpu() - serverCPU
        let report: JSON = [
            "changes": JSON(2 * changes), "sessions": JSON(sessions), "latency": audience.latency.summary,
            "serverMillisecondsPerChange": .number(Double(used) / 1e6 / Double(2 * changes)),
        ]
        print(report)
    }
}
