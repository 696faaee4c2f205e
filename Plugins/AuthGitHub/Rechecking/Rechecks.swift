import XOPluginAPI

/// Lets each person be looked up once at a time; who asks meanwhile gets the same answer. Two at once would use up the
/// same refresh token.
actor Rechecks {
    private var running: [String: Task<AuthStanding, any Error>] = [:]

    func result(
        for subject: String, _ body: @escaping @Sendable () async throws -> AuthStanding
    ) async throws -> AuthStanding {
        if let task = running[subject] { return try await task.value }
        let task = Task(operation: body)
        running[subject] = task
        defer { running[subject] = nil }
        return try await task.value
    }
}
