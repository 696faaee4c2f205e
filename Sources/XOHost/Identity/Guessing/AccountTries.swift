import Synchronization

/// How many wrong passwords a provider hears of one account from this host: fewer than make a directory lock it.
///
/// A directory's own counter begins anew only when there was no failure for a while, so a leaky bucket would let it
/// grow. Here, too, all failures count until there was none for the whole window; a try that is held back is none.
final class AccountTries: Sendable {
    struct Limit: Sendable, Hashable {
        let tries: Int
        let seconds: Double
    }

    /// The name is what was typed: what the provider makes of it is not known here.
    struct Account: Sendable, Hashable {
        let provider: String
        let name: String

        init(provider: String, name: String) {
            self.provider = provider
            self.name = TriedName.key(of: name)
        }

        /// For ``Turns``. No instance's id holds a space.
        var key: String { "\(provider) \(name)" }
    }

    private struct Failures {
        var count: Int
        var last: Double
    }

    private let now: @Sendable () -> Double
    private let failures: Mutex<RecentlyUsed<Account, Failures>>

    /// - Parameter now: seconds on a clock that never goes back.
    init(capacity: Int = 10_000, now: @escaping @Sendable () -> Double = MonotonicClock.seconds) {
        self.now = now
        failures = Mutex(RecentlyUsed(capacity: capacity))
    }

    /// - Parameter isKnown: the account has come in from this address before. The last try is for those, or strangers
    ///   could keep people out.
    func admits(_ account: Account, _ limit: Limit, isKnown: Bool) -> Bool {
        let now = now()
        return failures.withLock { failures in
            guard let own = failures[account], now - own.last < limit.seconds else { return true }
            return own.count < (isKnown ? limit.tries : max(1, limit.tries - 1))
        }
    }

    func failed(_ account: Account, _ limit: Limit) {
        let now = now()
        failures.withLock { failures in
            let before = failures[account].flatMap { now - $0.last < limit.seconds ? $0.count : nil } ?? 0
            failures.set(account, Failures(count: before + 1, last: now))
        }
    }

    func succeeded(_ account: Account) {
        failures.withLock { failures in
            if failures[account] != nil { failures.set(account, Failures(count: 0, last: -.infinity)) }
        }
    }
}
