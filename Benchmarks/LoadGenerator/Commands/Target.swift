import ArgumentParser
import XOJSON

/// What every command needs to know.
struct Target: ParsableArguments {
    @Argument(help: "The server, such as ws://127.0.0.1:8080/api/.")
    var address: ServerAddress

    @Option(help: "Sign in with this token; without, calls are made anonymously.")
    var token: String?

    @Option(help: "Process id of the server, for its use of the processors.")
    var process: Int32?

    /// A new connection, signed in if there is a token.
    func open() throws -> Connection {
        let connection = try Connection(to: address)
        if let token { _ = try connection.call("session.signIn", ["token": .string(token)]) }
        return connection
    }

    /// Nanoseconds that the server has used; 0 if its process is not known.
    func cpu() throws -> Int64 { try process.map { try ServerProcess(id: $0).cpu() } ?? 0 }
}
