import XOJSON

/// The text of a configuration file: tells where things stand in it.
struct ConfigurationText: Sendable {
    /// The file's name as the administrator gave it.
    let file: String
    let bytes: [UInt8]
    /// Strings that came from the environment or from another file. They are not shown.
    var secretPaths: Set<JSONPath> = []

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// - Parameter place: where to point, if not at `path` itself.
    func problem(
        at path: JSONPath, pointingAt place: JSONPath? = nil, found: String, expected: String? = nil,
        remedy: String? = nil
    ) -> ConfigurationProblem {
        let (line, column) = JSON.position(of: place ?? path, in: bytes)
        return ConfigurationProblem(
            file: file, line: line, column: column, key: path.dotted, found: found, expected: expected, remedy: remedy)
    }

    func problem(_ error: JSONError) -> ConfigurationProblem {
        ConfigurationProblem(
            file: file, line: error.line, column: error.column, key: "", found: "broken JSON (\(error.reason))",
            expected: nil, remedy: nil)
    }

    /// About the file as a whole.
    static func problem(_ file: String, found: String, remedy: String) -> ConfigurationProblem {
        ConfigurationProblem(
            file: file, line: nil, column: nil, key: "", found: found, expected: nil, remedy: remedy)
    }

    /// A value as it may be shown: no secret, and not longer than a line.
    func shown(_ value: JSON?, at path: JSONPath) -> String {
        guard let value else { return "nothing" }
        if secretPaths.contains(path) || Redaction.isSecret(value, at: path) { return "a secret value" }
        switch value {
        case .object: return "an object"
        case .array: return "a list"
        case .string(let text) where text.count > 60: return "\"\(text.prefix(60))…\""
        default: return value.description
        }
    }
}
