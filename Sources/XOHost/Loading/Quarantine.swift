import XOJSON
import XOProtocol

/// Plugin files that crash again and again, by content: another build of the plugin is another file. They are not loaded,
/// in neither placement, until an administrator clears them. All functions block.
struct Quarantine: Sendable {
    // Not the id of any instance, as it has a dot.
    private static let scope = "host.quarantine"

    private let values: PluginValues

    init(_ store: Store) { values = PluginValues(store, scope: Quarantine.scope) }

    func add(_ hash: ContentHash, plugin id: String, reason: String) throws {
        let entry: JSON = ["plugin": .string(id), "reason": .string(reason), "time": JSON(WallClock.now())]
        try values.put(hash.description, entry.serialized())
    }

    /// - Throws: if this content is in quarantine.
    func admit(_ hash: ContentHash, _ path: String) throws {
        guard let value = try values.get(hash.description)?.value, let entry = try? JSON(parsing: value) else { return }
        let id = entry["plugin"]?.string ?? ""
        throw LoadError(
            path,
            "is in quarantine because it crashed again and again, the last time: \(entry["reason"]?.string ?? ""); "
                + "replace the file, or let it try again with: xo-cli plugin.clear id=\(id)")
    }

    /// Lets what this plugin has brought in go; tells whether there was anything.
    func clear(plugin id: String) throws -> Bool {
        var found = false
        for entry in try values.all(prefix: "") {
            guard (try? JSON(parsing: entry.value))?["plugin"]?.string == id else { continue }
            found = try values.remove(entry.key) || found
        }
        return found
    }
}
