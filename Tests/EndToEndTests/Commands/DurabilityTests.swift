import TestSupport
import Testing
import XOClient
import XOJSON

/// What was acknowledged is there after a power cut.
@Suite struct DurabilityTests {
    @Test func acknowledgedWritesSurviveKill() async throws {
        try await withHost([.web(), .xapi()]) { host in
            var tokens: [JSON] = []
            var users: Set<JSON> = []
            var servers: Set<JSON> = []
            for round in 1...5 {
                let client = try await host.connect()
                tokens.append(try await client.call("token.create", params: ["description": "round \(round)"] as JSON))
                users.insert(
                    try await client.call("user.create", params: ["email": .string("user-\(round)"), "password": "x"]))
                servers.insert(
                    try await client.call(
                        "server.add",
                        params: [
                            "host": .string("http://127.0.0.1:\(round)"), "username": "root", "password": "secret",
                            "autoConnect": false,
                        ]))
                // Right after the answer to the last of them.
                await host.kill()
                try await host.start()
                let again = try await host.connectAnonymously()
                for token in tokens { try await again.call("session.signIn", params: ["token": token]) }
                let ids = try await again.call("user.getAll").array?.compactMap { $0["id"] } ?? []
                #expect(users.isSubset(of: ids))
                let known = try await again.call("server.getAll").array?.compactMap { $0["id"] } ?? []
                #expect(Set(known) == servers)
            }
            #expect(await host.stop() == 0)
        }
    }

    /// The moment of the cut is any: all that was answered before must be there.
    @Test func nothingAcknowledgedIsLostWhileWritesAreUnderWay() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let (answers, continuation) = AsyncStream<JSON?>.makeStream()
            let count = 200
            for _ in 0..<count {
                client.call("token.create") { continuation.yield((try? $0.get()) ?? nil) }
            }
            var acknowledged: [JSON] = []
            var answered = 0
            for await token in answers {
                answered += 1
                if let token { acknowledged.append(token) }
                if acknowledged.count == 50, answered == 50 { await host.kill() }
                if answered == count { break }
            }
            #expect(acknowledged.count >= 50)
            try await host.start()
            let again = try await host.connect()
            let tokens = Set(try await again.call("user.getAuthenticationTokens").array?.compactMap { $0["id"] } ?? [])
            #expect(tokens.isSuperset(of: acknowledged))
        }
    }

    @Test func whatIsSecretIsEncryptedOnTheDisk() async throws {
        try await withHost([.web(), .xapi()]) { host in
            let client = try await host.connect()
            let secret = "the password of the pool"
            try await client.call(
                "server.add",
                params: [
                    "host": "http://127.0.0.1:1", "username": "root", "password": .string(secret), "autoConnect": false,
                ])
            let token = try #require(try await client.call("token.create").string)
            await host.kill()
            for needle in [secret, token, TestHost.adminPassword] {
                let outcome = try await Program.run(
                    .init(filePath: "/usr/bin/env"), ["grep", "-rlaF", "--", needle, host.folder.path("data")])
                #expect(outcome.output == "")
            }
        }
    }

    // MARK: A data directory that is not as it should be

    @Test(arguments: [
        ("rm secret.key", "secret.key: missing"),
        ("head -c 32 /dev/urandom > secret.key", "secret.key: not the key that the database was written with"),
        ("rm host.sqlite-*; echo nonsense > host.sqlite", "host.sqlite: damaged"),
        ("chmod 755 .", "chmod 700"), ("rm -r ../data; touch ../data", "is not a directory"),
    ])
    func aSpoiltDataDirectoryIsExplained(_ spoil: String, _ words: String) async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            try await client.call("token.create")
            await host.stop()
            let data = host.folder.path("data")
            let shell = try await Program.run(.init(filePath: "/bin/sh"), ["-c", "cd '\(data)' && \(spoil)"])
            try #require(shell.status == 0, "\(shell.errors)")
            for outcome in [try await host.launch().outcome(), try await host.command("user", "list")] {
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
        }
    }

    @Test func oneDataDirectoryServesOneHost() async throws {
        try await withHost([.web()]) { host in
            let outcome = try await host.launch().outcome()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("another xo-host (process \(host.processID)) is serving from it"))
            #expect(outcome.errors.contains("dataDirectory"))
            _ = try await host.connect()
            await host.kill()
            try await host.start()
        }
    }
}
