import XOJSON

/// `xo-host auth preview`: who a person would be by the rules in `plugins.json`, without starting anything.
public enum MappingPreview {
    private struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - plugin: the instance whose `identity` applies.
    ///   - voucher: what the provider says, JSON.
    /// - Returns: some lines for people.
    /// - Throws: ``ConfigurationError``, or an error with a description fit for an administrator.
    public static func run(configurationFile: String, plugin: String, voucher text: [UInt8]) throws -> String {
        let configuration = try Configuration.load(configurationFile)
        guard let entry = configuration.plugins.first(where: { $0.id == plugin }) else {
            let known = configuration.plugins.map(\.id).joined(separator: ", ")
            throw Problem(description: "\(configurationFile) has no plugin \(plugin), only \(known)")
        }
        let voucher: Voucher
        do {
            voucher = try Voucher(try JSON(parsing: text))
        } catch {
            throw Problem(
                description: "the sample: \(error); expected such as "
                    + #"{"subject": "5f3c", "name": "alice", "groups": [{"id": "g1", "name": "staff"}]}"#)
        }
        let mapped = entry.identity.map(voucher)
        var lines = [
            "user        \(mapped.name)", "comes in    \(mapped.isAllowed ? "yes" : "no")",
            "permission  \(mapped.permission?.rawValue ?? "as an administrator sets it; none at first")",
            "groups      \(mapped.groups.isEmpty ? "none" : mapped.groups.map(\.name).joined(separator: ", "))",
        ]
        lines += mapped.reasons.map { "because     \($0)" }
        return lines.joined(separator: "\n")
    }
}
