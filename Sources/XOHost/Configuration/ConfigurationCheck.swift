import FoundationEssentials
import Glibc

/// `xo-host check`: everything that can be known of a configuration without starting anything.
public enum ConfigurationCheck {
    /// - Returns: one line for people.
    /// - Throws: all problems, with their remedies.
    public static func run(_ file: String) throws -> String {
        let configuration = try Configuration.load(file)
        let folder = FileManager.default.temporaryDirectory.appending(path: "xo-host-check-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let libraries = Libraries(copies: try LibraryCopies(directory: folder))
        var problems: [String] = []
        var candidates: [PluginOrder.Candidate] = []
        for plugin in configuration.plugins where plugin.isEnabled {
            do {
                let info = try libraries.load(libraries.find(plugin)).info
                candidates.append(.init(id: plugin.id, needs: info.needs, provides: info.provides))
                guard let schema = info.configurationSchema else { continue }
                let violations = schema.check(plugin.configuration).violations
                if !violations.isEmpty {
                    problems.append(
                        "\(configuration.error(violations, in: plugin, schema: info.configurationSchemaText ?? [:]))")
                }
            } catch {
                problems.append("plugin \(plugin.id): \(error)")
            }
        }
        let order = PluginOrder.waves(candidates, given: PluginManager.hostCapabilities)
        problems += order.impossible.map { "plugin \($0.id): \($0.reason)" }
        guard problems.isEmpty else { throw CheckError(description: problems.joined(separator: "\n")) }
        let names = order.waves.flatMap(\.self).joined(separator: ", ")
        return candidates.isEmpty ? "No plugin is enabled." : "Plugins, in the order of their start: \(names)."
    }
}

private struct CheckError: Error, CustomStringConvertible {
    let description: String
}
