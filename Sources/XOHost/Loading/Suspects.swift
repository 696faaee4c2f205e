import XOJSON
import XOProtocol

/// Plugin files that have brought the host down, by content: they are started in processes of their own, whatever the
/// configuration says, until an administrator clears them. All functions block.
struct Suspects: Sendable {
    // Not the id of any instance, as it has a dot.
    private static let scope = "host.suspects"

    private let values: PluginValues

    init(_ store: Store) { values = PluginValues(store, scope: Suspects.scope) }

    func add(_ crash: CrashMark) throws {
        let entry: JSON = ["reason": .string(crash.reason), "time": JSON(WallClock.now())]
        try values.put(crash.library, entry.serialized())
    }

    /// Why this content must not be loaded into the host; `nil` if it may.
    func reason(against hash: ContentHash) throws -> String? {
        guard let value = try values.get(hash.description)?.value else { return nil }
        return (try? JSON(parsing: value))?["reason"]?.string ?? ""
    }

    /// Tells whether it was one.
    func clear(_ hash: ContentHash) throws -> Bool { try values.remove(hash.description) }
}
