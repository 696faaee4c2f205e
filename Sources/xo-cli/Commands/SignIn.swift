import XOClient
import XOJSON

/// What `register` and `create-token` have in common: options and operands, and how a token is made.
struct SignIn: Sendable {
    let url: String
    let user: String
    let allowUnauthorized: Bool
    /// A token that the user has already: then there is nobody to sign in.
    let token: String?
    private let password: String?
    private let otp: String?
    private let expiresIn: String?

    init(_ arguments: [String]) throws(UsageError) {
        let options = try CommandOptions(
            arguments,
            flags: ["--allowUnauthorized": "allowUnauthorized", "--au": "allowUnauthorized"],
            options: ["--expiresIn": "expiresIn", "--otp": "otp", "--token": "token", "-t": "token"])
        allowUnauthorized = options.isSet("allowUnauthorized")
        token = options["token"]
        otp = options["otp"]
        expiresIn = options["expiresIn"]
        let operands = options.operands
        guard let url = operands.first else { throw UsageError("missing URL of the server") }
        let maximum = token == nil ? 3 : 1
        guard operands.count <= maximum else { throw UsageError("unexpected argument `\(operands[maximum])`") }
        self.url = url
        guard token == nil else {
            (user, password) = ("", nil)
            return
        }
        guard operands.count > 1 else { throw UsageError("missing user name") }
        user = operands[1]
        password = operands.count > 2 ? operands[2] : nil
    }

    /// Signs in with the password, which is asked for if it was not given, and makes a token.
    func createToken(client: JSON? = nil, description: String) async throws -> String {
        let server = try ServerURL(url)
        let password = try self.password ?? PasswordPrompt.read()
        let options = ConnectionOptions(allowUnauthorized: allowUnauthorized)
        return try await XOClient.withConnection(to: server, options: options) { connection in
            let account = try await connection.call(
                "session.signIn",
                params: .members([
                    ("email", .string(user)), ("otp", otp.map(JSON.string)), ("password", .string(password)),
                ]))
            OutputStream.error.write("Successfully logged with \(account["email"]?.string ?? user)\n")
            let token = try await requestToken(connection, client: client, description: description)
            guard let token = token.string else { throw UsageError("the server sent no token but \(token.typeName)") }
            return token
        }
    }

    /// Old servers know neither clients nor descriptions of tokens.
    private func requestToken(_ connection: XOClient, client: JSON?, description: String) async throws -> JSON {
        let lifetime = expiresIn.map(JSON.string)
        do {
            return try await connection.call(
                "token.create",
                params: .members([("client", client), ("description", .string(description)), ("expiresIn", lifetime)]))
        } catch let error as RemoteError where error.code == RemoteError.invalidParameters {
            return try await connection.call("token.create", params: .members([("expiresIn", lifetime)]))
        }
    }
}

extension JSON {
    /// An object of the members that have a value.
    fileprivate static func members(_ members: [(String, JSON?)]) -> JSON {
        var object = JSONObject()
        for (name, value) in members where value != nil { object[name] = value }
        return .object(object)
    }
}
