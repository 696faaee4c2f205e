import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// The whole way: a browser, the daemon, the plugin in both placements, and a real identity provider.
@Suite(.serialized) struct DaemonSignInTests {
    private static let configuration: JSONObject = [
        "label": "Company", "subjectFrom": "uid", "nameFrom": "uid", "mailFrom": "mail", "groupsFrom": "groups",
        "logout": "redirect",
        "signRequests": [
            "secretKey": .string(Identity.service.key.pemRepresentation),
            "certificate": .string(Identity.service.certificate),
        ],
    ]

    @Test(arguments: ["host", "process"]) func aPersonComesAndGoes(_ placement: String) async throws {
        let service = try await Service.run(Self.configuration) { service in
            try await service.host.ask(
                .page,
                [
                    "base": .string(Names.base), "callback": .string(Names.callback), "path": "metadata",
                    "method": "GET", "query": "", "parameters": [:],
                ]
            ).value["body"]?.string ?? ""
        }
        let provider = try await RealProvider(.simplesamlphp, service: service)
        let configuration = Self.configuration.merging(["idp": ["metadata": .string(provider.metadata)]]) { $1 }
        let rules: JSON = ["rules": [["claim": "groups", "is": "staff", "allow": true, "permission": "read"]]]
        let plugin = JSON.plugin(
            "saml", try BuildProducts.plugin("AuthSAML"), .object(configuration),
            ["isolation": .string(placement), "identity": rules])
        do {
            try await withHost([.web(), plugin], host: ["publicURL": .string(Names.base)]) { host in
                try await visit(host, provider)
            }
        } catch {
            await provider.stop()
            throw error
        }
        await provider.stop()
    }

    private func visit(_ host: TestHost, _ provider: RealProvider) async throws {
        let browser = Browser(host)
        #expect(try await browser.get("/signin").body.contains("Sign in with Company"))
        let metadata = try await browser.get("/signin/saml/metadata")
        #expect(metadata.header("content-type")?.hasPrefix("application/samlmetadata+xml") == true)
        #expect(metadata.body.contains("Location=\"\(Names.callback)\""))

        let token = try await signIn(browser, provider, "alice")
        let client = try await host.connectAnonymously()
        let user = try await client.call("session.signIn", params: ["token": .string(token)])
        #expect(user["email"] == "alice")
        #expect(user["permission"] == "read")

        // Signing out here leads to the provider, which then does not know the person any more.
        let out = try await browser.get("/signout")
        let location = try #require(out.header("location"))
        #expect(location.hasPrefix(provider.base + "/simplesaml/saml2/idp/SingleLogoutService.php?SAMLRequest="))
        #expect(await isOver(token, host))
        let back = try #require(try await provider.visit(location)["leads"]?.string)
        #expect(try await browser.get(path(back)).header("location") == Names.base + "/")

        // Signing out there ends the session here.
        let second = try await signIn(browser, provider, "bob")
        #expect(await !isOver(second, host))
        let started = try await provider.visit(
            provider.base + "/simplesaml/saml2/idp/SingleLogoutService.php?ReturnTo="
                + QuerySignature.encode("https://elsewhere.example.test/done"))
        let answer = try await browser.get(path(try #require(started["leads"]?.string)))
        let done = try await provider.visit(try #require(answer.header("location")))
        #expect(done["leads"]?.string == "https://elsewhere.example.test/done")
        _ = try await poll({ await isOver(second, host) }, until: { $0 })

        // Nobody's answer, and one that was used already.
        let lost = try await browser.post("/signin/saml/callback", [("SAMLResponse", "AAAA")], withCookies: false)
        #expect(lost.header("location")?.hasPrefix("/signin?failed=") == true)
    }

    /// Signs in and returns the token that the browser then holds.
    private func signIn(_ browser: Browser, _ provider: RealProvider, _ name: String) async throws -> String {
        let begin = try await browser.get("/signin/saml?next=/vms")
        let end = try await provider.visit(
            try #require(begin.header("location")), as: name, name + "-pw")
        #expect(end["posts"]?.string == Names.callback, "\(end)")
        let fields = try #require(end["fields"]?.object).compactMap { name, value in value.string.map { (name, $0) } }
        // As browsers do: the form comes from another site, so it has no cookies.
        let back = try await browser.post(
            path(Names.callback), fields, headers: [("origin", provider.base), ("sec-fetch-site", "cross-site")],
            withCookies: false)
        let finished = try await browser.get(path(try #require(back.header("location"))))
        #expect(finished.header("location") == "/vms")
        // The same message once more.
        let again = try await browser.post(path(Names.callback), fields, withCookies: false)
        #expect(again.header("location")?.contains("failed=") == true)
        return try #require(browser[cookie: "token"])
    }

    private func isOver(_ token: String, _ host: TestHost) async -> Bool {
        do {
            try await host.connectAnonymously().call("session.signIn", params: ["token": .string(token)])
            return false
        } catch { return true }
    }

    /// What a browser asks of the daemon, which listens elsewhere than its public address says.
    private func path(_ url: String) -> String {
        url.hasPrefix(Names.base) ? String(url.dropFirst(Names.base.count)) : url
    }
}
