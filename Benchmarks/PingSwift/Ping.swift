import XOPluginAPI

/// What plugins/ping.c does, written with the SDK: how much the SDK costs.
final class PingPlugin: Plugin {
    static let descriptor = PluginDescriptor(
        id: "bench-ping-swift", version: "1.0.0", name: "Ping", description: "Answers at once; for the benchmarks.")

    init(host: Host) {}

    var methods: [Method] {
        [
            Method("bench-swift.ping", "Answers at once.", permission: .user) { (_: NoParameters, _: Call) in "pong" }
        ]
    }

    func start() {}

    func stop() {}

    struct NoParameters: Decodable {}
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { PingPlugin.library(for: query) }
