import Foundation
import Testing
import XOJSON

/// Servers that are away, slow, mad, and back again.
@Suite(.timeLimit(.minutes(3))) struct FailoverTests {
    private static let short: JSON = ["tls": 3, "connect": 3, "bind": 3, "search": 3, "total": 20]

    private func configuration(
        _ server: OpenLDAP, _ uri: String, failover: [String] = [], _ more: JSONObject = [:]
    ) -> JSON {
        var members: JSONObject = ["failoverUris": JSON(failover), "timeouts": Self.short]
        members.merge(more, uniquingKeysWith: { $1 })
        return server.configuration(uri: uri, members)
    }

    @Test func aServerThatIsStoppedAndStartedAgainServesAgain() async throws {
        let server = try await OpenLDAP.start()
        let asker = try await Asker.started(configuration(server, server.uri))
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        await server.server.stop()
        let away = await asker.authenticate("alice", "alice-pw")
        #expect(away.isUnavailable)
        #expect(away.message.contains("refused"), "\(away)")
        let back = try await server.restarted()
        // At once, without waiting for a pause to end.
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        // Now the kept connection dies between two sign-ins, and nobody notices.
        await back.server.stop()
        let again = try await server.restarted()
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        #expect(await asker.authenticate("alice", "wrong").isDenied)
        await again.server.stop()
        #expect(asker.log.contains { $0.text.contains("answers again") })
    }

    @Test func aServerThatStallsMakesNobodyWaitLongerThanAllowed() async throws {
        let server = try await OpenLDAP.start()
        let asker = try await Asker.started(configuration(server, server.uri))
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        try server.signal(SIGSTOP)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 { group.addTask { await asker.authenticate("alice", "alice-pw").isUnavailable } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 40)
        try server.signal(SIGCONT)
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
    }

    @Test func theSecondServerServesWhileTheFirstDoesNot() async throws {
        let server = try await OpenLDAP.shared.value
        let silent = try HostilePeer { $0.drain() }
        // A queue that is full: connections are never accepted.
        let full = try FullBacklog()
        let free = try DirectoryServer.freePort()
        for first in ["ldap://127.0.0.1:\(free)", silent.uri, full.uri] {
            let asker = try await Asker.started(
                configuration(server, first, failover: [server.uri]))
            let alice = await asker.authenticate("alice", "alice-pw")
            #expect(alice.isVouched, "\(first): \(alice)")
            #expect(await asker.authenticate("alice", "wrong").isDenied)
            // Once it is known, nobody asks it again for a while.
            #expect(asker.log.count { $0.text.contains("does not serve") } == 1)
        }
        let tls = try await Asker.started(configuration(server, silent.tlsURI, failover: [server.tlsURI]))
        #expect(await tls.authenticate("alice", "alice-pw").isVouched)
        silent.stop()
    }

    @Test func theFirstServerIsTakenAgainAfterItsPause() async throws {
        let first = try await OpenLDAP.start()
        let second = try await OpenLDAP.shared.value
        let asker = try await Asker.started(
            configuration(first, first.uri, failover: [second.uri], ["failover": ["cooldown": 0.1]]))
        try await first.modify(
            """
            dn: uid=alice,ou=people,dc=example,dc=test
            changetype: modify
            replace: displayName
            displayName: First

            """)
        func who() async -> String? { await asker.authenticate("alice", "alice-pw").payload["displayName"]?.string }
        #expect(await who() == "First")
        await first.server.stop()
        #expect(await who() == "Alice Example")
        let back = try await first.restarted()
        while await who() != "First" {}
        await back.server.stop()
    }

    @Test func allServersAwayIsUnavailable() async throws {
        let server = try await OpenLDAP.shared.value
        let ports = try [DirectoryServer.freePort(), DirectoryServer.freePort()]
        let asker = try await Asker.started(
            configuration(server, "ldap://127.0.0.1:\(ports[0])", failover: ["ldap://127.0.0.1:\(ports[1])"]))
        for _ in 0..<20 { #expect(await asker.authenticate("alice", "alice-pw").isUnavailable) }
        #expect(asker.log.count { $0.text.contains("does not serve") } == 2, "once a minute for each")
    }

    @Test func stoppingEndsWhatWaits() async throws {
        let server = try await OpenLDAP.shared.value
        let silent = try HostilePeer { $0.drain() }
        let asker = try await Asker.started(
            server.configuration(
                uri: silent.uri, ["timeouts": ["connect": 30, "bind": 30, "search": 30, "total": 30]]))
        async let waiting = asker.authenticate("alice", "alice-pw")
        while silent.bytes.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await asker.stop().isVouched)
        #expect(await waiting.isUnavailable)
        silent.stop()
    }

    @Test func reconfiguredWhileItRunsItAsksTheOther() async throws {
        let server = try await OpenLDAP.shared.value
        let free = try DirectoryServer.freePort()
        let asker = try await Asker.started(configuration(server, "ldap://127.0.0.1:\(free)"))
        #expect(await asker.authenticate("alice", "alice-pw").isUnavailable)
        #expect(await asker.configure(configuration(server, server.uri, ["label": "Company"])).isVouched)
        #expect(asker.offer?["label"] == "Company")
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
        // One that is wrong changes nothing.
        #expect(!(await asker.configure(configuration(server, "http://127.0.0.1"))).isVouched)
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
    }
}
