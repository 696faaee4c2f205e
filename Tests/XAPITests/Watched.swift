import Synchronization

/// A value that tests wait for: no sleeping, no polling.
final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiting: [(condition: @Sendable (Value) -> Bool, continuation: CheckedContinuation<Value, Never>)] = []
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    func update(_ body: @Sendable (inout Value) -> Void) {
        let (value, ready) = state.withLock { state in
            body(&state.value)
            let value = state.value
            let ready = state.waiting.filter { $0.condition(value) }
            state.waiting.removeAll { $0.condition(value) }
            return (value, ready.map(\.continuation))
        }
        for continuation in ready { continuation.resume(returning: value) }
    }

    /// The value as soon as it fulfils the condition; at once if it does already.
    @discardableResult
    func first(where condition: @escaping @Sendable (Value) -> Bool) async -> Value {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Value? in
                if condition(state.value) { return state.value }
                state.waiting.append((condition, continuation))
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
