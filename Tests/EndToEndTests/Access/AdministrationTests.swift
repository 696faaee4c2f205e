import TestSupport
import Testing
import XOClient
import XOJSON

/// `group.*`, `acl.*` and `role.*` by the network contract.
@Suite struct AdministrationTests {
    @Test func groupsHaveNamesAndMembers() async throws {
        try await withHost([.web()]) { host in
            let admin = try await host.connect()
            let bob = JSON.string(try await host.addUser("bob", "secret"))
            let id = try await admin.call("group.create", params: ["name": "Staff"])
            #expect(try await admin.call("group.addUser", params: ["id": id, "userId": bob]) == true)
            #expect(try await admin.call("group.addUser", params: ["id": id, "userId": bob]) == true)
            #expect(
                try await admin.call("group.getAll")
                    == [["id": id, "name": "Staff", "users": [bob], "aclRoleIds": []]])
            let users = try await admin.call("user.getAll").array ?? []
            #expect(users.first { $0["id"] == bob }?["groups"] == [id])

            #expect(await code { try await admin.call("group.create", params: ["name": "STAFF"]) } == 16)
            #expect(await code { try await admin.call("group.create", params: ["name": " x"]) } == 10)
            let long = JSON.string(String(repeating: "x", count: 1 << 20))
            #expect(await code { try await admin.call("group.create", params: ["name": long]) } == 10)
            let other = try await admin.call("group.create", params: ["name": "other"])
            let taken = await remoteError { try await admin.call("group.set", params: ["id": other, "name": "staff"]) }
            #expect(taken == RemoteError(code: 16, message: "group already exists", data: ["objectType": "group"]))
            #expect(try await admin.call("group.set", params: ["id": id, "name": "STAFF"]) == true)

            let missing = await remoteError { try await admin.call("group.delete", params: ["id": "none"]) }
            #expect(
                missing == RemoteError(code: 1, message: "no such group none", data: ["id": "none", "type": "group"]))
            #expect(await code { try await admin.call("group.set", params: ["id": "none"]) } == 1)
            for params in [["id": "none", "userId": bob], ["id": id, "userId": "none"]] as [JSON] {
                #expect(await code { try await admin.call("group.addUser", params: params) } == 1)
            }
            // All or nothing.
            #expect(
                await code { try await admin.call("group.setUsers", params: ["id": other, "userIds": [bob, "none"]]) }
                    == 1)
            #expect(try await group(other, admin)?["users"] == [])

            #expect(try await admin.call("group.removeUser", params: ["id": id, "userId": bob]) == true)
            #expect(try await group(id, admin)?["users"] == [])
            #expect(try await admin.call("group.setUsers", params: ["id": id, "userIds": [bob, bob]]) == true)
            try await admin.call("user.delete", params: ["id": bob])
            #expect(try await group(id, admin)?["users"] == [])
            #expect(try await admin.call("group.delete", params: ["id": id]) == true)
            #expect(try await admin.call("group.getAll").array?.count == 1)
        }
    }

    @Test func entriesEndWithTheirSubject() async throws {
        try await withHost([.web()]) { host in
            let admin = try await host.connect()
            let bob = JSON.string(try await host.addUser("bob", "secret"))
            let group = try await admin.call("group.create", params: ["name": "staff"])
            for subject in [bob, group] {
                for action in ["viewer", "admin", "viewer"] as [JSON] {
                    let params: JSON = ["subject": subject, "object": "vm", "action": action]
                    #expect(try await admin.call("acl.add", params: params) == true)
                }
            }
            let entries = try await admin.call("acl.get").array ?? []
            #expect(entries.count == 4)
            #expect(Set(entries.map { $0["id"]?.string }).count == 4)
            #expect(
                entries.contains {
                    $0["subject"] == bob && $0["object"] == "vm" && $0["action"] == "viewer" && $0.object?.count == 4
                })
            let entry: JSON = ["subject": bob, "object": "vm", "action": "admin"]
            #expect(try await admin.call("acl.remove", params: entry) == true)
            #expect(try await admin.call("acl.remove", params: entry) == true)
            #expect(try await admin.call("acl.get").array?.count == 3)

            try await admin.call("user.delete", params: ["id": bob])
            #expect(try await admin.call("acl.get").array?.allSatisfy { $0["subject"] == group } == true)
            try await admin.call("group.delete", params: ["id": group])
            #expect(try await admin.call("acl.get") == [])

            // Whoever is not there gets no rights in advance.
            let unknown = await remoteError {
                try await admin.call("acl.add", params: ["subject": bob, "object": "vm", "action": "admin"])
            }
            #expect(unknown?.code == 1 && unknown?.data?["type"] == ["user", "group"])
        }
    }

    @Test func rolesAreThoseOfTheContract() async throws {
        try await withHost([.web()]) { host in
            let admin = try await host.connect()
            let bob = JSON.string(try await host.addUser("bob", "secret"))
            let client = try await host.connect(as: "bob", "secret")
            #expect(
                try await client.call("role.getAll") == [
                    ["id": "viewer", "name": "Viewer", "permissions": ["view"]],
                    ["id": "operator", "name": "Operator", "permissions": ["view", "operate"]],
                    ["id": "admin", "name": "Admin", "permissions": ["view", "operate", "administrate"]],
                ])
            let wrong: JSON = ["subject": bob, "object": "vm", "action": "owner"]
            #expect(await code { try await admin.call("acl.add", params: wrong) } == 10)
            #expect(try await admin.call("acl.remove", params: wrong) == true)
            let long: JSON = .string(String(repeating: "x", count: 1 << 20))
            #expect(
                await code {
                    try await admin.call("acl.add", params: ["subject": bob, "object": long, "action": "admin"])
                } == 10)
            let cut: JSON = ["subject": .string("\(bob.string ?? "")\0x"), "object": "vm", "action": "admin"]
            #expect(await code { try await admin.call("acl.add", params: cut) } == 10)
            #expect(await code { try await admin.call("acl.remove", params: cut) } == 10)
            #expect(try await admin.call("acl.get") == [])
            for method in ["acl.get", "acl.add", "acl.remove", "group.getAll", "group.create", "group.delete"] {
                #expect(await code { try await client.call(method) } == 2)
            }
            #expect(try await client.call("acl.getCurrentPermissions") == [:])
        }
    }

    /// A provider keeps its groups itself.
    @Test func groupsOfProvidersAreProtected() async throws {
        try await withHost([.web()]) { host in
            let admin = try await host.connect()
            let bob = JSON.string(try await host.addUser("bob", "secret"))
            try await host.changeDatabase(
                "INSERT INTO userGroup VALUES ('g', 'Theirs', 'theirs', 'ldap', 'cn=theirs')")
            #expect(
                try await admin.call("group.getAll") == [
                    [
                        "id": "g", "name": "Theirs", "users": [], "aclRoleIds": [], "provider": "ldap",
                        "providerGroupId": "cn=theirs",
                    ]
                ])
            let changes: [(String, JSON)] = [
                ("group.set", ["id": "g", "name": "Mine"]), ("group.addUser", ["id": "g", "userId": bob]),
                ("group.removeUser", ["id": "g", "userId": bob]), ("group.setUsers", ["id": "g", "userIds": [bob]]),
            ]
            for (method, params) in changes {
                let error = await remoteError { try await admin.call(method, params: params) }
                #expect(error?.code == 5, "\(method)")
                #expect(error?.data?["reason"]?.string?.contains("ldap") == true, "\(method)")
            }
            // Rights are ours to give.
            let entry: JSON = ["subject": "g", "object": "vm", "action": "viewer"]
            #expect(try await admin.call("acl.add", params: entry) == true)
            #expect(try await admin.call("group.delete", params: ["id": "g"]) == true)
            #expect(try await admin.call("acl.get") == [])
        }
    }

    private func code(_ call: () async throws -> JSON) async -> Int64? {
        await remoteError(call)?.code
    }

    private func group(_ id: JSON, _ admin: XOClient) async throws -> JSON? {
        try await admin.call("group.getAll").array?.first { $0["id"] == id }
    }
}
