import Logging
import XOJSON

/// What `plugins.json` says, checked and with defaults filled in.
public struct Configuration: Sendable {
    let host: Host
    var plugins: [Plugin]
    /// For messages about what is found to be wrong later.
    let text: ConfigurationText
    /// The configuration with references replaced and defaults inserted. Holds secrets.
    let document: JSON

    /// Settings of the host. All paths are absolute.
    struct Host: Sendable {
        let dataDirectory: String
        let pluginDirectories: [String]
        let logLevel: Logger.Level
        let logFormat: LogFormat
        let startTimeout: Duration
        let hangTimeout: Duration
        let shutdownTimeout: Duration
        let passwordHash: PasswordHash.Parameters
        let limits: Limits
        let tokenValidity: TokenValidity
        /// Under which people see the host, without a slash at its end; `nil`: where the transports say.
        let publicURL: String?
        let minimumPasswordLength: Int
    }

    /// For people, or for programs.
    enum LogFormat: String, Sendable {
        case text, json
    }

    struct Limits: Sendable, Equatable {
        let sessions: Int
        let callsPerSession: Int
    }

    /// One configured plugin.
    struct Plugin: Sendable {
        let id: String
        /// As it was written.
        let library: String
        /// Where the library may be, absolute, in the order in which to look.
        let libraryCandidates: [String]
        var isEnabled: Bool
        /// Whether the file says so, or it is by default.
        let setsEnabled: Bool
        let isEssential: Bool
        /// Whether it runs in a process of its own.
        let isIsolated: Bool
        /// Bytes that its process may take; `nil`: any number.
        let memoryLimit: Int?
        let grants: Set<String>
        /// Who the people for whom it vouches are here.
        let identity: IdentityRules
        /// For the plugin; holds secrets.
        var configuration: JSON
        /// The configuration as it was written, for showing: references instead of their values, secrets hidden.
        var shownConfiguration: JSON
        /// Its place in `plugins`.
        let index: Int
    }

    /// Says where and how a plugin's configuration breaks the schema that the plugin has given for it.
    func error(_ violations: [Violation], in plugin: Plugin, schema: JSON) -> ConfigurationError {
        let explanation = SchemaExplanation(
            text: text, document: document, schema: schema,
            root: [.member("plugins"), .element(plugin.index), .member("configuration")])
        return ConfigurationError(violations.map(explanation.problem))
    }

    /// The JSON Schema of `plugins.json`, as it is published.
    public static let schemaText = ConfigurationSchema.text
}
