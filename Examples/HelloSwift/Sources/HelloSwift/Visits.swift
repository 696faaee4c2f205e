import XOPluginAPI

/// How often somebody came by HTTP; survives restarts.
struct Visits {
    private static let key = "visits"

    let store: Store

    var count: Int64 {
        get async throws { try await store.get(Self.key)?.value.integer ?? 0 }
    }

    /// Adds one and returns the sum. Requests are answered concurrently; who finds that another was faster tries again.
    func addOne() async throws -> Int64 {
        while true {
            let stored = try await store.get(Self.key)
            let count = (stored?.value.integer ?? 0) + 1
            do {
                try await store.put(Self.key, JSON(count), expecting: stored?.revision ?? 0)
                return count
            } catch let error as HostError where error.isConflict {}
        }
    }
}
