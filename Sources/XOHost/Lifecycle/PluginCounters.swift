import Synchronization

/// What an instance has done, for `plugin.get` and for metrics.
final class PluginCounters: Sendable {
    let calls = Atomic<UInt64>(0)
    let errors = Atomic<UInt64>(0)
    /// Completions of operations that were finished already or never existed: the plugin's mistakes.
    let staleHandles = Atomic<UInt64>(0)
    /// Results that were no JSON, views whose lengths lied.
    let malformed = Atomic<UInt64>(0)
    let latency = LatencyHistogram()
}
