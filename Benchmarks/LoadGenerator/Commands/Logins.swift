import ArgumentParser
import XOJSON

/// Sign-ins with a password, one after the other on each connection.
struct Logins: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Signs people in again and again.")

    @OptionGroup var target: Target

    @Option(help: "The names of the people: this with a number from 0 on behind it.")
    var users: String

    @Option(help: "How many people there are.")
    var people: Int

    @Option(help: "Their password.")
    var password: String

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: "Seconds for which is measured.")
    var seconds = 3.0

    @Flag(help: "Count failures; without, the first one ends it.")
    var countsFailures = false

    func validate() throws {
        guard (1...20_000).contains(connections), people > 0, seconds > 0 else {
            throw ValidationError("expected 1 to 20000 connections, at least one person, and a positive time")
        }
    }

    func run() throws {
        let members = try (0..<connections).map { _ in try target.open() }
        var poller = try Poller()
        for (index, member) in members.enumerated() { try poller.add(member.socket, index: index) }
        var (latency, failures, person) = (LatencyHistogram(), 0, 0)
        var sent = [Int64](repeating: 0, count: connections)

        func signIn(on index: Int) throws {
            let request: JSON = [
                "id": "login", "jsonrpc": "2.0", "method": "session.signIn",
                "params": ["email": .string("\(users)\(person % people)"), "password": .string(password)],
            ]
            person += 1
            sent[index] = Time.now
            try members[index].send(request.description)
        }

        let (started, serverCPU) = (Time.now, try target.cpu())
        let end = started + Int64(seconds * 1e9)
        for index in members.indices { try signIn(on: index) }
        while Time.now < end {
            _ = try poller.wait(milliseconds: 100) { index in
                try members[index].drain { message in
                    guard message.starts(with: #"{"id":"login""#.utf8) || message.range(of: Self.failed) != nil else {
                        return
                    }
                    if message.range(of: Self.failed) != nil {
                        guard countsFailures else {
                            throw BenchError("session.signIn: \(String(decoding: message.prefix(400), as: UTF8.self))")
                        }
                        failures += 1
                    } else {
                        latency.record(nanoseconds: Time.now - sent[index])
                    }
                    try signIn(on: index)
                }
            }
        }
        let elapsed = Double(Time.now - started)
        let (done, used) = (latency.count, try target.cpu() - serverCPU)
        let report: JSON = [
            "loginsPerSecond": .number(Double(done) / elapsed * 1e9), "logins": JSON(done), "failures": JSON(failures),
            "latency": latency.summary, "serverNanosecondsPerLogin": .number(Double(used) / Double(max(1, done))),
        ]
        print(report)
    }

    private static let failed = Array(#""error":"#.utf8)
}
