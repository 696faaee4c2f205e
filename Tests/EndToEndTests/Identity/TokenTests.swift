import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// Tokens, by the rules of the contract.
@Suite struct TokenTests {
    @Test func aTokenIsMadeListedDescribedAndRevoked() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let token = try #require(
                try await client.call("token.create", params: ["description": "first", "expiresIn": "2 hours"]).string)
            #expect(token.utf8.count == 43)
            #expect(token.utf8.allSatisfy { TokenTests.base64URL.contains($0) })

            func record() async throws -> JSON? {
                try await client.call("user.getAuthenticationTokens").array?.first { $0["id"]?.string == token }
            }
            let made = try #require(try await record())
            let created = try #require(made["created_at"]?.integer)
            #expect(made["description"] == "first")
            #expect(made["expiration"]?.integer == created + 7_200_000)
            let userID = try await client.call("session.getUser")["id"]
            #expect(made["user_id"] == userID)

            #expect(
                try await client.call("token.set", params: ["id": .string(token), "description": "second"]) == true)
            #expect(try await record()?["description"] == "second")

            let user = try await host.connectAnonymously()
            try await user.call("session.signIn", params: ["token": .string(token)])
            #expect(try await record()?["last_uses"]?["127.0.0.1"]?["timestamp"]?.integer != nil)

            #expect(
                try await client.call("token.deleteOwn", params: ["tokens": [.string(token), "unknown"]]) == true)
            #expect(try await record() == nil)
            let error = await remoteError {
                try await user.call("session.signIn", params: ["token": .string(token)])
            }
            #expect(error?.code == 3)
        }
    }

    @Test func oneClientHasOneToken() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let params: JSON = ["client": ["id": "abc"], "description": "first"]
            let token = try await client.call("token.create", params: params)
            let again: JSON = ["client": ["id": "abc"], "description": "second"]
            #expect(try await client.call("token.create", params: again) == token)
            let other: JSON = ["client": ["id": "xyz"]]
            #expect(try await client.call("token.create", params: other) != token)
            let tokens = try await client.call("user.getAuthenticationTokens").array ?? []
            #expect(tokens.first { $0["id"] == token }?["description"] == "second")
            #expect(tokens.count == 2)
        }
    }

    @Test(
        arguments: [
            ("30 seconds", "invalid expiresIn duration: 30 seconds"), ("soon", "invalid expiresIn duration: soon"),
            (1000, "invalid expiresIn duration: 1000"), ("1 year", "too high expiresIn duration: 1 year"),
        ] as [(JSON, String)])
    func durationsHaveLimits(_ duration: JSON, _ message: String) async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("token.create", params: ["expiresIn": duration]) }
            #expect(error?.message == message)
        }
    }

    @Test func tokensOfOthersAreOutOfReach() async throws {
        try await withHost([.web()]) { host in
            try await host.addUser("bob", "secret")
            let admin = try await host.connect()
            let bob = try await host.connect(as: "bob", "secret")
            let token = try await admin.call("token.create")
            #expect(try await bob.call("user.getAuthenticationTokens") == [])
            try await bob.call("token.deleteOwn", params: ["tokens": [token]])
            try await bob.call("token.deleteOwn", params: ["pattern": [:]])
            let error = await remoteError {
                try await bob.call("token.set", params: ["id": token, "description": "mine"])
            }
            #expect(error?.code == 1)
            #expect(try await admin.call("user.getAuthenticationTokens").array?.count == 1)
            #expect(try await admin.call("token.delete", params: ["tokens": [token]]) == true)
            #expect(try await admin.call("user.getAuthenticationTokens") == [])
        }
    }

    @Test func aSessionEndsWithTheTokenThatOpenedIt() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let token = try await client.call("token.create", params: ["expiresIn": "1 minute"])
            // Nobody can ask for a shorter life, nor wants to wait for a minute.
            let expiration = Int64(Date.now.timeIntervalSince1970 * 1000) + 3000
            try await host.changeDatabase("UPDATE token SET expiration = \(expiration)")

            let session = try await host.connectAnonymously()
            try await session.call("session.signIn", params: ["token": token])
            let error = await connectionError {
                while true {
                    try await session.call("session.getUser")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            guard case .lost(_, let text)? = error?.reason else {
                Issue.record("unexpected reason: \(String(describing: error))")
                return
            }
            #expect(text == "the token has expired")
            #expect(Int64(Date.now.timeIntervalSince1970 * 1000) >= expiration)
            // Passwords do not expire.
            #expect(try await client.call("session.getUser")["permission"] == "admin")
        }
    }

    private static let base64URL = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
