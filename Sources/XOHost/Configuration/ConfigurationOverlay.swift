import XOJSON

/// What administrators have changed at run time, kept in the store. The file wins wherever it says something.
struct ConfigurationOverlay: Sendable {
    private static let scope = "host"
    private let values: PluginValues

    init(_ store: Store) { values = PluginValues(store, scope: ConfigurationOverlay.scope) }

    /// The configuration of a plugin with the overlay below it.
    ///
    /// - Parameter configuration: takes the place of the stored one if it is given.
    func applied(to plugin: Configuration.Plugin, configuration: JSON? = nil) throws -> Configuration.Plugin {
        let stored = try configuration ?? self.configuration(of: plugin.id)
        var result = plugin
        if stored != [:] {
            result.configuration = stored.merged(under: plugin.configuration)
            result.shownConfiguration = stored.redacted().merged(under: plugin.shownConfiguration)
        }
        if let autoload = try values.get(key("autoload", plugin.id)), !plugin.setsEnabled {
            result.isEnabled = autoload.value == Array("true".utf8)
        }
        return result
    }

    func setConfiguration(_ configuration: JSON, of id: String) throws {
        try values.put(key("configuration", id), configuration.serialized(), isSecret: true)
    }

    private func configuration(of id: String) throws -> JSON {
        try values.get(key("configuration", id)).map { try JSON(parsing: $0.value) } ?? [:]
    }

    func removeConfiguration(of id: String) throws { try values.remove(key("configuration", id)) }

    func setAutoload(_ autoload: Bool, of id: String) throws {
        try values.put(key("autoload", id), Array(autoload ? "true".utf8 : "false".utf8))
    }

    private func key(_ kind: String, _ id: String) -> String { "\(kind)/\(id)" }
}

extension JSON {
    /// This value where `other` says nothing; objects are joined member by member.
    func merged(under other: JSON) -> JSON {
        guard case .object(var members) = self, case .object(let others) = other else { return other }
        for (name, value) in others { members[name] = members[name]?.merged(under: value) ?? value }
        return .object(members)
    }

    /// The members of this value that `other` sets too, as paths, for messages.
    func overlap(with other: JSON, at path: JSONPath = []) -> [JSONPath] {
        guard case .object(let members) = self, case .object(let others) = other else {
            return self == other ? [] : [path]
        }
        return members.flatMap { name, value in
            others[name].map { value.overlap(with: $0, at: path + [.member(name)]) } ?? []
        }
    }

    /// This value, which somebody has made from what was shown to them, with what they left as it was shown put back
    /// from `stored`: secrets that were hidden, references that were resolved.
    func restoring(_ stored: JSON, shownAs shown: JSON) -> JSON {
        if self == shown { return stored }
        switch (self, stored, shown) {
        case (.object(var members), .object(let stored), .object(let shown)):
            for (name, value) in members {
                guard let stored = stored[name], let shown = shown[name] else { continue }
                members[name] = value.restoring(stored, shownAs: shown)
            }
            return .object(members)
        case (.array(let elements), .array(let stored), .array(let shown)):
            return .array(
                elements.enumerated().map { index, element in
                    guard stored.indices.contains(index), shown.indices.contains(index) else { return element }
                    return element.restoring(stored[index], shownAs: shown[index])
                })
        default: return self
        }
    }

    /// Whether what is shown in place of secrets stands anywhere in this value.
    var holdsRedacted: Bool {
        switch self {
        case .string(let text): text == Redaction.replacement
        case .array(let elements): elements.contains(where: \.holdsRedacted)
        case .object(let members): members.values.contains(where: \.holdsRedacted)
        default: false
        }
    }
}
