import XOJSON

/// What there is to know about a source of objects, besides the objects.
struct SourceState: Sendable {
    /// The instance that publishes.
    let plugin: String
    let name: String
    /// Whether the objects are known to be current: not if the connection behind them or the plugin is away.
    let isLive: Bool
    /// Why not, or what else its owner says of it; for people.
    let detail: String
    /// Of objects.
    let count: Int

    /// As an entry of `plugin.get` shows it.
    var json: JSON {
        ["name": .string(name), "live": .bool(isLive), "detail": .string(detail), "objects": JSON(count)]
    }
}
