import Synchronization

/// Something that a ``HandleTable`` can hold.
protocol HandleHolder: AnyObject, Sendable {
    /// Written once, by the table, before anybody else sees the holder.
    var handle: UInt64 { get set }
}

/// Things named by 64-bit handles: the low 40 bits an index, the high 24 a generation that changes each time the slot
/// is used again. A handle that outlives its thing finds nothing, instead of something else.
///
/// The table has several parts, each with its own lock, so that threads seldom wait for each other.
final class HandleTable<Value: HandleHolder>: Sendable {
    private struct Slot {
        var generation: UInt32 = 1
        var value: Value?
    }

    private struct State {
        var slots: [Slot] = []
        var free: [Int] = []

        var count: Int { slots.count - free.count }

        func value(_ slot: Int, generation: UInt32) -> Value? {
            slots.indices.contains(slot) && slots[slot].generation == generation ? slots[slot].value : nil
        }
    }

    private struct Part: ~Copyable {
        let state = Mutex(State())
        /// Fills the cache line, so that nobody waits for a neighbour's lock.
        private let padding: [5 of UInt64] = .init(repeating: 0)
    }

    static var generationBits: Int { 24 }
    static var indexBits: Int { 40 }
    private static var partCount: Int { 8 }

    // Not an array of objects: counting references to those would cost more than the locks save.
    private let parts: [8 of Part]
    private let limit: Int

    /// - Parameter limit: how many things there may be at once in each part.
    init(limit: Int) {
        self.limit = limit
        parts = .init { _ in Part() }
    }

    var count: Int { parts.indices.reduce(0) { $0 + parts[$1].state.withLock { $0.count } } }

    var values: [Value] { parts.indices.flatMap { parts[$0].state.withLock { $0.slots.compactMap(\.value) } } }

    /// Gives `value` a handle; `false` if the part is full.
    ///
    /// - Parameter hint: those with the same number go to the same part.
    func insert(_ value: Value, hint: UInt64 = 0) -> Bool {
        // Fibonacci hashing: the upper bits of the product depend on all of the hint.
        let part = Int((hint &* 0x9E37_79B9_7F4A_7C15) >> 32) % HandleTable.partCount
        return parts[part].state.withLock { state in
            let slot: Int
            if let free = state.free.popLast() {
                slot = free
            } else {
                guard state.slots.count < limit else { return false }
                slot = state.slots.count
                state.slots.append(Slot())
            }
            let index = UInt64(slot * HandleTable.partCount + part + 1)
            value.handle = UInt64(state.slots[slot].generation) << HandleTable.indexBits | index
            state.slots[slot].value = value
            return true
        }
    }

    subscript(handle: UInt64) -> Value? {
        guard let (part, slot, generation) = HandleTable.position(of: handle) else { return nil }
        return parts[part].state.withLock { $0.value(slot, generation: generation) }
    }

    /// Takes the thing out, if it is there and meant; only one caller gets it.
    func remove(_ handle: UInt64, if isMeant: (Value) -> Bool = { _ in true }) -> Value? {
        guard let (part, slot, generation) = HandleTable.position(of: handle) else { return nil }
        return parts[part].state.withLock { state in
            guard let value = state.value(slot, generation: generation), isMeant(value) else { return nil }
            let last: UInt32 = 1 << UInt32(HandleTable.generationBits) - 1
            state.slots[slot] = Slot(generation: generation % last + 1)
            state.free.append(slot)
            return value
        }
    }

    private static func position(of handle: UInt64) -> (part: Int, slot: Int, generation: UInt32)? {
        let index = Int(handle & (1 << UInt64(indexBits) - 1)) - 1
        guard index >= 0 else { return nil }
        return (index % partCount, index / partCount, UInt32(handle >> UInt64(indexBits)))
    }
}
