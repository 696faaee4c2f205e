import Foundation
import Synchronization
import TestSupport
import Testing
import XOClient
import XOJSON

/// `ldap.test` and `ldap.testConnections` in the real daemon. `scripts/test` runs these in both placements.
@Suite(.timeLimit(.minutes(3)), .serialized) struct TrialTests {
    private func withDirectory(
        _ configuration: JSON, id: String = "ldap", _ body: (TestHost, XOClient) async throws -> Void
    ) async throws {
        // Inside of the daemon, and in a process of its own.
        for placement in [JSONObject(), ["isolation": "process"]] {
            let plugin = JSON.plugin(id, try BuildProducts.plugin("AuthLDAP"), configuration, placement)
            try await withHost([.web(), plugin]) { host in try await body(host, try await host.connect()) }
        }
    }

    @Test func eachStepIsTold() async throws {
        let server = try await OpenLDAP.shared.value
        let configuration = server.configuration(uri: server.tlsURI, ["groups": OpenLDAP.groups()])
        try await withDirectory(configuration) { host, client in
            let answer = try await client.call("ldap.test", params: ["username": "alice", "password": "alice-pw"])
            #expect(answer["ok"] == true, "\(answer)")
            #expect(
                answer["steps"]?.array?.compactMap { $0["step"]?.string } == [
                    "connect", "TLS", "bind as the service", "base", "groups.base", "person", "connect", "TLS",
                    "bind as the person", "groups",
                ])
            #expect(answer["steps"]?.array?.allSatisfy { $0["milliseconds"] != nil && $0["ok"] == true } == true)
            #expect(answer["identity"]?["dn"] == "uid=alice,ou=people,dc=example,dc=test")
            #expect(
                answer["identity"]?["groups"]?.array?.compactMap { $0["name"]?.string }.sorted() == [
                    "dup1", "operators",
                ])

            let wrong = try await client.call("ldap.test", params: ["username": "alice", "password": "not-this"])
            #expect(wrong["ok"] == false)
            #expect(wrong["error"]?.string?.contains("wrong password") == true)
            #expect(wrong["identity"] == nil)
            let lookUp = try await client.call("ldap.test", params: ["username": "bob"])
            #expect(lookUp["identity"]?["name"] == "bob")
            let nobody = try await client.call("ldap.test", params: ["username": "nobody"])
            #expect(nobody["error"]?.string?.contains("no entry") == true)
            for secret in ["alice-pw", "not-this", "reader-secret"] {
                #expect(!host.log.contains { "\($0)".contains(secret) })
            }
        }
    }

    @Test func eachServerIsTried() async throws {
        let server = try await OpenLDAP.shared.value
        let away = "ldap://127.0.0.1:\(try DirectoryServer.freePort())"
        let configuration = server.configuration(uri: away, ["failoverUris": [.string(server.uri)]])
        try await withDirectory(configuration, id: "company") { _, client in
            let answer = try await client.call("company.testConnections")
            #expect(answer.array?.map { $0["ok"] } == [false, true])
            #expect(answer.array?.map { $0["uri"]?.string } == [away, server.uri])
            #expect(answer.array?.map { $0["domain"] } == ["company", "company"])
            #expect(answer.array?.first?["error"]?.string?.contains("refused") == true)
            let test = try await client.call("company.test", params: ["username": "alice", "password": "alice-pw"])
            #expect(test["ok"] == true, "the second one serves: \(test)")
        }
    }

    @Test func onlyAdministratorsMayTry() async throws {
        let server = try await OpenLDAP.shared.value
        try await withDirectory(server.configuration()) { host, _ in
            try await host.addUser("bob", "secret", permission: "write")
            let bob = try await host.connect(as: "bob", "secret")
            for method in ["ldap.test", "ldap.testConnections"] {
                do {
                    try await bob.call(method, params: [:])
                    Issue.record("\(method) was not refused")
                } catch let error as RemoteError {
                    #expect(error.code == 2)
                }
            }
        }
    }

    @Test func aServerThatStallsHoldsUpNobodyElse() async throws {
        let server = try await OpenLDAP.shared.value
        let silent = try HostilePeer { $0.drain() }
        let patient: JSON = ["connect": 30, "bind": 30, "search": 30, "total": 30]
        try await withDirectory(server.configuration(uri: silent.uri, ["timeouts": patient])) { host, client in
            let ended = Count()
            let waiting = (0..<100).map { _ in
                Task {
                    _ = try? await client.call("ldap.test", params: ["username": "alice"])
                    ended.value.withLock { $0 += 1 }
                }
            }
            while silent.bytes.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let other = try await host.connect()
            for _ in 0..<200 { #expect(try await other.call("system.getVersion") == "0.1") }
            #expect(ended.value.withLock { $0 } == 0, "all of them still wait")
            for task in waiting { task.cancel() }
        }
        silent.stop()
    }

    private final class Count: Sendable {
        let value = Mutex(0)
    }

    /// What a machine without the LDAP library sees: the plugin names one that is not there.
    @Test func withoutTheLibraryOnlyThisPluginIsLost() async throws {
        let folder = try TemporaryFolder()
        var library = try Data(contentsOf: URL(filePath: try BuildProducts.plugin("AuthLDAP")))
        let name = Data("libldap-2.5.so.0".utf8)
        let place = try #require(library.range(of: name))
        library.replaceSubrange(place, with: Data("libldap-9.9.so.9".utf8))
        let file = folder.url.appending(path: "libAuthLDAP.so")
        try library.write(to: file)
        let server = try await OpenLDAP.shared.value
        try await withHost([.web(), .plugin("ldap", file.path, server.configuration())]) { host in
            let plugin = try await host.plugin("ldap")
            #expect(plugin["state"] == "failed")
            #expect("\(plugin["error"] ?? .null)".contains("libldap-9.9.so.9"), "\(plugin)")
            #expect(try await host.plugin("web")["loaded"] == true)
        }
    }
}
