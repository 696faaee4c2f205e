/// The options of one command: `--flag`, `--option VALUE`, `--option=VALUE`, `-o VALUE`, `-oVALUE`.
///
/// Reading stops at the first operand, so that what follows may look as it likes; `--` ends the options, too.
struct CommandOptions {
    private var values: [String: String] = [:]
    private(set) var operands: [String]

    /// - Parameters:
    ///   - flags: spellings of the options without value, with the name under which ``isSet(_:)`` knows each.
    ///   - options: the same for those with a value, for ``subscript(_:)``.
    init(_ arguments: [String], flags: [String: String] = [:], options: [String: String] = [:]) throws(UsageError) {
        operands = arguments
        while let word = operands.first, word.hasPrefix("-"), word != "-" {
            operands.removeFirst()
            if word == "--" { return }
            if let name = flags[word] {
                values[name] = ""
            } else if let name = options[word] {
                // A word that looks like an option was surely meant as one.
                guard let value = operands.first, !value.hasPrefix("-") else {
                    throw UsageError(
                        "missing value for option \(word)"
                            + (operands.isEmpty ? "" : " (a value that begins with '-' is written \(word)=VALUE)"))
                }
                values[name] = value
                operands.removeFirst()
            } else {
                let (spelling, value) = CommandOptions.attached(word)
                guard let name = options[spelling], let value else { throw UsageError("unknown option \(spelling)") }
                values[name] = value
            }
        }
    }

    func isSet(_ name: String) -> Bool { values[name] != nil }

    subscript(name: String) -> String? { values[name] }

    private static func attached(_ word: String) -> (spelling: String, value: String?) {
        if !word.hasPrefix("--"), word.count > 2 {
            let value = word.dropFirst(2)
            return (String(word.prefix(2)), String(value.hasPrefix("=") ? value.dropFirst() : value))
        }
        guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }
}
