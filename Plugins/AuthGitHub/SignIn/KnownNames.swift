import XOJSON
import XOPluginAPI

/// Whose name it was when it was first met, by which a name in the allow-lists is known from then on.
///
/// Names at GitHub are given up and taken by others; numbers are not. A name is forgotten when it is no longer in the
/// configuration.
actor KnownNames {
    enum Kind: String, Sendable {
        case organization, team, user
    }

    private static let key = "names"
    private let store: Store
    private var names: JSONObject?

    init(store: Store) { self.store = store }

    /// The number that a name stands for; `nil` if it was never met.
    func id(of name: String, _ kind: Kind) async throws -> Int64? { try await all()[label(name, kind)]?.integer }

    /// From now on the name stands for this number, unless it stands for another already.
    ///
    /// - Returns: the number that it stands for.
    func remember(_ name: String, _ kind: Kind, as id: Int64) async throws -> Int64 {
        let label = label(name, kind)
        if let known = try await all()[label]?.integer { return known }
        names?[label] = JSON(id)
        try await save()
        return id
    }

    /// Forgets all names that are not among these.
    func keep(_ list: AllowList) async throws {
        let wanted = Set(
            list.organizations.map { label($0.name, .organization) } + list.teams.map { label($0.name, .team) }
                + list.users.map { label($0.name, .user) })
        let before = try await all()
        let after = before.filter { wanted.contains($0.key) }
        guard after.count < before.count else { return }
        names = after
        try await save()
    }

    private func label(_ name: String, _ kind: Kind) -> String { "\(kind.rawValue) \(name)" }

    private func all() async throws -> JSONObject {
        if let names { return names }
        let stored = try await store.get(Self.key)?.value.object ?? [:]
        // Somebody else may have read it meanwhile, and gone on from there.
        if let names { return names }
        names = stored
        return stored
    }

    private func save() async throws { try await store.put(Self.key, .object(names ?? [:])) }
}
