import TestSupport
import Testing
import XOJSON

/// Configurations that are wrong, and what is said of them.
@Suite(.timeLimit(.minutes(3))) struct ConfigurationTests {
    @Test(
        arguments: [
            ("filter", "uid={{name}}", "begins with ("), ("filter", "(uid={{name}}", "not closed"),
            ("filter", "(uid={{name}}))", "more follows"), ("filter", "(uid=*)", "{{name}} is not in it"),
            ("filter", "(uid={{username}})", "expected {{name}}"), ("filter", "(uid={{name)", "expected {{name}}"),
            ("filter", "(!(uid={{name}}))", "negation"), ("filter", "(&(uid={{name}})(a=(b))", "written \\28"),
            ("filter", "(&)", "at least one"), ("filter", "({{name}}=x)", "followed by ="),
            ("filter", #"(uid=\zz{{name}})"#, "hexadecimal"),
            ("filter", "(member:1.2.3:={{name}})", "nameAttribute: cannot be told"),
            ("uri", "http://x", "ldap://"), ("uri", "ldaps://", "no host"), ("uri", "ldaps://x:0", "behind the host"),
            ("uri", "ldaps://x:99999", "behind the host"), ("uri", "ldaps://x/dc=a", "one that cannot"),
            ("uri", "ldap://ldap.example.org", "clear text"), ("failoverUris", ["ldaps://h"], "twice"),
            ("base", "people", "name of an entry"), ("userIdAttribute", "entry uuid", "name of an attribute"),
            ("userIdAttribute", "cn;binary", "name of an attribute"), ("attributes", ["a", "*"], "attributes[1]"),
            ("certificateAuthorities", ["ca.pem"], "absolute path"),
            ("certificateAuthorities", ["/nowhere/ca.pem"], "cannot be read"),
            ("certificateAuthorities", ["/etc/passwd"], "no certificate"),
            ("clientCertificate", ["cert": "/etc/passwd", "key": "/etc/passwd"], "no PEM"),
            ("startTls", true, "TLS already"),
            ("requireGroups", ["cn=a,dc=b"], "needs groups"), ("requireGroups", ["staff"], "name of an entry"),
            ("groups", ["base": "x", "idAttribute": "cn"], "groups.base"),
            ("groups", ["base": "dc=b", "idAttribute": "cn", "filter": "(cn={{name}})"], "no variable"),
            ("groups", ["base": "dc=b", "idAttribute": "cn", "mode": "adChain", "nested": false], "nested"),
            ("bind", ["dn": "cn=a", "password": "b\0c"], "NUL"),
        ] as [(String, JSON, String)])
    func mistakesAreRefusedWithTheKeyAndARemedy(_ key: String, _ value: JSON, _ text: String) async throws {
        var members: JSONObject = ["uri": "ldaps://h", "base": "dc=example", "userIdAttribute": "entryUUID"]
        members[key] = value
        let outcome = await (try Asker()).configure(.object(members))
        #expect(!outcome.isVouched)
        #expect(outcome.message.contains(text), "\(outcome)")
        #expect(text.hasPrefix("nameAttribute") || outcome.message.contains(key), "\(outcome)")
        #expect(!outcome.message.contains("b\0c"))
    }

    @Test(
        arguments: [
            ("filter", " ( & (objectClass=person)\n (| (uid={{name}}) (mail={{name}}@example.org) ) ) "),
            ("filter", "(&(sAMAccountName={{name}})(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"),
            ("filter", #"(&(uid={{name}})(memberOf=cn=\28a\29,dc=b))"#), ("uri", "LDAPS://[::1]:1636/"),
            ("uri", "ldap://localhost"), ("uri", "ldap://127.0.0.9"),
        ] as [(String, JSON)])
    func whatIsRightIsTaken(_ key: String, _ value: JSON) async throws {
        var members: JSONObject = ["uri": "ldaps://h", "base": "dc=example", "userIdAttribute": "entryUUID"]
        members[key] = value
        let outcome = await (try Asker()).configure(.object(members))
        #expect(outcome.isVouched, "\(outcome)")
    }

    @Test func theHostKnowsTheSchemaAndHidesThePassword() async throws {
        let server = try await OpenLDAP.shared.value
        try await withHost([
            .web(), .plugin("ldap", try BuildProducts.plugin("AuthLDAP"), server.configuration()),
        ]) { host in
            let plugin = try await host.plugin("ldap")
            #expect(plugin["loaded"] == true)
            #expect(!"\(plugin)".contains("reader-secret"))
            #expect(plugin["configurationSchema"]?["properties"]?["filter"]?["default"] == "(uid={{name}})")
            try await host.reload(
                HostConfiguration([
                    .web(),
                    .plugin("ldap", try BuildProducts.plugin("AuthLDAP"), server.configuration(["tlsMni": "1.3"])),
                ]))
            #expect(host.log.contains { "\($0)".contains("tlsMni") })
        }
    }
}
