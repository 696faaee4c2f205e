import TestSupport
import Testing
import XOJSON

/// 389 Directory Server, on which FreeIPA stands.
@Suite(.timeLimit(.minutes(3))) struct DirectoryServer389Tests {
    private struct Server: Sendable {
        static let shared = Shared { try await Server() }

        let port: Int
        private let server: DirectoryServer
        private let folder: String

        init() async throws {
            folder = try Scratch.folder()
            port = try DirectoryServer.freePort()
            server = try await DirectoryServer(
                "ds389.sh", folder, ["\(port)", "\(try DirectoryServer.freePort())"])
        }
    }

    private func asker(_ more: JSONObject = [:]) async throws -> Asker {
        var members: JSONObject = [
            "uri": .string("ldap://127.0.0.1:\(try await Server.shared.value.port)"),
            "base": "ou=people,dc=example,dc=test", "userIdAttribute": "nsUniqueId",
        ]
        members.merge(more, uniquingKeysWith: { $1 })
        return try await Asker.started(.object(members))
    }

    @Test func peopleComeInAndAreFoundAgain() async throws {
        let asker = try await asker()
        let alice = await asker.authenticate("alice", "alice-pw-123")
        #expect(alice.isVouched, "\(alice)")
        #expect(await asker.authenticate("alice", "wrong").isDenied)
        #expect(await asker.authenticate("alice", "").isDenied)
        #expect(await asker.authenticate("nobody", "alice-pw-123").isNotMine)
        let locked = await asker.authenticate("locked", "locked-pw-123")
        #expect(locked.isDenied)
        #expect(locked.message.contains("inactivated"), "\(locked)")
        let subject = try #require(alice.payload["subject"])
        let people = await asker.lookUp(["subject": subject], ["name": "locked"])
        #expect(people.payload["people"]?.array?.map { $0["name"]?.string } == ["alice", nil])
    }

    @Test(
        arguments: [
            ("fromGroups", ["operators"]), ("expandNested", ["operators", "staff"]),
            // Its plugin follows nested groups.
            ("fromUser", ["operators", "staff"]),
        ])
    func groupsOfAlice(_ mode: String, _ expected: [String]) async throws {
        let asker = try await asker([
            "groups": [
                "base": "ou=groups,dc=example,dc=test", "idAttribute": "nsUniqueId", "mode": .string(mode),
            ]
        ])
        #expect(await asker.authenticate("alice", "alice-pw-123").groups == expected)
    }
}
