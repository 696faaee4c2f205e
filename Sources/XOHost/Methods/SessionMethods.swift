import XOJSON
import XOProtocol

extension HostMethods {
    /// `session.*`: who is at the other end of a connection.
    static func session(_ services: Services) throws -> [MethodDefinition] {
        [
            try method("session.signIn", "Signs in with user name and password, or with a token.", .everybody) {
                try signIn($0, services)
            },
            try method(
                "session.signInWithPassword", "Signs in with user name and password.", .everybody,
                ["email": ["type": "string"], "password": ["type": "string"]]
            ) { try signIn($0, services) },
            try method(
                "session.signInWithToken", "Signs in with a token.", .everybody, ["token": ["type": "string"]]
            ) { try signIn($0, services) },
            try method("session.getUser", "The user who is signed in.", .everybody) { call in
                guard let user = call.principal?.user else { throw MethodError.failed("nobody is signed in") }
                return call.background { try services.publicForm(of: user) }
            },
            try method("session.signOut", "Signs out; the connection stays open.", .signedIn) { call in
                call.session?.principal = nil
                return .result(nil)
            },
        ]
    }

    private static func signIn(_ call: NativeCall, _ services: Services) throws -> NativeAnswer {
        guard let session = call.session else {
            throw MethodError.failed("only a client's connection can be signed in")
        }
        let parameters = call.parameters
        let find: @Sendable () async throws -> Identified
        let code = parameters["otp"]?.string
        if let token = parameters["token"]?.string {
            find = { try await services.signIn.withToken(token, code: code, address: session.address) }
        } else {
            guard let name = parameters["email"]?.string ?? parameters["username"]?.string,
                let password = parameters["password"]?.string
            else { throw MethodError.invalidCredentials }
            find = {
                let found = try await services.signIn.withPassword(
                    name: name, password: password, code: code, address: session.address)
                services.audit("signedIn", by: found.user, address: session.address)
                return found
            }
        }
        return call.asynchronously {
            do {
                let found = try await find()
                return try await services.inBackground {
                    try services.signIn(session, as: found)
                    return try services.publicForm(of: found.user)
                }
            } catch let error as SignInError {
                switch error {
                case .tooFast, .emptyPassword: throw MethodError.failed("\(error)")
                default: throw MethodError.invalidCredentials
                }
            }
        }
    }
}
