import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// Signing in with a browser.
@Suite struct SignInPageTests {
    private static func vouching() throws -> JSON { try ProviderTests.vouching() }
    private static let (name, password) = (TestHost.adminName, TestHost.adminPassword)

    @Test func aFormSignsInAndALinkSignsOut() async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let browser = Browser(host)
            let page = try await browser.get("/signin?next=/vms?x=1")
            #expect(page.status == 200)
            #expect(page.body.contains("Sign in with Company &lt;directory&gt;"))
            #expect(page.header("content-security-policy")?.hasPrefix("default-src 'none'") == true)

            let (name, password) = (SignInPageTests.name, SignInPageTests.password)
            let answer = try await browser.post(
                "/signin/local", [("username", name), ("password", password), ("next", "/vms?x=1")])
            #expect(answer.status == 303)
            #expect(answer.header("location") == "/vms?x=1")
            let cookie = try #require(answer.headers("set-cookie").first { $0.hasPrefix("token=") })
            #expect(cookie.contains("HttpOnly; SameSite=Lax"))
            #expect(!cookie.contains("Max-Age"))
            let token = try #require(browser[cookie: "token"])
            let client = try await host.connectAnonymously()
            #expect(try await client.call("session.signIn", params: ["token": .string(token)])["email"]?.string == name)

            let again = try await browser.post(
                "/signin/local", [("username", name), ("password", password), ("remember-me", "on")])
            let kept = try #require(again.headers("set-cookie").first { $0.hasPrefix("token=") })
            #expect(kept.contains("Max-Age=2592000"))
            #expect(try await host.connect().call("user.getAuthenticationTokens").array?.count == 2)

            let out = try await browser.get("/signout")
            #expect(out.status == 303)
            #expect(browser[cookie: "token"] == nil)
            let ended = try #require(kept.split(separator: ";").first?.split(separator: "=").last)
            let error = await remoteError {
                try await host.connectAnonymously().call("session.signIn", params: ["token": .string(String(ended))])
            }
            #expect(error?.code == 3)
        }
    }

    @Test func failuresGiveAReferenceAndNoReason() async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let browser = Browser(host)
            let answer = try await browser.post("/signin/local", [("username", "dora"), ("password", "x")])
            #expect(answer.status == 303)
            let location = try #require(answer.header("location"))
            let page = try await browser.get(location)
            #expect(page.status == 401)
            #expect(!page.body.contains("dora"))
            let reference = try #require(location.split(separator: "=").dropFirst().first?.prefix { $0 != "&" })
            #expect(page.body.contains(reference))
            _ = try await host.logLine { $0["reference"] == String(reference) }
            #expect(browser[cookie: "token"] == nil)
        }
    }

    @Test(arguments: [
        "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb", "/%0d",
    ])
    func nobodyIsLedAway(_ wanted: String) async throws {
        try await withHost([.web()]) { host in
            let (name, password) = (SignInPageTests.name, SignInPageTests.password)
            let answer = try await Browser(host).post(
                "/signin/local", [("username", name), ("password", password), ("next", wanted)])
            #expect(answer.status == 303)
            let location = try #require(answer.header("location"))
            #expect(location == "/" || location == "/evil.example")
        }
    }

    @Test func otherSitesCannotSignAnybodyIn() async throws {
        try await withHost([.web()]) { host in
            let (name, password) = (SignInPageTests.name, SignInPageTests.password)
            for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
                let browser = Browser(host)
                let answer = try await browser.post(
                    "/signin/local", [("username", name), ("password", password)], headers: [header])
                #expect(answer.header("location")?.hasPrefix("/signin?failed=") == true)
                #expect(browser[cookie: "token"] == nil)
            }
        }
    }

    @Test(arguments: [
        String(repeating: "a", count: 500_000), "a\u{0}b", "a\r\nset-cookie: x=y", "\u{202E}nimda", "<script>", "",
        "' OR 1=1 --", "\u{FEFF}", "{{name}}",
    ])
    func hostileNamesAreJustWrong(_ name: String) async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let browser = Browser(host)
            let page = try await browser.post("/signin/local", [("username", name), ("password", "x")])
            #expect(page.status == 303)
            #expect(page.headers("set-cookie").isEmpty)
            #expect(page.header("location")?.hasPrefix("/signin?failed=") == true)
            let client = try await host.connectAnonymously()
            let error = await remoteError {
                try await client.call("session.signIn", params: ["email": .string(name), "password": "x"])
            }
            #expect(error?.code == 3)
            for line in host.log where line.message.contains("sign-in failed") {
                let shown = line["name"] ?? ""
                #expect(shown.unicodeScalars.count <= 64)
                #expect(!shown.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
            }
        }
    }

    @Test func aThousandCookiesDoNoHarm() async throws {
        try await withHost([.web()]) { host in
            let cookies = (0..<300).map { "token=\($0)" }.joined(separator: "; ")
            let page = try await Browser(host).get("/signout", headers: [("cookie", cookies)])
            #expect(page.status == 303)
            for header in ["signin=x; signin=y", "signin-otp=", "=;=;;", "token=\"a"] {
                #expect(try await Browser(host).get("/signin-otp", headers: [("cookie", header)]).status < 500)
            }
        }
    }

    /// Signed out at the provider while the browser is on its way: there is no session yet that could be ended.
    @Test func whoIsRevokedOnTheWayDoesNotComeIn() async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let browser = Browser(host)
            let (key, callback) = try await SignInPageTests.leave(browser)
            let back = try await SignInPageTests.comeBack(browser, "GET", callback, key)
            let finish = try #require(back.header("location"))
            #expect(finish.contains("ticket="))
            try await host.connect().call("vouches.revoke", params: ["subject": "u-1"])
            #expect(try await browser.get(finish).header("location")?.hasPrefix("/signin?failed=") == true)
            #expect(browser[cookie: "token"] == nil)
            // The next sign-in is another one.
            let (second, _) = try await SignInPageTests.leave(browser)
            let again = try await SignInPageTests.comeBack(browser, "GET", callback, second)
            _ = try await browser.get(try #require(again.header("location")))
            #expect(browser[cookie: "token"] != nil)
        }
    }

    /// There and back: the callback comes from another site, without cookies.
    @Test(arguments: ["GET", "POST"])
    func aProviderSignsIn(_ method: String) async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let browser = Browser(host)
            let (key, callback) = try await SignInPageTests.leave(browser)
            let back = try await SignInPageTests.comeBack(browser, method, callback, key)
            #expect(back.status == 303)
            let finish = try #require(back.header("location"))
            #expect(finish.hasPrefix("/signin/vouches/finish?ticket="))
            #expect(browser[cookie: "token"] == nil)

            // Not for another browser, and for nobody twice.
            let thief = Browser(host)
            #expect(try await thief.get(finish).header("location")?.hasPrefix("/signin?failed=") == true)
            #expect(try await browser.get(finish).header("location")?.hasPrefix("/signin?failed=") == true)

            let (second, _) = try await SignInPageTests.leave(browser)
            let again = try await SignInPageTests.comeBack(browser, method, callback, second)
            let done = try await browser.get(try #require(again.header("location")))
            #expect(done.header("location") == "/vms")
            let token = try #require(browser[cookie: "token"])
            let client = try await host.connectAnonymously()
            #expect(try await client.call("session.signIn", params: ["token": .string(token)])["email"] == "vera")

            // Signing out leads to the provider.
            let out = try await browser.get("/signout")
            #expect(out.header("location") == "https://idp.example.org/out?session=s-1")
        }
    }

    @Test func answersToNoQuestionAreRefused() async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let browser = Browser(host)
            let (key, callback) = try await SignInPageTests.leave(browser)
            func isRefused(_ page: Page) -> Bool { page.header("location")?.hasPrefix("/signin?failed=") == true }
            #expect(isRefused(try await SignInPageTests.comeBack(browser, "GET", callback, "made-up")))
            #expect(isRefused(try await browser.get("\(callback)?person=vera")))
            #expect(isRefused(try await browser.get("\(callback)?person=vera&state=\(key)&state=\(key)")))
            // Each key once, also if it did not go well.
            #expect(isRefused(try await browser.get("\(callback)?person=eve&state=\(key)")))
            #expect(isRefused(try await SignInPageTests.comeBack(browser, "GET", callback, key)))
            _ = try await poll(
                { try await host.connect().call("audit.getRecords").array ?? [] },
                until: { $0.contains { $0["event"] == "signInFailed" && $0["data"]?["provider"] == "vouches" } })
            #expect(try await browser.get("/signin/nobody").status == 404)
            #expect(try await browser.get("/signin/vouches/metadata").body == "<metadata/>")
            #expect(try await browser.get("/signin/vouches/else").status == 404)
        }
    }

    @Test func aSecondFactorIsAskedFor() async throws {
        try await withHost([.web(), SignInPageTests.vouching()]) { host in
            let (name, password) = (SignInPageTests.name, SignInPageTests.password)
            let client = try await host.connect()
            let id = try await client.call("session.getUser")["id"] ?? .null
            try await client.call(
                "user.set", params: ["id": id, "preferences": ["otp": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]])
            #expect(try await client.call("user.getAll")[0]?["preferences"]?["otp"] == true)
            let codes = try #require(try await client.call("user.createRecoveryCodes").array?.compactMap(\.string))
            #expect(codes.count == 10)

            let browser = Browser(host)
            let first = try await browser.post("/signin/local", [("username", name), ("password", password)])
            #expect(first.header("location") == "/signin-otp")
            #expect(browser[cookie: "token"] == nil)
            #expect(try await browser.get("/signin-otp").status == 200)
            #expect(try await browser.post("/signin-otp", [("otp", "000000")]).status == 401)
            let second = try await browser.post("/signin-otp", [("otp", codes[0])])
            #expect(second.header("location") == "/")
            #expect(browser[cookie: "token"] != nil)

            // Once only, also over the other interface.
            func signIn(_ code: String?) async throws -> RemoteError? {
                var params: JSONObject = ["email": .string(name), "password": .string(password)]
                if let code { params["otp"] = .string(code) }
                let anonymous = try await host.connectAnonymously()
                return await remoteError { try await anonymous.call("session.signIn", params: .object(params)) }
            }
            #expect(try await signIn(nil)?.code == 3)
            #expect(try await signIn(codes[0])?.code == 3)
            #expect(try await signIn(codes[1].uppercased()) == nil)

            try await client.call("user.set", params: ["id": id, "preferences": ["otp": nil]])
            #expect(try await signIn(nil) == nil)
        }
    }

    @Test func codesAreNotGuessed() async throws {
        try await withHost([.web()]) { host in
            let (name, password) = (SignInPageTests.name, SignInPageTests.password)
            let client = try await host.connect()
            let id = try await client.call("session.getUser")["id"] ?? .null
            try await client.call(
                "user.set", params: ["id": id, "preferences": ["otp": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]])
            let codes = try #require(try await client.call("user.createRecoveryCodes").array?.compactMap(\.string))
            let browser = Browser(host)
            _ = try await browser.post("/signin/local", [("username", name), ("password", password)])
            for _ in 0..<5 { _ = try await browser.post("/signin-otp", [("otp", "000000")]) }
            let late = try await browser.post("/signin-otp", [("otp", codes[0])])
            #expect(late.header("location")?.hasPrefix("/signin?failed=") == true)
            #expect(browser[cookie: "token"] == nil)
            // Signing in anew with the right password does not give more guesses.
            let again = try await browser.post("/signin/local", [("username", name), ("password", password)])
            #expect(again.header("location")?.hasPrefix("/signin?failed=") == true)
        }
    }

    // MARK: Steps

    /// Goes to the provider; returns the key and where to come back.
    private static func leave(_ browser: Browser) async throws -> (key: String, callback: String) {
        let page = try await browser.get("/signin/vouches?next=/vms")
        #expect(page.status == 302)
        let location = try #require(page.header("location").flatMap { URLComponents(string: $0) })
        #expect(location.host == "idp.example.org")
        func parameter(_ name: String) throws -> String {
            try #require(location.queryItems?.first { $0.name == name }?.value)
        }
        let callback = try #require(URLComponents(string: try parameter("back")))
        #expect(callback.path == "/signin/vouches/callback")
        return (try parameter("state"), callback.path)
    }

    private static func comeBack(
        _ browser: Browser, _ method: String, _ callback: String, _ key: String
    ) async throws -> Page {
        method == "GET"
            ? try await browser.get("\(callback)?person=vera&state=\(key)")
            : try await browser.post(
                callback, [("person", "vera"), ("state", key)],
                headers: [("origin", "https://idp.example.org"), ("sec-fetch-site", "cross-site")], withCookies: false)
    }
}
