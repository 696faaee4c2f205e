import XOClient
import XOJSON

/// Which server to use, and as whom.
struct Access: Sendable {
    let server: ServerURL
    let token: String
    let options: ConnectionOptions

    /// From `--url` if it is given, else from the configuration file.
    init(_ global: GlobalOptions) throws {
        let configuration = Configuration.load()
        guard let text = global.url ?? configuration.server else { throw NotRegistered() }
        server = try ServerURL(text)
        let token = global.url == nil ? configuration.token : server.userName
        guard let token, !token.isEmpty else {
            throw UsageError(
                "no token available"
                    + (global.url == nil
                        ? ": run `xo-cli register` again"
                        : ": write it before the host name, as in https://TOKEN@\(server.address.authority)/"))
        }
        self.token = token
        options = ConnectionOptions(
            allowUnauthorized: global.url == nil ? configuration.allowUnauthorized : global.allowUnauthorized)
    }

    /// Signs in, runs `body`, and closes the connection whatever comes of it.
    func withSession<Result: Sendable>(
        _ body: @Sendable (XOClient) async throws -> Result
    ) async throws -> Result {
        try await XOClient.withConnection(to: server, options: options) { client in
            try await signIn(client)
            return try await body(client)
        }
    }

    func signIn(_ client: XOClient) async throws {
        do {
            try await client.call("session.signIn", params: ["token": .string(token)])
        } catch let error as RemoteError {
            throw error.code == RemoteError.invalidCredentials ? SignInRefused(cause: error) : error
        }
    }
}

extension XOClient {
    static func withConnection<Result: Sendable>(
        to server: ServerURL, options: ConnectionOptions, _ body: @Sendable (XOClient) async throws -> Result
    ) async throws -> Result {
        let client = try await XOClient.connect(to: server, options: options)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}

extension RemoteError {
    static let invalidCredentials: Int64 = 3
    static let invalidParameters: Int64 = 10
}

/// Neither the configuration file nor the command line names a server.
struct NotRegistered: Error, CustomStringConvertible {
    var description: String { "Please use `xo-cli register` to associate with an XO instance first." }
}

/// The token is wrong, revoked or expired.
struct SignInRefused: Error {
    let cause: RemoteError
}
