import Logging
import XOJSON

/// Makes typed settings of a configuration that satisfies the schema.
struct ConfigurationReader {
    /// As it is in the file.
    let written: JSON
    /// With references replaced and defaults inserted.
    let document: JSON
    let text: ConfigurationText
    let folder: String

    /// - Parameter rules: see ``identityRules()``.
    func configuration(_ rules: [IdentityRules]) -> Configuration {
        let host = host()
        let plugins = zip((document["plugins"]?.array ?? []).indices, rules).map { plugin($0, $1, host) }
        return Configuration(host: host, plugins: plugins, text: text, document: document)
    }

    private func host() -> Configuration.Host {
        let host = Setting(document["host"])
        let hash = host["passwordHash"]
        let limits = host["limits"]
        return Configuration.Host(
            dataDirectory: Path.resolve(host["dataDirectory"].string, in: folder),
            pluginDirectories: host["pluginDirectories"].strings.map { Path.resolve($0, in: folder) },
            logLevel: Logger.Level(rawValue: host["log"]["level"].string) ?? .info,
            logFormat: Configuration.LogFormat(rawValue: host["log"]["format"].string) ?? .text,
            startTimeout: .seconds(host["startTimeout"].number),
            hangTimeout: .seconds(host["hangTimeout"].number),
            shutdownTimeout: .seconds(host["shutdownTimeout"].number),
            passwordHash: PasswordHash.Parameters(
                memoryKiB: UInt32(clamping: hash["memoryKiB"].integer),
                iterations: UInt32(clamping: hash["iterations"].integer),
                parallelism: UInt32(clamping: hash["parallelism"].integer)),
            limits: Configuration.Limits(
                sessions: limits["sessions"].integer, callsPerSession: limits["callsPerSession"].integer),
            tokenValidity: tokenValidity(),
            publicURL: host["publicURL"].value?.string,
            minimumPasswordLength: host["passwords"]["minimumLength"].integer)
    }

    private func plugin(
        _ index: Int, _ rules: IdentityRules, _ host: Configuration.Host
    ) -> Configuration.Plugin {
        let plugin = Setting(document["plugins"]?[index])
        let library = plugin["library"].string
        let directories = host.pluginDirectories + [Path.executableFolder].compactMap(\.self)
        return Configuration.Plugin(
            id: plugin["id"].string,
            library: library,
            libraryCandidates: library.contains("/")
                ? [Path.resolve(library, in: folder)]
                : directories.flatMap { directory in
                    (library.hasSuffix(".so") ? [library] : [library, "\(library).so", "lib\(library).so"]).map {
                        Path.resolve($0, in: directory)
                    }
                },
            isEnabled: plugin["enabled"].bool,
            setsEnabled: written["plugins"]?[index]?["enabled"] != nil,
            isEssential: plugin["essential"].bool,
            isIsolated: plugin["isolation"].string == "process",
            memoryLimit: plugin["memoryLimit"].value?.integer.map { Int($0) << 20 },
            grants: Set(plugin["grants"].strings),
            identity: rules,
            configuration: plugin["configuration"].value ?? [:],
            shownConfiguration: (written["plugins"]?[index]?["configuration"] ?? [:]).redacted(),
            index: index)
    }

    /// What the schema cannot say: a limit needs a process to limit.
    func memoryLimitProblems() -> [ConfigurationProblem] {
        (document["plugins"]?.array ?? []).enumerated().compactMap { index, plugin in
            guard plugin["memoryLimit"] != nil, plugin["isolation"]?.string != "process" else { return nil }
            return text.problem(
                at: [.member("plugins"), .element(index), .member("memoryLimit")],
                found: "a limit for a plugin that runs inside of the host",
                remedy: "add \"isolation\": \"process\", or remove the limit")
        }
    }

    /// By plugin. What the schema cannot say of them: that patterns and templates can be read.
    func identityRules() -> (rules: [IdentityRules], problems: [ConfigurationProblem]) {
        var (rules, problems): ([IdentityRules], [ConfigurationProblem]) = ([], [])
        for (index, plugin) in (document["plugins"]?.array ?? []).enumerated() {
            do throws(IdentityRules.Problem) {
                rules.append(try IdentityRules(plugin["identity"] ?? [:]))
            } catch {
                let path: JSONPath = [.member("plugins"), .element(index), .member("identity")] + error.path
                problems.append(
                    text.problem(
                        at: path, found: text.shown(document.value(at: path), at: path), expected: error.expected))
            }
        }
        return (rules, problems)
    }

    // MARK: Token validity

    private static let sessions: JSONPath = [.member("host"), .member("sessions")]

    private func milliseconds(_ name: String) -> Double? {
        let value = document.value(at: ConfigurationReader.sessions + [.member(name)])
        return value?.string.map { DurationText.milliseconds($0) } ?? value?.double
    }

    private func tokenValidity() -> TokenValidity {
        var validity = TokenValidity()
        if let standard = milliseconds("tokenValidity") { validity.standard = Int64(standard) }
        if let maximum = milliseconds("maximumTokenValidity") { validity.maximum = Int64(maximum) }
        return validity
    }

    /// What the schema cannot say: both are durations, of a minute at least, and in order.
    func tokenValidityProblems() -> [ConfigurationProblem] {
        func problem(_ name: String, _ expected: String) -> ConfigurationProblem {
            let path = ConfigurationReader.sessions + [.member(name)]
            return text.problem(at: path, found: text.shown(document.value(at: path), at: path), expected: expected)
        }
        // Beyond this, milliseconds would not be whole numbers any more.
        let sensible = Double(TokenValidity.minimum)...1e14
        let problems = ["tokenValidity", "maximumTokenValidity"].compactMap { name in
            // Values of another type are the schema's business.
            guard let value = document.value(at: ConfigurationReader.sessions + [.member(name)]),
                value.string != nil || value.double != nil
            else { return nil as ConfigurationProblem? }
            if let duration = milliseconds(name), sensible.contains(duration) { return nil }
            return problem(name, "a duration of a minute or more, such as \"30 days\"")
        }
        if problems.isEmpty, let standard = milliseconds("tokenValidity"),
            let maximum = milliseconds("maximumTokenValidity"), standard > maximum
        {
            return [problem("tokenValidity", "at most maximumTokenValidity (\(JSON(maximum)) ms)")]
        }
        return problems
    }
}

/// A value that the schema guarantees to be there and to have its type; so no fallback of these is ever met.
private struct Setting {
    let value: JSON?

    init(_ value: JSON?) { self.value = value }

    subscript(name: String) -> Setting { Setting(value?[name]) }
    var string: String { value?.string ?? "" }
    var strings: [String] { value?.array?.compactMap(\.string) ?? [] }
    var bool: Bool { value?.bool ?? false }
    var integer: Int { value?.integer.map { Int($0) } ?? 0 }
    var number: Double { value?.double ?? 0 }
}
