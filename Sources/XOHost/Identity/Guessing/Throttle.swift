import Synchronization

/// Slows down the guessing of passwords.
///
/// Failures are counted per (name, address), per address and per name, each in a bucket that empties with time. A try
/// is refused while one of the buckets is full. What differs is what they are for:
/// - (name, address) stops one guesser at one account, soon;
/// - address stops one guesser at many accounts, with room for the many people behind one office's address;
/// - name stops many guessers at one account: the more failures, the longer the wait between two tries. It does not
///   bind an address from which this name has signed in before, or strangers could keep people out.
///
/// Only failures count, so a success is never in the way of the next try; and it clears its name and (name, address).
/// The memory is bounded: what was not used for longest is forgotten. Addresses count by ``AddressBlock``; names as they
/// are compared, and with one space for several, as directories do.
final class Throttle: Sendable {
    struct Limits: Sendable {
        /// Failures that are free, and the seconds after which one is forgotten.
        var pair = (burst: 5.0, seconds: 10.0)
        var address = (burst: 20.0, seconds: 3.0)
        /// After `burst` failures of a name the next try must wait one second after the last failure, then two, four …
        var name = (burst: 10, longestWait: 60.0)
        /// Names, addresses and pairs remembered, each.
        var capacity = 10_000
    }

    private struct Bucket {
        var level: Double
        var updated: Double

        func level(at now: Double, seconds: Double) -> Double { max(0, level - (now - updated) / seconds) }
    }

    private struct NameFailures {
        var count: Int
        var last: Double
    }

    private struct Pair: Hashable {
        let name: String
        let address: String

        init(_ name: String, _ address: String) {
            self.name = TriedName.key(of: name)
            self.address = AddressBlock.of(address)
        }
    }

    private struct State {
        var pairs: RecentlyUsed<Pair, Bucket>
        var addresses: RecentlyUsed<String, Bucket>
        var names: RecentlyUsed<String, NameFailures>
        /// Pairs that have signed in.
        var known: RecentlyUsed<Pair, Void>
    }

    private let limits: Limits
    private let now: @Sendable () -> Double
    private let state: Mutex<State>

    /// - Parameter now: seconds on a clock that never goes back.
    init(_ limits: Limits = Limits(), now: @escaping @Sendable () -> Double = MonotonicClock.seconds) {
        self.limits = limits
        self.now = now
        state = Mutex(
            State(
                pairs: RecentlyUsed(capacity: limits.capacity), addresses: RecentlyUsed(capacity: limits.capacity),
                names: RecentlyUsed(capacity: limits.capacity), known: RecentlyUsed(capacity: limits.capacity)))
    }

    /// Whether a try may be made now.
    func admits(name: String, address: String) -> Bool {
        let now = now()
        let pair = Pair(name, address)
        return state.withLock { state in
            if let bucket = state.pairs[pair],
                bucket.level(at: now, seconds: limits.pair.seconds) > limits.pair.burst - 1
            {
                return false
            }
            guard admits(pair.address, now, &state) else { return false }
            if let failures = state.names[pair.name], state.known[pair] == nil,
                now < failures.last + wait(after: failures.count)
            {
                return false
            }
            return true
        }
    }

    /// The same where there is no name.
    func admits(address: String) -> Bool {
        let now = now()
        return state.withLock { admits(AddressBlock.of(address), now, &$0) }
    }

    private func admits(_ block: String, _ now: Double, _ state: inout State) -> Bool {
        guard let bucket = state.addresses[block] else { return true }
        return bucket.level(at: now, seconds: limits.address.seconds) <= limits.address.burst - 1
    }

    /// Whether the name has come in from this address before.
    func knows(name: String, address: String) -> Bool {
        let pair = Pair(name, address)
        return state.withLock { $0.known[pair] != nil }
    }

    func failed(address: String) {
        let now = now()
        state.withLock { failed(AddressBlock.of(address), now, &$0) }
    }

    private func failed(_ block: String, _ now: Double, _ state: inout State) {
        let level = state.addresses[block]?.level(at: now, seconds: limits.address.seconds) ?? 0
        state.addresses.set(block, Bucket(level: level + 1, updated: now))
    }

    func failed(name: String, address: String) {
        let now = now()
        let pair = Pair(name, address)
        state.withLock { state in
            let pairLevel = state.pairs[pair]?.level(at: now, seconds: limits.pair.seconds) ?? 0
            state.pairs.set(pair, Bucket(level: pairLevel + 1, updated: now))
            failed(pair.address, now, &state)
            var failures = state.names[pair.name] ?? NameFailures(count: 0, last: now)
            // Twice the longest wait without a failure, and the name starts afresh.
            if now - failures.last > 2 * limits.name.longestWait { failures.count = 0 }
            state.names.set(pair.name, NameFailures(count: min(failures.count + 1, 1000), last: now))
        }
    }

    func succeeded(name: String, address: String) {
        let now = now()
        let pair = Pair(name, address)
        state.withLock { state in
            state.known.set(pair, ())
            if state.pairs[pair] != nil { state.pairs.set(pair, Bucket(level: 0, updated: now)) }
            if state.names[pair.name] != nil { state.names.set(pair.name, NameFailures(count: 0, last: now)) }
        }
    }

    private func wait(after failures: Int) -> Double {
        let excess = failures - limits.name.burst
        guard excess >= 0 else { return 0 }
        return min(limits.name.longestWait, Double(1 << min(excess, 30)))
    }
}
