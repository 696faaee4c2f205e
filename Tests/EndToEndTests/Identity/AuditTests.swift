import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// What is written down of what has happened.
@Suite struct AuditTests {
    @Test func whatChangesRightsIsWrittenDown() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            _ = await remoteError { try await host.connect(as: "eve", "guess") }
            try await client.call("user.create", params: ["email": "bob", "password": "bob-password"])
            let records = try await poll(
                { try await client.call("audit.getRecords").array ?? [] },
                until: { records in records.contains { $0["event"] == "apiCall" } })
            let created = try #require(records.first { $0["data"]?["method"] == "user.create" })
            #expect(created["subject"]?["userName"]?.string == TestHost.adminName)
            #expect(created["subject"]?["userIp"] == "127.0.0.1")
            #expect(created["data"]?["params"]?["email"] == "bob")
            #expect(!created.description.contains("bob-password"))
            // Nor anything else that signs in.
            let token = try #require(try await client.call("token.create").string)
            try await client.call("token.set", params: ["id": .string(token), "description": "x"])
            let id = try await client.call("session.getUser")["id"] ?? .null
            let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            try await client.call("user.set", params: ["id": id, "preferences": ["otp": .string(secret)]])
            let later = try await poll(
                { try await client.call("audit.getRecords").array ?? [] },
                until: { $0.contains { $0["data"]?["method"] == "user.set" } })
            #expect(later.contains { $0["data"]?["method"] == "token.set" })
            #expect(!JSON.array(later).description.contains(token))
            #expect(!JSON.array(later).description.contains(secret))
            let failed = try #require(records.first { $0["event"] == "signInFailed" })
            #expect(failed["data"]?["userName"] == "eve")
            #expect(records.contains { $0["event"] == "signedIn" })

            #expect(try await client.call("audit.checkIntegrity").integer.map { Int($0) } == later.count)
            let newest = try #require(later.first?["id"])
            let print = try await client.call("audit.generateFingerprint", params: ["newest": newest])
            #expect(print["newest"] == newest)
            #expect(print["nValid"]?.integer.map { Int($0) } == later.count)
        }
    }

    @Test(arguments: [
        "UPDATE audit SET record = replace(record, 'bob', 'eve')", "DELETE FROM audit WHERE number = 2",
        "DELETE FROM audit WHERE number = 1",
    ])
    func whoChangesItIsFoundOut(_ change: String) async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            for name in ["bob", "bill"] {
                try await client.call("user.create", params: ["email": .string(name), "password": "long-password"])
            }
            _ = try await poll({ try await client.call("audit.getRecords").array?.count ?? 0 }, until: { $0 >= 3 })
            await client.close()
            await host.stop()
            let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
            let outcome = try await Program.run(
                URL(fileURLWithPath: "/usr/bin/python3"),
                ["-c", script, host.folder.path("data/host.sqlite"), change])
            #expect(outcome.status == 0)
            try await host.start()
            let error = await remoteError { try await host.connect().call("audit.checkIntegrity") }
            #expect(error?.code == 23)
        }
    }
}
