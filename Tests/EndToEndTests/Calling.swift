import XOClient
import XOJSON

/// The error with which a call fails; `nil` if it does not fail on the server.
func remoteError(_ call: () async throws -> some Any) async -> RemoteError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? RemoteError
    }
}

/// The reason for which a connection ended, if the call failed so.
func connectionError(_ call: () async throws -> some Any) async -> ConnectionError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? ConnectionError
    }
}

extension XOClient {
    /// All objects, or those with these members.
    func objects(_ filter: JSON? = nil) async throws -> JSONObject {
        let params: JSON = filter.map { ["filter": $0] } ?? [:]
        return try await call("xo.getAllObjects", params: params).object ?? [:]
    }

    /// The first object with these members.
    func object(_ filter: JSON) async throws -> JSON? {
        try await objects(filter).values.first
    }
}
