import Synchronization

/// The series that plugins update, by handle. Series are never forgotten here, so that reading needs no lock: a plugin's
/// thread may hold a handle for ever, and a defined series costs a few bytes.
final class PluginMetrics: Sendable {
    static let limit = 65_536

    private struct State {
        var count = 0
        var handles: [ObjectIdentifier: UInt64] = [:]
    }

    private let state = Mutex(State())
    /// Entries below `published` are written once, before `published` grows over them, and never again.
    private let slots: Slots
    private let published = Atomic(0)

    private struct Slots: @unchecked Sendable {
        let base = UnsafeMutableBufferPointer<MetricSeries?>.allocate(capacity: PluginMetrics.limit)
    }

    init() {
        slots = Slots()
        slots.base.initialize(repeating: nil)
    }

    deinit {
        slots.base.deinitialize()
        slots.base.deallocate()
    }

    /// The handle of a series; 0, which names nothing, if there are too many.
    func handle(for series: MetricSeries) -> UInt64 {
        state.withLock { state in
            if let known = state.handles[ObjectIdentifier(series)] { return known }
            guard state.count < PluginMetrics.limit else { return 0 }
            slots.base[state.count] = series
            state.count += 1
            published.store(state.count, ordering: .releasing)
            state.handles[ObjectIdentifier(series)] = UInt64(state.count)
            return UInt64(state.count)
        }
    }

    subscript(handle: UInt64) -> MetricSeries? {
        guard handle > 0, handle <= UInt64(published.load(ordering: .acquiring)) else { return nil }
        return slots.base[Int(handle) - 1]
    }
}
