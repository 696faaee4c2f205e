extension Command {
    static let unregister = Command(
        name: "unregister",
        forms: [""],
        summary: "forget the server and the token",
        details: """
            The token stays valid on the server until it expires. To end it at once, first run
              xo-cli token.delete token=TOKEN
            """,
        run: { _ in
            try Configuration.update([("server", nil), ("token", nil)])
            return .nothing
        })
}
