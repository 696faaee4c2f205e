import FoundationEssentials
import Glibc
import Logging
import XOJSON

extension Configuration {
    static let maximumFileSize = 1 << 20

    /// Reads and checks a configuration file.
    ///
    /// - Throws: all problems that were found, each with its place and what to do about it.
    public static func load(
        _ file: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try File.content(of: file, limit: maximumFileSize)
        } catch {
            let remedy =
                switch error.code {
                case ENOENT: "create it, or name another file with --config"
                case EFBIG: "the file may have \(maximumFileSize) bytes at most"
                default: "make it readable for this user, or name another file with --config"
                }
            throw ConfigurationError([
                ConfigurationText.problem(file, found: "a file that cannot be read: \(error)", remedy: remedy)
            ])
        }
        return try load(text: bytes, file: file, environment: environment)
    }

    /// - Parameter file: the name for messages; its folder is what paths are relative to.
    static func load(
        text bytes: [UInt8], file: String, environment: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        let text = ConfigurationText(file: file, bytes: bytes)
        guard bytes.contains(where: { !" \t\r\n".utf8.contains($0) }) else {
            throw ConfigurationError([
                ConfigurationText.problem(file, found: "an empty file", remedy: "the least is {\"plugins\": []}")
            ])
        }
        let written: JSON
        do throws(JSONError) {
            written = try JSON(parsing: bytes)
        } catch {
            throw ConfigurationError([text.problem(error)])
        }
        var problems = RepeatedMembers.problems(in: text)
        let folder = Path.folder(of: file)
        var references = ConfigurationReferences(in: text, folder: folder, environment: environment)
        let resolved = references.resolveAll(in: written)
        problems += references.problems

        let (document, violations) = try check(resolved, references.text)
        problems += violations + unfitIDs(in: resolved, text)
        let reader = ConfigurationReader(
            written: written, document: document, text: references.text, folder: folder)
        let identity = reader.identityRules()
        problems += reader.tokenValidityProblems() + reader.memoryLimitProblems() + identity.problems
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return reader.configuration(identity.rules)
    }

    private static func check(
        _ document: JSON, _ text: ConfigurationText
    ) throws(ConfigurationError) -> (completed: JSON, [ConfigurationProblem]) {
        do {
            let schema = try ConfigurationSchema.document()
            let (completed, violations) = try JSONSchema(schema).check(document)
            let explanation = SchemaExplanation(text: text, document: document, schema: schema)
            return (completed ?? document, violations.map(explanation.problem))
        } catch {
            // The schema is part of the program and tested with it; still, a message beats a crash.
            throw ConfigurationError([
                ConfigurationText.problem(
                    text.file, found: "no way to check it: \(error)", remedy: "this is a defect of xo-host, report it")
            ])
        }
    }

    /// Ids that are used twice, and the one that the host uses for itself.
    private static func unfitIDs(in document: JSON, _ text: ConfigurationText) -> [ConfigurationProblem] {
        var lines: [String: Int] = [:]
        var problems: [ConfigurationProblem] = []
        for (index, plugin) in (document["plugins"]?.array ?? []).enumerated() {
            guard let id = plugin["id"]?.string else { continue }
            let path: JSONPath = [.member("plugins"), .element(index), .member("id")]
            if id == "host" {
                problems.append(
                    text.problem(
                        at: path, found: "\"host\", which is the host's own name", expected: "another id",
                        remedy: "rename it"))
            }
            if let line = lines[id] {
                problems.append(
                    text.problem(
                        at: path, found: "\"\(id)\", which is the id of the plugin at line \(line) too",
                        expected: "a unique id", remedy: "rename one of the two"))
            } else {
                lines[id] = JSON.position(of: path, in: text.bytes).line
            }
        }
        return problems
    }
}

extension ConfigurationReferences {
    /// Replaces references where they are allowed: in the host's settings and in the plugins' configurations.
    mutating func resolveAll(in document: JSON) -> JSON {
        guard var members = document.object else { return document }
        if let host = members["host"] { members["host"] = resolve(host, at: [.member("host")]) }
        if var plugins = members["plugins"]?.array {
            for index in plugins.indices {
                guard var plugin = plugins[index].object, let configuration = plugin["configuration"] else { continue }
                plugin["configuration"] = resolve(
                    configuration, at: [.member("plugins"), .element(index), .member("configuration")])
                plugins[index] = .object(plugin)
            }
            members["plugins"] = .array(plugins)
        }
        return .object(members)
    }
}
