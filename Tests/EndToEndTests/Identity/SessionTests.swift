import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// Who is at the other end, and what that one may.
@Suite struct SessionTests {
    private static let credentials: [JSON] = [
        ["email": .string(TestHost.adminName), "password": .string(TestHost.adminPassword)],
        ["username": .string(TestHost.adminName), "password": .string(TestHost.adminPassword)],
        ["email": .string(TestHost.adminName.uppercased()), "password": .string(TestHost.adminPassword)],
    ]

    // MARK: Signing in

    @Test func beforeSignInOnlyPublicMethodsAnswer() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connectAnonymously()
            let methods = try #require(try await client.call("system.getMethodsInfo").object)
            #expect(
                Set(methods.filter { $0.value["permission"] == .null }.keys)
                    == [
                        "session.signIn", "session.getUser", "session.signInWithPassword", "session.signInWithToken",
                        "system.getMethodsInfo", "system.getServerVersion", "system.getVersion", "system.listMethods",
                        "system.methodSignature",
                    ])
            for (name, info) in methods where info["permission"] != .null {
                let error = try #require(await remoteError { try await client.call(name) }, "\(name)")
                #expect(error.code == 2, "\(name)")
                #expect(error.message == "not enough permissions")
                var data: JSONObject = [:]
                data["permission"] = info["permission"]
                data["object"] = [:]
                #expect(error.data == .object(data), "\(name)")
            }
            let error = await remoteError { try await client.call("session.getUser") }
            #expect(error == RemoteError(code: -32000, message: "unknown error from the peer"))
        }
    }

    @Test func allFormsOfCredentialsAreTaken() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let token = try await client.call("token.create")
            let user = try await client.call("session.getUser")
            #expect(user["email"] == .string(TestHost.adminName))
            #expect(user["permission"] == "admin")
            #expect(user["groups"] == [])
            #expect(user["preferences"] == [:])
            for params in SessionTests.credentials + [["token": token]] {
                let other = try await host.connectAnonymously()
                #expect(try await other.call("session.signIn", params: params) == user)
                #expect(try await other.call("session.getUser") == user)
                #expect(try await other.call("session.signOut") == true)
                let gone = await remoteError { try await other.call("xo.getAllObjects") }
                #expect(gone?.code == 2)
            }
            let other = try await host.connectAnonymously()
            #expect(
                try await other.call("session.signInWithPassword", params: SessionTests.credentials[0]) == user)
            #expect(try await other.call("session.signInWithToken", params: ["token": token]) == user)
        }
    }

    @Test(
        arguments: [
            ["email": .string(TestHost.adminName), "password": "wrong"], ["email": "nobody", "password": "wrong"],
            ["email": .string(TestHost.adminName)], ["token": "nothing"], [:],
        ] as [JSON])
    func wrongCredentialsAreRefused(_ params: JSON) async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connectAnonymously()
            let error = await remoteError { try await client.call("session.signIn", params: params) }
            #expect(error == RemoteError(code: 3, message: "invalid credentials"))
            // The connection lives, and the right ones are taken.
            try await client.call("session.signIn", params: SessionTests.credentials[0])
        }
    }

    @Test func guessingIsSlowedDown() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connectAnonymously()
            let wrong: JSON = ["email": .string(TestHost.adminName), "password": "wrong"]
            var codes: [Int64?] = []
            while codes.count < 100, codes.last != .some(-32000) {
                codes.append(await remoteError { try await client.call("session.signIn", params: wrong) }?.code)
            }
            #expect(codes.last == .some(-32000))
            #expect(codes.dropLast().allSatisfy { $0 == 3 })
            // Not even the right password is tried now.
            let right = await remoteError {
                try await client.call("session.signIn", params: SessionTests.credentials[0])
            }
            #expect(right == RemoteError(code: -32000, message: "unknown error from the peer"))
        }
    }

    @Test func signingInAgainReplacesTheUser() async throws {
        try await withHost([.web()]) { host in
            try await host.addUser("bob", "secret")
            let client = try await host.connect()
            try await client.call("session.signIn", params: ["email": "bob", "password": "secret"])
            #expect(try await client.call("session.getUser")["email"] == "bob")
            let error = await remoteError { try await client.call("plugin.get") }
            #expect(error?.code == 2)
        }
    }

    // MARK: Rights

    @Test func othersThanAdministratorsSeeNothingAndAdministerNothing() async throws {
        try await withHost([.web(), .xapi(), .fixture("hello-c", id: "hello")]) { host in
            try await host.addUser("bob", "secret")
            let admin = try await host.connect()
            let bob = try await host.connect(as: "bob", "secret")
            #expect(try await admin.objects().count == 1)
            #expect(try await bob.objects() == [:])
            var notifications = bob.notifications.makeAsyncIterator()

            let methods = try #require(try await bob.call("system.getMethodsInfo").object)
            for (name, info) in methods where info["permission"] == "admin" {
                let error = await remoteError { try await bob.call(name) }
                #expect(
                    error
                        == RemoteError(
                            code: 2, message: "not enough permissions", data: ["permission": "admin", "object": [:]]),
                    "\(name)")
            }
            // An object that he may not see does not exist for him, or is forbidden; its data never comes.
            let error = try #require(await remoteError { try await bob.call("vm.start", params: ["id": "hello"]) })
            #expect(error.code == 1 || error.code == 2)

            // What changes is not told to him: the next thing that he hears is that his connection ends.
            try await host.reload(
                HostConfiguration([.web(), .xapi(), .fixture("hello-c", id: "hello", ["greeting": "Hi"])]))
            #expect(try await admin.objects()["hello"]?["name_label"] == "Hi")
            #expect(try await bob.call("system.getVersion") == "0.1")
            await bob.close()
            #expect(await notifications.next() == nil)
        }
    }

    @Test func aChangeOfRightsActsAtOnce() async throws {
        try await withHost([.web()]) { host in
            let id = try await host.addUser("bob", "secret")
            let admin = try await host.connect()
            let bob = try await host.connect(as: "bob", "secret")
            try await admin.call("user.set", params: ["id": .string(id), "permission": "admin"])
            #expect(try await bob.call("user.getAll").array?.count == 2)
            try await admin.call("user.set", params: ["id": .string(id), "permission": "none"])
            let error = await remoteError { try await bob.call("user.getAll") }
            #expect(error?.code == 2)
        }
    }

    @Test func aUserWhoIsDeletedIsDisconnected() async throws {
        try await withHost([.web()]) { host in
            let id = try await host.addUser("bob", "secret")
            let admin = try await host.connect()
            let bob = try await host.connect(as: "bob", "secret")
            #expect(try await admin.call("user.delete", params: ["id": .string(id)]) == true)
            await bob.closed()
            let error = try #require(await connectionError { try await bob.call("system.getVersion") })
            guard case .lost(_, let text) = error.reason else {
                Issue.record("unexpected reason: \(error)")
                return
            }
            #expect(text.contains("removed"))
        }
    }

    @Test func usersAreChangedByTheContractsRules() async throws {
        try await withHost([.web()]) { host in
            let bobID = JSON.string(try await host.addUser("bob", "secret"))
            let admin = try await host.connect()
            let adminID = try #require(try await admin.call("session.getUser")["id"])
            let bob = try await host.connect(as: "bob", "secret")

            let taken = await remoteError {
                try await admin.call("user.create", params: ["email": "BOB", "password": "x"])
            }
            #expect(taken?.code == -32000)
            #expect(taken?.message == "the user BOB already exists")
            let own = await remoteError {
                try await admin.call("user.set", params: ["id": adminID, "permission": "none"])
            }
            #expect(own?.code == 10)
            let itself = await remoteError { try await admin.call("user.delete", params: ["id": adminID]) }
            #expect(itself?.code == 10)
            #expect(itself?.message == "a user cannot delete itself")

            let others = await remoteError {
                try await bob.call("user.set", params: ["id": adminID, "preferences": ["a": 1]])
            }
            #expect(others?.code == 10)
            #expect(
                try await bob.call("user.set", params: ["id": bobID, "preferences": ["a": 1, "b": 2]]) == true)
            #expect(try await bob.call("user.set", params: ["id": bobID, "preferences": ["a": nil]]) == true)
            #expect(
                try await admin.call("user.getAll").array?.first { $0["id"] == bobID }?["preferences"] == ["b": 2])

            let wrong = await remoteError {
                try await bob.call("user.changePassword", params: ["oldPassword": "no", "newPassword": "new"])
            }
            #expect(wrong?.code == 3)
            #expect(
                try await bob.call("user.changePassword", params: ["oldPassword": "secret", "newPassword": "new"])
                    == true)
            _ = try await host.connect(as: "bob", "new")
            for user in try await admin.call("user.getAll").array ?? [] {
                #expect(!"\(user)".contains("argon2"), "no hash ever leaves the host")
            }
        }
    }
}
