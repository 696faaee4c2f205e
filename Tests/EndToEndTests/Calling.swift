import Foundation
import TestSupport
import Testing
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

extension TestHost {
    /// Changes the host's database behind its back.
    func changeDatabase(_ statement: String) async throws {
        let outcome = try await Program.run(
            URL(filePath: "/usr/bin/env"),
            [
                "python3", "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=20); c.execute(sys.argv[2]); c.commit()",
                folder.path("data/host.sqlite"), statement,
            ])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }
}
