import Synchronization

/// Things named by 64-bit handles: the low 40 bits an index, the high 24 a generation that changes each time the slot
/// is used again. A handle that outlives its thing finds nothing, instead of something else.
final class HandleTable<Value: Sendable>: Sendable {
    private struct Slot {
        var generation: UInt32 = 1
        var value: Value?
    }

    private struct State {
        var slots: [Slot] = []
        var free: [Int] = []
    }

    static var generationBits: Int { 24 }
    static var indexBits: Int { 40 }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: how many things there may be at once.
    init(limit: Int = 1 << 20) { self.limit = limit }

    var count: Int { state.withLock { $0.slots.count - $0.free.count } }

    /// Makes a handle for what `make` returns; `nil` if the table is full.
    func insert(_ make: (UInt64) -> Value) -> Value? {
        state.withLock { state in
            let index: Int
            if let free = state.free.popLast() {
                index = free
            } else {
                guard state.slots.count < limit else { return nil }
                index = state.slots.count
                state.slots.append(Slot())
            }
            let handle = UInt64(state.slots[index].generation) << HandleTable.indexBits | UInt64(index + 1)
            let value = make(handle)
            state.slots[index].value = value
            return value
        }
    }

    subscript(handle: UInt64) -> Value? {
        state.withLock { state in
            guard let index = HandleTable.index(of: handle, in: state) else { return nil }
            return state.slots[index].value
        }
    }

    /// Takes the thing out, if it is there and meant; only one caller gets it.
    func remove(_ handle: UInt64, if isMeant: (Value) -> Bool = { _ in true }) -> Value? {
        state.withLock { state in
            guard let index = HandleTable.index(of: handle, in: state), let value = state.slots[index].value,
                isMeant(value)
            else { return nil }
            state.slots[index].value = nil
            state.slots[index].generation = state.slots[index].generation % (1 << UInt32(generationBits) - 1) + 1
            state.free.append(index)
            return value
        }
    }

    var values: [Value] { state.withLock { $0.slots.compactMap(\.value) } }

    private var generationBits: Int { HandleTable.generationBits }

    private static func index(of handle: UInt64, in state: borrowing State) -> Int? {
        let index = Int(handle & (1 << UInt64(indexBits) - 1)) - 1
        guard index >= 0, index < state.slots.count, state.slots[index].generation == UInt32(handle >> indexBits) else {
            return nil
        }
        return index
    }
}
