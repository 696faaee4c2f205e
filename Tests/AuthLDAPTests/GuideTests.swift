import Foundation
import TestSupport
import Testing
import XOJSON

/// The configurations of `docs/auth-ldap.md`, as they stand there but for addresses and files.
@Suite(.timeLimit(.minutes(3))) struct GuideTests {
    /// The configuration in the first JSON block behind a heading.
    private func configuration(_ heading: String, replacing: [(String, String)]) throws -> JSON {
        let guide = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/auth-ldap.md")
        let text = try String(contentsOf: guide, encoding: .utf8)
        let start = try #require(text.range(of: "\n## \(heading)"))
        let block = try #require(text[start.upperBound...].range(of: "```json\n"))
        let end = try #require(text[block.upperBound...].range(of: "```\n"))
        var json = String(text[block.upperBound..<end.lowerBound])
        for (old, new) in replacing {
            #expect(json.contains(old), "\(old) is not in the guide")
            json = json.replacingOccurrences(of: old, with: new)
        }
        return try #require(try JSON(parsing: Array(json.utf8))["configuration"])
    }

    @Test func theOneForOpenLDAPWorks() async throws {
        let server = try await OpenLDAP.shared.value
        let asker = try await Asker.started(
            configuration(
                "OpenLDAP",
                replacing: [
                    ("ldaps://ldap.example.org", server.tlsURI),
                    ("/etc/ssl/certs/example-ca.pem", server.tls("ca.pem")),
                    ("${file:/etc/xo-host/ldap-password}", "reader-secret"),
                    ("dc=example,dc=org", "dc=example,dc=test"),
                ]))
        let alice = await asker.authenticate("alice@example.test", "alice-pw")
        #expect(alice.isVouched, "\(alice)")
        #expect(alice.groups == ["all", "dup1", "operators", "staff"])
    }

    @Test func theOneForActiveDirectoryWorks() async throws {
        let server = try await SambaAD.shared.value
        let asker = try await Asker.started(
            configuration(
                "Active Directory",
                replacing: [
                    ("ldaps://dc1.ad.example.org", SambaAD.tlsURI),
                    ("/etc/ssl/certs/example-ca.pem", server.authority),
                    ("${file:/etc/xo-host/ad-password}", "reader-pw"),
                    ("reader@ad.example.org", "reader@ad.example.test"),
                    ("DC=ad,DC=example,DC=org", "DC=ad,DC=example,DC=test"),
                ]))
        let alice = await asker.authenticate("alice", "alice-pw")
        #expect(alice.isVouched, "\(alice)")
        #expect(alice.groups == ["Domain Users", "everyone", "operators", "staff"])
    }
}
