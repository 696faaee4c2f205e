import Synchronization

/// A fixed number of counters that any thread may increment without waiting.
///
/// `@unchecked`: the memory is reached through atomic operations only, and freed when the last owner is gone. (An array
/// cannot hold atomics, and one of boxes would cost a contended reference count for each increment.)
struct AtomicCounts: ~Copyable, @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    let count: Int

    init(count: Int) {
        self.count = count
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    func increment(_ index: Int) {
        precondition(index >= 0 && index < count)
        cells[index].wrappingAdd(1, ordering: .relaxed)
    }

    /// All counters. Increments that happen meanwhile are in it or not, each for itself.
    func values() -> [UInt64] { (0..<count).map { cells[$0].load(ordering: .relaxed) } }
}
