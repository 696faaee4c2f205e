/// The options before the command.
struct GlobalOptions: Sendable {
    private(set) var allowUnauthorized = false
    private(set) var url: String?
    private(set) var wantsHelp = false
    /// The command word and all that follows.
    private(set) var rest: [String]

    init(_ arguments: [String]) throws(UsageError) {
        rest = arguments
        while let word = rest.first {
            if word == "--allowUnauthorized" || word == "--au" {
                allowUnauthorized = true
            } else if word == "--help" || word == "-h" {
                wantsHelp = true
                return
            } else if word == "--url" || word == "-u" {
                rest.removeFirst()
                guard let value = rest.first else { throw UsageError("missing value for option \(word)") }
                url = value
            } else if word.hasPrefix("--url=") {
                url = String(word.dropFirst("--url=".count))
            } else {
                return
            }
            rest.removeFirst()
        }
    }
}

/// The command word, also in its older spellings: `--register`, `listObjects`.
struct CommandName {
    let normalised: String

    init(_ word: String) {
        let body = word.hasPrefix("--") ? word.dropFirst(2) : word[...]
        normalised = body.reduce(into: "") { name, character in
            name += character.isASCII && character.isUppercase ? "-\(character.lowercased())" : String(character)
        }
    }
}

/// The command line cannot be understood; the text says why.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
