import ArgumentParser
import Glibc

/// Measures a JSON-RPC server from outside; prints what it found as one JSON object.
///
/// One thread, epoll, frames encoded in advance: on two cores it must leave one to the server, and must cost less per
/// message than the leanest server that it measures.
@main
struct XOBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xo-bench", abstract: "Loads a JSON-RPC server and measures it.",
        subcommands: [
            Call.self, Calls.self, List.self, Changes.self, Grants.self, FirstAnswer.self, Logins.self, Receive.self,
        ])
}

/// What went wrong, for the person who runs the benchmark.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// With what the operating system says about it.
    static func system(_ what: String) -> BenchError {
        BenchError("\(what): \(String(cString: strerror(errno)))")
    }
}
