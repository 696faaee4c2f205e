import Synchronization

/// Gathers what a plugin counts, and ships it once a second: a frame for each count would cost more than what is counted.
final class MetricUpdates: Sendable {
    private struct State {
        var sums: [UInt64: Double] = [:]
        var values: [UInt64: Double] = [:]
        var observations: [(UInt64, Double)] = []
        var isScheduled = false
    }

    private static let interval: Int64 = 1_000_000_000
    /// So many observations are not kept waiting.
    private static let maximumObservations = 4096

    private let channel: Channel
    private let clock: Clock
    private let state = Mutex(State())

    init(channel: Channel, clock: Clock) {
        self.channel = channel
        self.clock = clock
    }

    func add(_ amount: Double, to metric: UInt64) { change { $0.sums[metric, default: 0] += amount } }

    /// What was added to a gauge before is part of its past.
    func set(_ value: Double, of metric: UInt64) {
        change { state in
            state.values[metric] = value
            state.sums[metric] = nil
        }
    }

    func observe(_ value: Double, of metric: UInt64) { change { $0.observations.append((metric, value)) } }

    private func change(_ body: (inout State) -> Void) {
        let (isFirst, isFull) = state.withLock { state in
            body(&state)
            defer { state.isScheduled = true }
            return (!state.isScheduled, state.observations.count >= MetricUpdates.maximumObservations)
        }
        if isFull { flush() }
        if isFirst { clock.after(nanoseconds: MetricUpdates.interval) { [self] in flush() } }
    }

    /// Ships what there is.
    func flush() {
        let updates = state.withLock { state in
            defer { state = State() }
            return state
        }
        func send(_ function: HostFunction, _ metric: UInt64, _ value: Double) {
            channel.send(function) {
                $0.write(metric)
                $0.write(value)
            }
        }
        for (metric, value) in updates.values { send(.metricSet, metric, value) }
        for (metric, amount) in updates.sums { send(.metricAdd, metric, amount) }
        for (metric, value) in updates.observations { send(.metricObserve, metric, value) }
    }
}
