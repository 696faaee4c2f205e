import Synchronization

/// Values that wait for whoever brings the key, each for a while and for once.
///
/// A key holds 256 random bits and is known here by its hash only. How many wait is bounded, for each owner and for all:
/// the oldest make room, those of the same owner first.
final class Tickets<Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        let owner: String
        let expiry: Int64
        let number: UInt64
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var nextNumber: UInt64 = 0
    }

    private let lifetime: Int64
    private let perOwner: Int
    private let total: Int
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - seconds: until a value is forgotten.
    ///   - now: nanoseconds on a clock that never goes back.
    init(seconds: Int64, perOwner: Int, total: Int, now: @escaping @Sendable () -> Int64 = { Clock.now }) {
        lifetime = seconds * 1_000_000_000
        self.perOwner = perOwner
        self.total = total
        self.now = now
    }

    /// Returns the key.
    func add(_ value: Value, of owner: String) -> String {
        let key = Base64.url(SecretKey.random(count: 32))
        let now = now()
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.expiry > now }
            let own = state.entries.filter { $0.value.owner == owner }
            let crowded = own.count >= perOwner ? own : state.entries.count >= total ? state.entries : [:]
            if let oldest = crowded.min(by: { $0.value.number < $1.value.number }) { state.entries[oldest.key] = nil }
            state.entries[TokenSecret.hash(key)] = Entry(
                value: value, owner: owner, expiry: now + lifetime, number: state.nextNumber)
            state.nextNumber += 1
        }
        return key
    }

    /// The value, which is gone then.
    func take(_ key: String) -> Value? {
        let entry = state.withLock { $0.entries.removeValue(forKey: TokenSecret.hash(key)) }
        return entry.flatMap { $0.expiry > now() ? $0.value : nil }
    }

    /// Looks at the value and changes it; `nil` from `body` ends it.
    func change(_ key: String, _ body: (Value) -> Value?) -> Value? {
        let hash = TokenSecret.hash(key)
        let now = now()
        return state.withLock { state in
            guard let entry = state.entries[hash], entry.expiry > now else { return nil }
            if let changed = body(entry.value) {
                state.entries[hash]?.value = changed
            } else {
                state.entries[hash] = nil
            }
            return entry.value
        }
    }
}
