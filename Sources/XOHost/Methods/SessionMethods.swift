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
                return .result(user.publicForm)
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
        if let token = parameters["token"]?.string {
            return call.background {
                guard let (user, record) = try services.tokens.authenticate(token, address: session.address) else {
                    throw MethodError.invalidCredentials
                }
                try services.signIn(session, as: user, tokenExpiration: record.expiration)
                return user.publicForm
            }
        }
        guard let name = parameters["email"]?.string ?? parameters["username"]?.string,
            let password = parameters["password"]?.string
        else { throw MethodError.invalidCredentials }
        return call.withPasswords {
            do {
                let user = try services.authenticator.verify(
                    name: name, password: password, address: session.address)
                try services.signIn(session, as: user, tokenExpiration: nil)
                return user.publicForm
            } catch SignInError.invalidCredentials {
                services.log.logger("host").warning(
                    "sign-in failed", metadata: ["name": "\(name.prefix(64))", "address": "\(session.address)"])
                throw MethodError.invalidCredentials
            }
        }
    }
}
