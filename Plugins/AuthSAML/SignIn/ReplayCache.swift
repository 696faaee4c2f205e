import SAMLValidation
import XOPluginAPI

/// Remembers what has been used, until it cannot be used any more.
///
/// In the host's store, so that a restart forgets nothing. A key is made only if it is not there, so of two at the same
/// time one loses.
actor ReplayCache {
    private let store: Store
    private let capacity: Int
    /// When what is remembered expires, in milliseconds since 1970, by key.
    private var expiries: [String: Int64] = [:]
    /// No key expires earlier.
    private var earliest = Int64.max

    private static let prefix = "used/"

    init(store: Store, capacity: Int) {
        self.store = store
        self.capacity = capacity
    }

    /// Reads what an earlier run has remembered.
    func load() async throws {
        expiries = Dictionary(
            uniqueKeysWithValues: try await store.list(prefix: Self.prefix).map { key, value in
                (key, value.integer ?? .max)
            })
        earliest = expiries.values.min() ?? .max
    }

    /// - Parameters:
    ///   - id: of the message, unique within `issuer`.
    ///   - until: milliseconds since 1970.
    /// - Throws: ``Refusal`` if it has been used, or if no more can be remembered; the store's error if it fails. In
    ///   each case it must not be used.
    func use(_ id: String, of issuer: String, until: Int64, now: Int64) async throws {
        let key = Self.prefix + Fingerprint.of("\(issuer)\n\(id)".utf8)
        if earliest <= now { await forgetExpired(now) }
        guard expiries[key] == nil else { throw Refusal(.replay, "the message \(id.quoted) has been used before") }
        guard expiries.count < capacity else {
            throw Refusal(
                .replay,
                "\(capacity) used messages are remembered already, which is all that rememberedAssertions allows")
        }
        // Before the first suspension: this is what a second one of the same time meets.
        expiries[key] = until
        earliest = min(earliest, until)
        do {
            try await store.put(key, JSON(until), expecting: 0)
        } catch let error as HostError where error.isConflict {
            throw Refusal(.replay, "the message \(id.quoted) has been used before")
        }
    }

    private func forgetExpired(_ now: Int64) async {
        let expired = expiries.filter { $0.value <= now }.map(\.key)
        for key in expired { expiries[key] = nil }
        earliest = expiries.values.min() ?? .max
        // What stays behind is read, and removed, by the next run.
        for key in expired { try? await store.remove(key) }
    }
}
