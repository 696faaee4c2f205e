import XOJSON
import XOPluginAPI

/// Tokens of people who are to be looked up later, encrypted at rest.
///
/// One at a time for each person; others do not wait for it.
actor KeptTokens {
    struct Kept: Sendable, Codable {
        var token: AccessToken
        var person: Person
        /// When GitHub said so; milliseconds since 1970.
        var checked: Int64
    }

    private static let prefix = "token/"
    private let store: Store

    init(store: Store) { self.store = store }

    func token(of subject: String) async throws -> Kept? {
        try await store.get(Self.prefix + subject).flatMap { try? $0.value.decoded() }
    }

    /// - Returns: what was kept of the same person before.
    @discardableResult
    func keep(_ kept: Kept) async throws -> Kept? {
        let subject = String(kept.person.id)
        let before = try await token(of: subject)
        try await store.put(Self.prefix + subject, JSON(encoding: kept), secret: true)
        return before
    }

    func forget(_ subject: String) async throws { try await store.remove(Self.prefix + subject) }

    /// All of them.
    func all() async throws -> [Kept] {
        try await store.list(prefix: Self.prefix).compactMap { try? $0.value.decoded() }
    }
}
