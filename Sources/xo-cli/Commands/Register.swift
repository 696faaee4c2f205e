import Glibc
import XOJSON

extension Command {
    static let register = Command(
        name: "register",
        forms: [
            "[--allowUnauthorized] [--expiresIn <duration>] [--otp <code>] <url> <user> [<password>]",
            "[--allowUnauthorized] --token <token> <url>",
        ],
        summary: "sign in to a server and remember it for the other commands",
        details: """
            Makes a token for this machine and saves it, readable only by you, in
              $XDG_CONFIG_HOME/xo-cli/config.json (or ~/.config/xo-cli/config.json).
            Without <password> it is asked for. A scheme-less <url> means https.

            Options:
              --allowUnauthorized, --au   accept any certificate, also a self-signed one
              --expiresIn <duration>      life of the token, such as `1 hour` (default: the server's, 30 days)
              --otp <code>                one-time password of a second factor
              --token, -t <token>         save this token unchecked, without signing in

            Examples:
              xo-cli register xo.example.net alice@example.net
              xo-cli register --allowUnauthorized --expiresIn '7 days' https://192.0.2.10 admin
              xo-cli register http://localhost:8080 admin "$PASSWORD"
            """,
        run: { invocation in
            let signIn = try SignIn(invocation.arguments)
            let clientID = Configuration.load().clientID ?? randomClientID()
            let token: String
            if let given = signIn.token {
                token = given
            } else {
                token = try await signIn.createToken(
                    client: ["id": .string(clientID)], description: tokenDescription())
            }
            try Configuration.update([
                ("allowUnauthorized", .bool(signIn.allowUnauthorized)), ("clientId", .string(clientID)),
                ("server", .string(signIn.url)), ("token", .string(token)),
            ])
            return .nothing
        })

    /// With it the server knows this machine again, and renews its token instead of making one more.
    private static func randomClientID() -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<12).map { _ in digits[Int.random(in: digits.indices)] })
    }

    /// Tells the user, in the server's list of tokens, which is whose.
    private static func tokenDescription() -> String {
        var system = utsname()
        uname(&system)
        let (host, name, machine) = (text(&system.nodename), text(&system.sysname), text(&system.machine))
        return "xo-cli@\(XOCLI.version) - \(host) - \(name) \(machine)"
    }

    /// The text in one of `uname`'s fixed-size fields.
    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
