import XOJSON

extension Pool {
    /// Runs `body` while some operations of the VM are not blocked, as whoever forces an operation wants it.
    ///
    /// - Parameter machine: the VM's record in the inventory.
    func lifting(_ operations: [String], of machine: JSON, if force: Bool, _ body: () async throws -> Void) async throws
    {
        let blocked = force ? machine["blockedOperations"]?.object ?? [:] : [:]
        let lifted = operations.compactMap { operation in blocked[operation].map { (operation, $0) } }
        for (operation, _) in lifted { try await call("VM.remove_from_blocked_operations", .string(operation)) }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        for (operation, reason) in lifted {
            // A client that has gone must not leave the VM unprotected.
            await Task { try? await call("VM.add_to_blocked_operations", .string(operation), reason) }.value
        }
        try outcome.get()
    }
}
