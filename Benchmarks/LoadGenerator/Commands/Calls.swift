import ArgumentParser
import Glibc
import XOJSON

/// Calls per second and their latency, with a fixed number of calls in flight on each connection.
///
/// Every answer is followed by the next request. The id of a call is the number of its slot, so frames are encoded once;
/// all answers must have the same length, or they are counted as failures.
struct Calls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Keeps calls in flight and counts the answers.")

    @OptionGroup var target: Target

    @Option(help: "The method, called without parameters. An echo server takes any.")
    var method = "bench.ping"

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: "Calls in flight on each connection.")
    var inFlight = 16

    @Option(help: "Seconds for which is measured.")
    var seconds = 3.0

    @Option(help: "Seconds before that.")
    var warmUp = 0.5

    func validate() throws {
        guard (1...20_000).contains(connections), (1...10_000).contains(inFlight), seconds > 0, warmUp >= 0 else {
            throw ValidationError("expected 1 to 20000 connections, 1 to 10000 calls in flight, and positive times")
        }
    }

    func run() throws {
        let load = try CallLoad(
            connections: (0..<connections).map { _ in try target.open() }, inFlight: inFlight, method: method)
        try load.start()
        try load.run(until: Time.now + Int64(warmUp * 1e9))
        load.reset()

        let (started, ownCPU, serverCPU) = (Time.now, Time.ownCPU, try target.cpu())
        try load.run(until: started + Int64(seconds * 1e9))
        let elapsed = Double(Time.now - started)
        let (own, server) = (Double(Time.ownCPU - ownCPU), Double(try target.cpu() - serverCPU))

        let answered = load.latency.count
        guard answered > 0 else { throw BenchError("no call was answered") }
        let report: JSON = [
            "callsPerSecond": .number(Double(answered) / elapsed * 1e9), "calls": JSON(answered),
            "failures": JSON(load.failures), "latency": load.latency.summary,
            "serverNanosecondsPerCall": .number(server / Double(answered)),
            "serverProcessors": .number(server / elapsed), "generatorProcessors": .number(own / elapsed),
            "sample": .string(load.sample),
        ]
        print(report)
    }
}
