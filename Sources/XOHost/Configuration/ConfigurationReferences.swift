import XOJSON

/// Replaces `${env:NAME}` and `${file:PATH}` in strings, so that secrets need not stand in the configuration.
///
/// A reference may be a whole string or a part of one. `$${` stands for `${` itself.
struct ConfigurationReferences {
    static let maximumFileSize = 64 * 1024

    /// To which PATH is relative.
    let folder: String
    let environment: [String: String]
    private(set) var text: ConfigurationText
    private(set) var problems: [ConfigurationProblem] = []

    init(in text: ConfigurationText, folder: String, environment: [String: String]) {
        self.text = text
        self.folder = folder
        self.environment = environment
    }

    /// Whether a string is one reference and nothing else.
    static func isReference(_ text: String) -> Bool {
        (text.hasPrefix("${env:") || text.hasPrefix("${file:")) && text.firstIndex(of: "}") == text.indices.last
    }

    /// `value` with all references replaced. Where one cannot be, a problem is noted and the string left as it is.
    mutating func resolve(_ value: JSON, at path: JSONPath) -> JSON {
        switch value {
        case .string(let string):
            return .string(resolve(string, at: path))
        case .array(let elements):
            return .array(elements.indices.map { resolve(elements[$0], at: path + [.element($0)]) })
        case .object(var members):
            for (name, member) in members { members[name] = resolve(member, at: path + [.member(name)]) }
            return .object(members)
        default: return value
        }
    }

    private mutating func resolve(_ string: String, at path: JSONPath) -> String {
        guard string.contains("${") else { return string }
        var result = ""
        var rest = string[...]
        while let opening = rest.firstRange(of: "${") {
            let before = rest[..<opening.lowerBound]
            rest = rest[opening.upperBound...]
            if before.last == "$" {
                result += "\(before.dropLast())${"
                continue
            }
            guard let closing = rest.firstIndex(of: "}") else {
                problems.append(
                    text.problem(
                        at: path, found: "'${' without '}'", expected: "${env:NAME} or ${file:PATH}",
                        remedy: "for '${' itself write '$${'"))
                return string
            }
            guard let value = value(of: rest[..<closing], at: path) else { return string }
            result += "\(before)\(value)"
            rest = rest[rest.index(after: closing)...]
            text.secretPaths.insert(path)
        }
        return result + rest
    }

    private mutating func value(of reference: Substring, at path: JSONPath) -> String? {
        let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts.first, parts.last) {
        case ("env", let name?) where parts.count == 2:
            if let value = environment[String(name)] { return value }
            problems.append(
                text.problem(
                    at: path, found: "${\(reference)}", expected: "an environment variable that is set",
                    remedy: "set \(name) before xo-host is started"))
        case ("file", let name?) where parts.count == 2:
            return content(of: Path.resolve(String(name), in: folder), at: path)
        default:
            problems.append(
                text.problem(
                    at: path, found: "${\(reference)}", expected: "${env:NAME} or ${file:PATH}",
                    remedy: "for '${' itself write '$${'"))
        }
        return nil
    }

    private mutating func content(of file: String, at path: JSONPath) -> String? {
        let reason: String
        do throws(SystemError) {
            var bytes = try File.content(of: file, limit: ConfigurationReferences.maximumFileSize)
            // The line end that editors put there belongs to the file, not to the secret.
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            if let content = String(validating: bytes, as: UTF8.self) { return content }
            reason = "it is not UTF-8"
        } catch {
            reason = error.description
        }
        problems.append(
            text.problem(
                at: path, found: "a file that cannot be used: \(file): \(reason)",
                expected: "text of at most \(ConfigurationReferences.maximumFileSize) bytes"))
        return nil
    }
}
