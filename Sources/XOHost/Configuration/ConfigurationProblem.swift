/// One thing that is wrong with a configuration file.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public let file: String
    /// Both counted from 1, the column in bytes; `nil` when the file as a whole is meant.
    public let line: Int?
    public let column: Int?
    /// The place as one writes it, `plugins[2].library`; empty for the file as a whole.
    public let key: String
    public let found: String
    public let expected: String?
    public let remedy: String?

    /// `plugins.json:12:7: plugins[2].enabled: found "yes", expected true or false`
    public var description: String {
        var text = file
        if let line, let column { text += ":\(line):\(column)" }
        if !key.isEmpty { text += ": \(key)" }
        text += ": found \(found)"
        if let expected { text += ", expected \(expected)" }
        if let remedy { text += "; \(remedy)" }
        return text
    }
}

/// Everything that is wrong with a configuration file, in the order of the file.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let problems: [ConfigurationProblem]

    init(_ problems: [ConfigurationProblem]) {
        self.problems = problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
    }

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
