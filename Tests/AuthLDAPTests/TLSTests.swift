import Foundation
import TestSupport
import Testing
import XOJSON

/// TLS, and what must happen if it does not come about: nothing is sent.
@Suite(.timeLimit(.minutes(3))) struct TLSTests {
    private static let short: JSON = ["tls": 3, "connect": 3, "bind": 3, "search": 3]

    @Test(arguments: [false, true], ["1.2", "1.3"])
    func withTLSPeopleComeIn(_ startTLS: Bool, _ version: String) async throws {
        let server = try await OpenLDAP.shared.value
        let asker = try await Asker.started(
            server.configuration(
                uri: startTLS ? server.uri : server.tlsURI,
                ["startTls": .bool(startTLS), "tlsMin": .string(version)]))
        let alice = await asker.authenticate("alice", "alice-pw")
        #expect(alice.isVouched, "\(alice)")
        #expect(await asker.authenticate("alice", "wrong").isDenied)
    }

    @Test(arguments: [false, true])
    func authoritiesAreTakenAsTextAndInNumbers(_ isText: Bool) async throws {
        let server = try await OpenLDAP.shared.value
        let text = try String(contentsOfFile: server.tls("ca.pem"), encoding: .utf8)
        let authorities: JSON =
            isText ? [.string(text)] : [.string(server.tls("otherca.pem")), .string(server.tls("ca.pem"))]
        let asker = try await Asker.started(
            server.configuration(uri: server.tlsURI, ["certificateAuthorities": authorities]))
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
    }

    @Test func anAuthorityThatIsReplacedHoldsFromTheNextConnectionOn() async throws {
        let server = try await OpenLDAP.shared.value
        let folder = try TemporaryFolder()
        let file = try folder.write("ca.pem", try String(contentsOfFile: server.tls("otherca.pem"), encoding: .utf8))
        let asker = try await Asker.started(
            server.configuration(uri: server.tlsURI, ["certificateAuthorities": [.string(file)]]))
        #expect(await asker.authenticate("alice", "alice-pw").isUnavailable)
        try folder.write("ca.pem", try String(contentsOfFile: server.tls("ca.pem"), encoding: .utf8))
        #expect(await asker.authenticate("alice", "alice-pw").isVouched)
    }

    @Test(arguments: [false, true])
    func anUntrustedCertificateIsRefusedUnlessTheCheckIsOff(_ startTLS: Bool) async throws {
        let server = try await OpenLDAP.shared.value
        let uri = startTLS ? server.uri : server.tlsURI
        let more: JSONObject = [
            "startTls": .bool(startTLS), "certificateAuthorities": [.string(server.tls("otherca.pem"))],
        ]
        let asker = try await Asker.started(server.configuration(uri: uri, more))
        let outcome = await asker.authenticate("alice", "alice-pw")
        #expect(outcome.isUnavailable)
        #expect(outcome.message.contains("TLS"))
        // A second try on the same thread must not get further.
        #expect(await asker.authenticate("alice", "alice-pw").isUnavailable)
        let trusting = try await Asker.started(
            server.configuration(uri: uri, more.merging(["checkCertificate": false], uniquingKeysWith: { $1 })))
        #expect(await trusting.authenticate("alice", "alice-pw").isVouched)
        #expect(trusting.log.contains { $0.text.contains("certificates are not checked") })
    }

    /// The files of the working and home folders could switch the check off in libldap.
    @Test func configurationFilesOfTheLibraryAreNotRead() async throws {
        let server = try await OpenLDAP.shared.value
        let folder = try TemporaryFolder()
        for name in ["ldaprc", ".ldaprc"] { try folder.write(name, "TLS_REQCERT never\n") }
        let configuration = server.configuration(
            uri: server.tlsURI, ["certificateAuthorities": [.string(server.tls("otherca.pem"))]])
        try await withHost(
            HostConfiguration([.web(), .plugin("ldap", try BuildProducts.plugin("AuthLDAP"), configuration)]),
            environment: TestHost.administrator(and: ["LDAPTLS_REQCERT": "never", "LDAPCONF": folder.path("ldaprc")])
        ) { host in
            for name in ["ldaprc", ".ldaprc"] { try host.folder.write(name, "TLS_REQCERT never\n") }
            try await host.start()
            let answer = try await host.connect().call("ldap.test", params: [:])
            #expect(answer["ok"] == false)
            let report = answer["steps"]?.array?.last?["error"]?.string ?? ""
            #expect(report.contains("does not vouch for"), "\(answer)")
        }
    }

    @Test(arguments: [("wrongname", "not for 127.0.0.1"), ("expired", "has expired")])
    func aCertificateThatDoesNotFitIsRefused(_ certificate: String, _ reason: String) async throws {
        let server = try await OpenLDAP.start(["CERTIFICATE": certificate])
        let configuration = server.configuration(uri: server.tlsURI)
        let asker = try await Asker.started(configuration)
        #expect(await asker.authenticate("alice", "alice-pw").isUnavailable)
        try await withHost([.web(), .plugin("ldap", try BuildProducts.plugin("AuthLDAP"), configuration)]) { host in
            let answer = try await host.connect().call("ldap.test", params: ["username": "alice"])
            #expect(answer["steps"]?.array?.last?["error"]?.string?.contains(reason) == true, "\(answer)")
        }
    }

    @Test func anOldVersionOfTLSIsRefused() async throws {
        let server = try await OpenLDAP.start(["TLS_CIPHERS": "NORMAL:-VERS-ALL:+VERS-TLS1.1"])
        let asker = try await Asker.started(server.configuration(uri: server.tlsURI))
        #expect(await asker.authenticate("alice", "alice-pw").isUnavailable)
        let newer = try await OpenLDAP.start(["TLS_CIPHERS": "NORMAL:-VERS-ALL:+VERS-TLS1.2"])
        let strict = try await Asker.started(newer.configuration(uri: newer.tlsURI, ["tlsMin": "1.3"]))
        #expect(await strict.authenticate("alice", "alice-pw").isUnavailable)
        let modest = try await Asker.started(newer.configuration(uri: newer.tlsURI))
        #expect(await modest.authenticate("alice", "alice-pw").isVouched)
    }

    @Test func theServiceMayProveItselfWithACertificate() async throws {
        let server = try await OpenLDAP.shared.value
        guard
            case .object(var members) = server.configuration(
                uri: server.tlsURI,
                [
                    "clientCertificate": [
                        "cert": .string(server.tls("client.pem")), "key": .string(server.tls("client.key")),
                    ]
                ])
        else { return }
        members["bind"] = nil
        let asker = try await Asker.started(.object(members))
        let alice = await asker.authenticate("alice", "alice-pw")
        #expect(alice.isVouched, "\(alice)")
    }

    /// A server without TLS, as somebody on the way may pretend: no name and no password may follow.
    @Test func withoutTLSNothingIsSent() async throws {
        let server = try await OpenLDAP.start(["CERTIFICATE": "none"])
        let asker = try await Asker.started(server.configuration(["startTls": true]))
        let outcome = await asker.authenticate("alice", "alice-pw")
        #expect(outcome.isUnavailable)
        #expect(outcome.message.contains("StartTLS"))
    }

    @Test(arguments: [true, false])
    func halfwayThroughTLSNothingIsSent(_ grants: Bool) async throws {
        let server = try await OpenLDAP.shared.value
        let peer = try HostilePeer { connection in
            guard let id = connection.readMessage()?.id else { return }
            connection.sendResult(id, 0x78, code: grants ? 0 : 2)
            connection.drain()
        }
        let asker = try await Asker.started(
            server.configuration(uri: peer.uri, ["startTls": true, "timeouts": Self.short]))
        // Several times: the handle of the first must not serve the second.
        for _ in 0..<3 { #expect(await asker.authenticate("alice", "alice-pw").isUnavailable) }
        let sent = String(decoding: peer.bytes, as: UTF8.self)
        #expect(!peer.bytes.isEmpty)
        for secret in ["alice", "reader", "secret"] { #expect(!sent.contains(secret)) }
        peer.stop()
    }
}
