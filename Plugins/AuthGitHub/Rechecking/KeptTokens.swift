import XOJSON
import XOPluginAPI

/// Tokens of people who are to be looked up later, encrypted at rest.
///
/// While GitHub is asked about somebody by one token, the person may sign in and bring another. So what comes of a
/// question replaces only the token that it was asked with.
actor KeptTokens {
    struct Kept: Sendable, Codable {
        var token: AccessToken
        var person: Person
        /// When GitHub said so; milliseconds since 1970.
        var checked: Int64

        var subject: String { String(person.id) }
    }

    private static let prefix = "token/"
    private let store: Store
    /// By subject: how often it was changed here.
    private var changes: [String: Int] = [:]

    init(store: Store) { self.store = store }

    /// - Returns: what is kept, and the number by which it is told whether it is that still.
    func token(of subject: String) async throws -> (kept: Kept?, change: Int) {
        while true {
            let change = changes[subject, default: 0]
            let kept: Kept? = try await store.get(Self.prefix + subject).flatMap { try? $0.value.decoded() }
            if change == changes[subject, default: 0] { return (kept, change) }
        }
    }

    /// - Returns: what was kept of the same person before.
    func keep(_ kept: Kept) async throws -> Kept? {
        while true {
            let before = try await token(of: kept.subject)
            if try await replace(kept, since: before.change) != nil { return before.kept }
        }
    }

    /// Keeps this unless something else was kept, or forgotten, since.
    ///
    /// - Returns: the number of the change; `nil` if nothing was done.
    func replace(_ kept: Kept, since change: Int) async throws -> Int? {
        guard let next = advance(kept.subject, from: change) else { return nil }
        try await store.put(Self.prefix + kept.subject, JSON(encoding: kept), secret: true)
        return next
    }

    /// The same for forgetting it.
    func forget(_ subject: String, since change: Int) async throws -> Bool {
        guard advance(subject, from: change) != nil else { return false }
        try await store.remove(Self.prefix + subject)
        return true
    }

    /// Nothing waits between this and the request to the store, which carries them out in order.
    private func advance(_ subject: String, from change: Int) -> Int? {
        guard changes[subject, default: 0] == change else { return nil }
        changes[subject] = change + 1
        return change + 1
    }

    /// All of them.
    func all() async throws -> [Kept] {
        try await store.list(prefix: Self.prefix).compactMap { try? $0.value.decoded() }
    }
}
