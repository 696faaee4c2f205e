import XAPIPool
import XOPluginAPI

/// What the plugin counts.
final class PoolMetrics: PoolMonitor {
    private let events: Counter
    private let publication: Histogram
    private let calls: Histogram
    private let failedCalls: Counter
    private let connections: [PoolStatus.Phase: Gauge]

    init(_ metrics: Metrics) throws {
        events = try metrics.counter("xapi_events", "Changes of records that pools have told.")
        publication = try metrics.histogram(
            "xapi_publish_seconds", "From the arrival of a batch of events to the publication of its objects.",
            buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1])
        calls = try metrics.histogram(
            "xapi_call_seconds", "Duration of calls to pools, without polls for events.",
            buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60])
        failedCalls = try metrics.counter("xapi_failed_calls", "Calls that pools refused or did not answer.")
        connections = try Dictionary(
            uniqueKeysWithValues: [PoolStatus.Phase.disconnected, .connecting, .connected].map { phase in
                (
                    phase,
                    try metrics.gauge(
                        "xapi_servers", "Registered servers by status.", labels: ["status": .string(phase.rawValue)])
                )
            })
    }

    func called(_ method: String, took duration: Duration, failed: Bool) {
        // Polls last as long as nothing happens, which would drown everything else.
        if method != "event.from" { calls.observe(duration / .seconds(1)) }
        if failed { failedCalls.add() }
    }

    func published(events count: Int, after delay: Duration) {
        events.add(Double(count))
        publication.observe(delay / .seconds(1))
    }

    func show(_ phases: [PoolStatus.Phase]) {
        for (phase, gauge) in connections { gauge.set(Double(phases.count { $0 == phase })) }
    }
}
