import XOJSON

/// Hides what must not be shown or logged.
enum Redaction {
    /// What stands in place of a secret; known to readers of Xen Orchestra's logs.
    static let replacement = "* obfuscated *"

    /// Whether a member of that name holds a secret.
    static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["token", "passphrase", "encryptionkey", "privatekey", "otp"].contains(name)
            || name.contains("password") || name.contains("secret")
    }

    /// Whether a value is a secret by the names that lead to it: a string anywhere inside of such a member, a number
    /// only as the member itself.
    static func isSecret(_ value: JSON, at path: JSONPath) -> Bool {
        func isSecret(_ step: JSONPathStep) -> Bool {
            if case .member(let name) = step { self.isSecret(name) } else { false }
        }
        return switch value {
        case .string: path.contains(where: isSecret)
        case .integer, .number: path.last.map(isSecret) ?? false
        default: false
        }
    }
}

extension JSON {
    /// The value with what is secret by its name replaced. References stay: they tell where a secret is, not what.
    func redacted() -> JSON { redacted(at: []) }

    private func redacted(at path: JSONPath) -> JSON {
        switch self {
        case .array(let elements):
            return .array(elements.indices.map { elements[$0].redacted(at: path + [.element($0)]) })
        case .object(var members):
            for (name, value) in members { members[name] = value.redacted(at: path + [.member(name)]) }
            return .object(members)
        default:
            if let string, ConfigurationReferences.isReference(string) { return self }
            return Redaction.isSecret(self, at: path) ? JSON(Redaction.replacement) : self
        }
    }
}
