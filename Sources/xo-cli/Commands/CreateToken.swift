extension Command {
    static let createToken = Command(
        name: "create-token",
        forms: ["[--allowUnauthorized] [--expiresIn <duration>] [--otp <code>] <url> <user> [<password>]"],
        summary: "sign in to a server and print a new token",
        details: """
            Nothing is saved. The options are those of `register`.

            Example:
              TOKEN=$(xo-cli create-token --expiresIn '1 hour' xo.example.net alice "$PASSWORD")
              xo-cli --url "https://$TOKEN@xo.example.net/" list-objects type=VM
            """,
        run: { invocation in
            let signIn = try SignIn(invocation.arguments)
            guard signIn.token == nil else { throw UsageError("`token` option is not accepted by this command") }
            let token = try await signIn.createToken(description: "xo-cli create-token")
            OutputStream.error.write("Authentication token created\n\n")
            return .text(token)
        })
}
