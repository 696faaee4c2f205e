import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// Plugins that vouch for people, and who those are here.
@Suite struct ProviderTests {
    static func vouching(_ identity: JSON? = nil, id: String = "vouches") throws -> JSON {
        try .fixture("vouches", id: id, nil, identity.map { ["identity": $0] } ?? [:])
    }

    @Test func whoIsVouchedForComesIn() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let vera = try await host.connect(as: "vera", "vera-pw")
            let user = try await vera.call("session.getUser")
            #expect(user["email"] == "vera")
            #expect(user["permission"] == "none")
            // The same the next time, also by a token of the provider.
            let again = try await host.connectAnonymously()
            #expect(try await again.call("session.signIn", params: ["token": "vera-token"])["id"] == user["id"])
            #expect(try await again.call("token.create").string != nil)
        }
    }

    @Test(arguments: [
        ("vera", "wrong", "invalid credentials"), ("dora", "x", "dora is disabled"),
        ("nobody", "x", "invalid credentials"), ("tom", "x", "a provider is not available"),
    ])
    func everybodyElseHearsTheSame(_ name: String, _ password: String, _ inTheLog: String) async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let client = try await host.connectAnonymously()
            let error = await remoteError {
                try await client.call(
                    "session.signIn", params: ["email": .string(name), "password": .string(password)])
            }
            #expect(error?.code == 3)
            #expect(error?.message == "invalid credentials")
            _ = try await host.logLine { $0["reason"] == inTheLog }
        }
    }

    /// What makes two people one is nobody's name.
    @Test func aNameMakesNobodyAnotherUser() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let id = try await host.addUser("vera", "local-password", permission: "admin")
            let client = try await host.connectAnonymously()
            let error = await remoteError {
                try await client.call("session.signIn", params: ["token": "vera-token"])
            }
            #expect(error?.code == 3)
            // The password of the provider is not asked for where the name is a local user's.
            let other = await remoteError { try await host.connect(as: "vera", "vera-pw") }
            #expect(other?.code == 3)

            // An administrator says that they are one.
            let administrator = try await host.connect()
            try await administrator.call(
                "user.addAuthProvider",
                params: ["id": .string(id), "authProvider": "vouches", "subject": "u-1"])
            #expect(try await client.call("session.signIn", params: ["token": "vera-token"])["id"]?.string == id)
            let linked = try await administrator.call("user.getAll").array?.first { $0["id"]?.string == id }
            #expect(linked?["authProviders"] == ["vouches": ["id": "u-1"]])
            let refused = await remoteError {
                try await administrator.call(
                    "user.set", params: ["id": .string(id), "password": "another-password"])
            }
            #expect(refused?.code == 5)
            // Now the provider has the say: what was a password here is none while the link lasts.
            let stale = await remoteError { try await host.connect(as: "vera", "local-password") }
            #expect(stale?.code == 3)
            _ = try await host.connect(as: "vera", "vera-pw")
            try await administrator.call(
                "user.removeAuthProvider", params: ["id": .string(id), "authProvider": "vouches"])
            let ended = await remoteError {
                try await host.connectAnonymously().call("session.signIn", params: ["token": "vera-token"])
            }
            #expect(ended?.code == 3)
            _ = try await host.connect(as: "vera", "local-password")
        }
    }

    @Test(arguments: [("byName", "vera"), ("byVerifiedEmail", "vera@example.org")])
    func rulesMayLink(_ rule: String, _ name: String) async throws {
        try await withHost([.web(), ProviderTests.vouching(["link": .string(rule)])]) { host in
            let id = try await host.addUser(name, "local-password")
            let client = try await host.connectAnonymously()
            #expect(try await client.call("session.signIn", params: ["token": "vera-token"])["id"]?.string == id)
        }
        // Never an administrator.
        try await withHost([.web(), ProviderTests.vouching(["link": .string(rule)])]) { host in
            _ = try await host.addUser(name, "local-password", permission: "admin")
            let client = try await host.connectAnonymously()
            let error = await remoteError {
                try await client.call("session.signIn", params: ["token": "vera-token"])
            }
            #expect(error?.code == 3)
        }
    }

    @Test func rulesGivePermissionsAndGroups() async throws {
        let identity: JSON = [
            "rules": [
                ["claim": "groups", "is": "staff", "permission": "write"],
                ["claim": "groups", "like": "team-*", "group": "Team {1}"],
                ["claim": "department", "matches": "^(it|IT)$", "permission": "read", "group": "dept {0}"],
                ["claim": "groups", "is": "bosses", "permission": "admin"],
            ]
        ]
        try await withHost([.web(), ProviderTests.vouching(identity)]) { host in
            let administrator = try await host.connect()
            let vera = try await host.connect(as: "vera", "vera-pw")
            let user = try await vera.call("session.getUser")
            #expect(user["permission"] == "write")
            func groups() async throws -> [String] {
                let all = try await administrator.call("group.getAll").array ?? []
                return all.filter { $0["users"]?.array?.contains(user["id"] ?? .null) == true }
                    .compactMap { $0["name"]?.string }.sorted()
            }
            #expect(try await groups() == ["Team blue", "dept IT"])

            // What changes at the provider changes here, with the next sign-in or synchronisation, on open connections.
            try await administrator.call(
                "vouches.set",
                params: [
                    "subject": "u-1", "name": "vera.new", "groups": [["id": "g-9", "name": "team-red"]],
                ])
            let preview = try await administrator.call(
                "auth.preview", params: ["provider": "vouches", "subject": "u-1"])
            #expect(preview["user"]?["name"] == "vera")
            #expect(preview["mapped"]?["name"] == "vera.new")
            #expect(preview["mapped"]?["reasons"]?.description.contains("team-red") == true)
            let dry = try await administrator.call("auth.sync", params: ["provider": "vouches", "dryRun": true])
            #expect(dry[0]?["changes"]?.description.contains("would be renamed to vera.new") == true)
            #expect(dry[0]?["changes"]?.description.contains("would leave the group dept IT") == true)
            #expect(try await vera.call("session.getUser") == user)

            try await administrator.call("auth.sync", params: ["provider": "vouches"])
            #expect(try await vera.call("session.getUser")["email"] == "vera.new")
            #expect(try await vera.call("session.getUser")["permission"] == "none")
            #expect(try await groups() == ["Team red"])
            let again = try await administrator.call("auth.sync", params: ["provider": "vouches"])
            #expect(again == [])

            // Who is linked no more is in none of the provider's groups any more.
            let id = user["id"] ?? .null
            try await administrator.call("user.removeAuthProvider", params: ["id": id, "authProvider": "vouches"])
            #expect(try await groups() == [])
        }
    }

    @Test func whoIsGoneAtTheProviderIsGoneHere() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let administrator = try await host.connect()
            let vera = try await host.connect(as: "vera", "vera-pw")
            let token = try await vera.call("token.create")
            try await administrator.call("vouches.set", params: ["gone": true])
            let report = try await administrator.call("auth.sync", params: ["provider": "vouches"])
            #expect(report[0]?["changes"]?.description.contains("sessions and tokens end") == true)
            _ = try await poll(
                {
                    await remoteError {
                        try await host.connectAnonymously().call("session.signIn", params: ["token": token])
                    }
                },
                until: { $0?.code == 3 })
            await #expect(throws: (any Error).self) { try await vera.call("session.getUser") }
        }
    }

    /// It is told once, and one of whom nothing can be said stays.
    @Test func whoIsGoneIsGoneOnceAndWhoIsUnclearStays() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let administrator = try await host.connect()
            let vera = try await host.connect(as: "vera", "vera-pw")
            let odd: [JSON] = [[:], ["subject": "u-1", "name": "ve\u{7}ra"]]
            for odd in odd {
                try await administrator.call("vouches.set", params: odd)
                #expect(try await administrator.call("auth.sync", params: ["provider": "vouches"]) == [])
                #expect(try await vera.call("session.getUser")["email"] == "vera")
            }
            // What people write themselves keeps nobody from being looked after.
            try await administrator.call(
                "vouches.set",
                params: ["subject": "u-1", "name": "vera", "displayName": "\u{7}", "email": "\u{7}"])
            #expect(try await administrator.call("auth.sync", params: ["provider": "vouches"]) == [])
            try await administrator.call("vouches.set", params: ["gone": true])
            #expect(try await administrator.call("auth.sync", params: ["provider": "vouches"]).array?.count == 1)
            #expect(try await administrator.call("auth.sync", params: ["provider": "vouches"]) == [])
        }
    }

    /// Also what was made before somebody was linked.
    @Test func whoIsGoneHasNoOlderTokensEither() async throws {
        try await withHost([.web(), ProviderTests.vouching(["link": "byName"])]) { host in
            _ = try await host.addUser("vera", "local-password")
            let old = try await host.connect(as: "vera", "local-password").call("token.create")
            let administrator = try await host.connect()
            let linking = try await host.connectAnonymously()
            _ = try await linking.call("session.signIn", params: ["token": "vera-token"])
            try await administrator.call("vouches.set", params: ["gone": true])
            try await administrator.call("auth.sync", params: ["provider": "vouches"])
            let error = await remoteError {
                try await host.connectAnonymously().call("session.signIn", params: ["token": old])
            }
            #expect(error?.code == 3)
        }
    }

    /// Nothing that comes of a sign-in outlives what the provider says, nor does a session that only listens.
    @Test func theProvidersEndIsTheEnd() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let administrator = try await host.connect()
            let end = Int64(Date().timeIntervalSince1970 * 1000) + 3_600_000
            func vouch(until end: Int64) async throws {
                try await administrator.call(
                    "vouches.set", params: ["subject": "u-1", "name": "vera", "expires": JSON(end)])
            }
            try await vouch(until: end)
            let vera = try await host.connect(as: "vera", "vera-pw")
            let first = try await vera.call("token.create", params: ["expiresIn": "90 days"])
            let other = try await host.connectAnonymously()
            _ = try await other.call("session.signIn", params: ["token": first])
            _ = try await other.call("token.create", params: ["expiresIn": "90 days", "client": ["id": "c"]])
            _ = try await other.call("token.create", params: ["expiresIn": "90 days", "client": ["id": "c"]])
            let tokens = try await other.call("user.getAuthenticationTokens").array ?? []
            #expect(tokens.count == 2)
            let latest = tokens.compactMap { $0["expiration"]?.integer }.max()
            #expect(latest ?? .max <= end)

            try await vouch(until: Int64(Date().timeIntervalSince1970 * 1000) + 1500)
            let listener = try await host.connect(as: "vera", "vera-pw")
            await listener.closed()
            try await vouch(until: -1)
            let refused = await remoteError { try await host.connect(as: "vera", "vera-pw") }
            #expect(refused?.code == 3)
        }
    }

    @Test func theProviderMayEndSessions() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let administrator = try await host.connect()
            let vera = try await host.connect(as: "vera", "vera-pw")
            try await administrator.call("vouches.revoke", params: ["subject": "u-1", "session": "another"])
            #expect(try await vera.call("session.getUser")["email"] == "vera")
            try await administrator.call("vouches.revoke", params: ["subject": "u-1", "session": "s-1"])
            await #expect(throws: (any Error).self) {
                _ = try await poll({ try await vera.call("session.getUser") }, until: { _ in false })
            }
        }
    }

    /// A directory that locks accounts after five wrong passwords hears of four.
    @Test func noAccountIsLockedThroughThisHost() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            var wrong: [Int] = []
            await withTaskGroup(of: Int.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        let error = await remoteError { try await host.connect(as: "vera", "wrong") }
                        return Int(error?.code ?? 0)
                    }
                }
                for await code in group { wrong.append(code) }
            }
            let administrator = try await host.connect()
            #expect(try await administrator.call("vouches.asked") == 3)
            #expect(wrong.count { $0 == 3 } == 3, "\(wrong)")
            _ = try await host.logLine { $0.message.contains("too many wrong passwords for this name") }
            // A token asks nobody for a password.
            let client = try await host.connectAnonymously()
            #expect(try await client.call("session.signIn", params: ["token": "vera-token"])["email"] == "vera")
        }
    }

    /// Whether a name is local is not to be told by who is asked; but no local password leaves the host.
    @Test func localNamesAreAskedForByAnotherName() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            _ = try await host.addUser("vera", "local-password")
            let administrator = try await host.connect()
            let refused = await remoteError { try await host.connect(as: "vera", "vera-pw") }
            #expect(refused?.code == 3)
            #expect(try await administrator.call("vouches.asked") == 1)
            _ = try await host.connect(as: "vera", "local-password")
            #expect(try await administrator.call("vouches.asked") == 1)
            #expect(!host.log.contains { $0.message == "a provider denies" })
        }
    }

    /// An outage is no time for guessing, nor does it tell names apart.
    @Test func whatNobodyCanCheckCounts() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            for _ in 0..<5 {
                let error = await remoteError { try await host.connect(as: "tom", "x") }
                #expect(error?.code == 3)
            }
            let error = await remoteError { try await host.connect(as: "tom", "x") }
            #expect(error?.code != 3 && error != nil)
        }
    }

    @Test(arguments: [
        ["allow": true, "claim": "groups", "is": "bosses"] as JSON, ["create": false],
    ])
    func notEverybodyComesIn(_ rule: JSON) async throws {
        let identity: JSON = rule["claim"] == nil ? rule : ["rules": [rule]]
        try await withHost([.web(), ProviderTests.vouching(identity)]) { host in
            let error = await remoteError { try await host.connect(as: "vera", "vera-pw") }
            #expect(error?.code == 3)
            let users = try await host.connect().call("user.getAll").array
            #expect(users?.count == 1)
        }
    }

    /// A provider that lies about people.
    @Test(arguments: [
        ["name": "vera"] as JSON, ["subject": "", "name": "vera"], ["subject": "u-1", "name": "ve\u{7}ra"],
        ["subject": "u-1", "name": "vera", "groups": [["name": "no id"]]],
        ["subject": "u-1", "name": "vera", "groups": [["id": "a\u{0}b", "name": "a"]]],
        ["subject": "u\u{0}1", "name": "v"],
        ["subject": .string(String(repeating: "x", count: 257)), "name": "vera"],
        ["subject": "u-1", "name": "vera", "attributes": ["a": "no list"]],
    ])
    func brokenVouchersAreTrouble(_ voucher: JSON) async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            try await host.connect().call("vouches.set", params: voucher)
            let error = await remoteError { try await host.connect(as: "vera", "vera-pw") }
            #expect(error?.code == 3)
            _ = try await host.logLine { $0["message"] == "a provider cannot say who somebody is" }
        }
    }

    @Test func aPluginCanBeTriedOut() async throws {
        try await withHost([.web(), ProviderTests.vouching()]) { host in
            let administrator = try await host.connect()
            #expect(try await host.plugin("vouches")["testable"] == true)
            #expect(try await administrator.call("plugin.test", params: ["id": "vouches"]) == "all is well")
            let error = await remoteError { try await administrator.call("plugin.test", params: ["id": "web"]) }
            #expect(error?.code == 10)
        }
    }
}
