import ArgumentParser
import XOJSON

/// One call; prints its result.
struct Call: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes one call and prints its result.")

    @OptionGroup var target: Target

    @Option(help: "Sign in as this user before.")
    var user: String?

    @Option(help: "The user's password.")
    var password: String?

    @Argument(help: "The method.")
    var method: String

    @Argument(help: "Its parameters, a JSON object.")
    var parameters = "{}"

    func run() throws {
        let connection = try target.open()
        if let user, let password {
            _ = try connection.call("session.signIn", ["email": .string(user), "password": .string(password)])
        }
        print(try connection.call(method, try JSON(parsing: parameters)))
    }
}
