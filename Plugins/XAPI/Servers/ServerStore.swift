import XOJSON
import XOPluginAPI

/// Registered servers in the host's store.
struct ServerStore: Sendable {
    let store: Store

    private func recordKey(_ id: String) -> String { "servers/\(id)" }
    private func secretsKey(_ id: String) -> String { "secrets/\(id)" }

    /// All servers; `broken` names the entries that cannot be read.
    func load() async throws -> (servers: [(ServerRecord, ServerSecrets)], broken: [String]) {
        var servers: [(ServerRecord, ServerSecrets)] = []
        var broken: [String] = []
        for (key, value) in try await store.list(prefix: "servers/") {
            guard let record = try? value.decoded(as: ServerRecord.self),
                let secrets = try await store.get(secretsKey(record.id)),
                let secrets = try? secrets.value.decoded(as: ServerSecrets.self)
            else {
                broken.append(key)
                continue
            }
            servers.append((record, secrets))
        }
        return (servers, broken)
    }

    /// The secrets first: a record without them could not be used.
    func save(_ record: ServerRecord, _ secrets: ServerSecrets) async throws {
        try await store.put(secretsKey(record.id), JSON(encoding: secrets), secret: true)
        try await save(record)
    }

    func save(_ record: ServerRecord) async throws {
        try await store.put(recordKey(record.id), JSON(encoding: record))
    }

    func remove(_ id: String) async throws {
        try await store.remove(recordKey(id))
        try await store.remove(secretsKey(id))
    }
}
