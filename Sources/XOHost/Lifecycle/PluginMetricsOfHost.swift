import Synchronization

/// The host's own series for each plugin.
enum PluginMetricsOfHost {
    static func register(_ instance: PluginInstance, in metrics: MetricRegistry) {
        let labels = ["plugin": instance.id]
        let counters = instance.counters
        do throws(MetricError) {
            try metrics.compute(
                .counter, "xo_plugin_calls", "Calls of the plugin's methods.", labels: labels, owner: instance.id
            ) { .value(Double(counters.calls.load(ordering: .relaxed))) }
            try metrics.compute(
                .counter, "xo_plugin_errors", "Calls that failed.", labels: labels, owner: instance.id
            ) { .value(Double(counters.errors.load(ordering: .relaxed))) }
            try metrics.compute(
                .counter, "xo_plugin_stale_handles", "Uses of handles whose object was gone: mistakes of the plugin.",
                labels: labels, owner: instance.id
            ) { .value(Double(counters.staleHandles.load(ordering: .relaxed))) }
            try metrics.compute(
                .counter, "xo_plugin_malformed", "Results and views that were malformed: mistakes of the plugin.",
                labels: labels, owner: instance.id
            ) { .value(Double(counters.malformed.load(ordering: .relaxed))) }
            try metrics.compute(
                .gauge, "xo_plugin_running", "1 while the plugin runs.", labels: labels, owner: instance.id
            ) { .value(instance.lifeState == .running ? 1 : 0) }
            try metrics.compute(
                .histogram, "xo_plugin_call_seconds", "How long calls of the plugin's methods took.", labels: labels,
                buckets: LatencyHistogram.metricBuckets, owner: instance.id
            ) { counters.latency.reading() }
        } catch {
            instance.log.error("the host's metrics of the plugin are missing", metadata: ["reason": "\(error)"])
        }
    }
}
