/// The host's metrics of itself.
enum HostMetrics {
    static func register(for services: Services) throws {
        let metrics = services.metrics
        try ProcessMetrics.register(in: metrics, version: HostVersion.current)
        try metrics.gauge("xo_sessions", "Connections of clients.") { Double(services.sessions.count) }
        try metrics.gauge("xo_operations", "Calls and other operations under way in plugins.") {
            Double(services.operations.count)
        }
        try metrics.gauge("xo_objects", "Objects in the inventory.") { Double(services.inventory.count) }
        try metrics.gauge("xo_objects_stale", "Objects that are not known to be current: their source is away.") {
            Double(services.inventory.sourceStates.reduce(0) { $0 + ($1.isLive ? 0 : $1.count) })
        }
        try metrics.gauge("xo_objects_bytes", "What the records of the inventory take.") {
            Double(services.inventory.recordBytes)
        }
    }
}
