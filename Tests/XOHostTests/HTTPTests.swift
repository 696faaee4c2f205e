import Synchronization
import Testing
import XOJSON

@testable import XOHost

private func request(
    _ headers: [(name: String, value: String)] = [], path: String = "/", query: String = ""
) -> IncomingRequest {
    IncomingRequest(
        peerAddress: "192.0.2.1", isLoopback: false, isSecure: true, method: "GET", path: path, query: query,
        headers: headers)
}

struct RequestPathTests {
    @Test(arguments: [
        ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("//a///b", "/a/b"), ("/%61", "/a"), ("/a%20b", "/a b"),
        ("/%c3%A4", "/ä"), ("/a%2Fb", "/a%2Fb"), ("/a%252Fb", "/a%252Fb"), ("/a%25", "/a%25"), ("/...", "/..."),
        ("/.well-known/x", "/.well-known/x"), ("/a+b", "/a+b"), ("///", "/"), ("/%2f", "/%2F"),
        ("/a%2F..%2Fb", "/a%2F..%2Fb"),
    ])
    func accepted(encoded: String, canonical: String) throws {
        let path = try #require(RequestPath(encoded))
        #expect(path.description == canonical)
        #expect(RequestPath(canonical)?.segments == path.segments)
    }

    @Test(arguments: [
        "", "a", "*", "http://host/a", "/..", "/../etc/passwd", "/a/../b", "/a/..", "/.", "/a/./b", "/%2e%2e/a",
        "/.%2E",
        "/%2E", "/%", "/%2", "/%zz", "/%u0041", "/%+1", "/%00", "/a\0b", "/a%0Ab", "/a%0d%0aSet-Cookie:x", "/a\\b",
        "/a%5C..%5Cb", "/%ff", "/%C0%AE%C0%AE", "/%ED%A0%80", "/%7F", "/%C2%85",
    ])
    func refused(encoded: String) {
        #expect(RequestPath(encoded) == nil)
    }
}

struct RouteTableTests {
    private func outcome(_ table: RouteTable<String>, _ method: String, _ path: String) -> String {
        switch table.match(method: method, path: path) {
        case .found(let target): target
        case .methodNotAllowed(let allowed): "405 " + allowed.joined(separator: ",")
        case .notFound: "404"
        case .invalidPath: "400"
        }
    }

    private func table(withRoot: Bool = false) throws -> RouteTable<String> {
        let table = RouteTable<String>()
        for (method, path) in [
            ("GET", "/healthz"), ("GET", "/api/"), ("POST", "/api/"), ("GET", "/api/special"),
            ("POST", "/api/deep/er/"),
            ("DELETE", "/r%2Fs"), ("HEAD", "/both"), ("GET", "/both"),
        ] {
            _ = try table.add(method: method, path: path, owner: "web", target: "\(method) \(path)")
        }
        if withRoot { _ = try table.add(method: "GET", path: "/", owner: "ui", target: "root") }
        return table
    }

    @Test(arguments: [
        ("GET", "/healthz", "GET /healthz"), ("GET", "/healthz/", "404"), ("GET", "/healthz/x", "404"),
        ("GET", "/api/", "GET /api/"), ("GET", "/api", "404"), ("GET", "/api/x/y", "GET /api/"),
        ("POST", "/api/x", "POST /api/"), ("GET", "/api/special", "GET /api/special"),
        ("GET", "/api/specialx", "GET /api/"),
        ("POST", "/api/special", "405 GET,HEAD"), ("GET", "/api/deep/er/x", "405 POST"),
        ("POST", "/api/deep/er/", "POST /api/deep/er/"),
        ("GET", "/api/deep/er", "GET /api/"), ("PUT", "/api/x", "405 GET,HEAD,POST"),
        ("HEAD", "/healthz", "GET /healthz"),
        ("HEAD", "/both", "HEAD /both"), ("GET", "//api//x", "GET /api/"), ("GET", "/%61pi/x", "GET /api/"),
        ("DELETE", "/r%2fs", "DELETE /r%2Fs"), ("DELETE", "/r/s", "404"), ("GET", "/api/../healthz", "400"),
        ("GET", "/", "404"), ("get", "/healthz", "405 GET,HEAD"), ("", "/healthz", "405 GET,HEAD"), ("GET", "", "400"),
    ])
    func matching(method: String, path: String, expected: String) throws {
        #expect(outcome(try table(), method, path) == expected)
    }

    @Test func rootIsLastResort() throws {
        let table = try table(withRoot: true)
        #expect(outcome(table, "GET", "/") == "root")
        #expect(outcome(table, "GET", "/anything/else") == "root")
        #expect(outcome(table, "GET", "/api/x") == "GET /api/")
        #expect(outcome(table, "GET", "/api/deep/er/x") == "405 POST")
    }

    @Test func conflictsAndRemoval() throws {
        let table = try table(withRoot: true)
        #expect(throws: RouteError.taken(method: "GET", path: "//healthz", owner: "web")) {
            try table.add(method: "GET", path: "//healthz", owner: "x", target: "")
        }
        #expect(throws: RouteError.invalidPath("/a/../b")) {
            try table.add(method: "GET", path: "/a/../b", owner: "x", target: "")
        }
        #expect(throws: RouteError.invalidMethod("GET X")) {
            try table.add(method: "GET X", path: "/x", owner: "x", target: "")
        }
        #expect(throws: RouteError.invalidMethod("get")) {
            try table.add(method: "get", path: "/x", owner: "x", target: "")
        }
        let id = try table.add(method: "GET", path: "/x", owner: "x", target: "x")
        table.remove(id, owner: "web")
        #expect(outcome(table, "GET", "/x") == "x")
        table.remove(id, owner: "x")
        table.remove(id, owner: "x")
        #expect(outcome(table, "GET", "/x") == "root")
        table.remove(owner: "web")
        #expect(outcome(table, "POST", "/api/") == "405 GET,HEAD")
        table.remove(owner: "ui")
        #expect(outcome(table, "GET", "/healthz") == "404")
        _ = try table.add(method: "GET", path: "/healthz", owner: "x", target: "new")
        // An old id does not reach the new route.
        table.remove(id, owner: "x")
        #expect(outcome(table, "GET", "/healthz") == "new")
    }
}

struct IncomingRequestTests {
    @Test(
        arguments: [
            ("Basic dXNlcjpwYXNz", Authorization.basic(user: "user", password: "pass")),
            ("bAsIc   dXNlcjpwYXNz", .basic(user: "user", password: "pass")),
            ("Basic dXNlcjpwYTpzcw==", .basic(user: "user", password: "pa:ss")),
            ("Basic Og==", .basic(user: "", password: "")),
            ("Basic dXPDpHI6cMOk", .basic(user: "usär", password: "pä")),
            ("Bearer abc-._~+/==", .bearer(token: "abc-._~+/==")),
            ("bearer abc", .bearer(token: "abc")),
            // No scheme, no credentials, other schemes.
            ("", nil), ("Basic", nil), ("Basic ", nil), ("Bearer ", nil), ("Digest abc", nil), ("dXNlcjpwYXNz", nil),
            ("Basic\tdXNlcjpwYXNz", nil), ("Bearer a b", nil), ("Bearer a=b", nil), ("Bearer =", nil),
            ("Bearer ä", nil),
            // Base64 that is not to the letter: padding, alphabet, spare bits, rest.
            ("Basic dXNlcjpwYTpzcw", nil), ("Basic dXNlcjpwYTpzcw=", nil), ("Basic dXNlcjpwYTpzcx==", nil),
            ("Basic dXNlcjpw YXNz", nil), ("Basic dXNlcjpwYXNz ", nil), ("Basic dXNlcjpwYXNz,x", nil),
            ("Basic -_-_", nil),
            // No colon, control characters, no UTF-8.
            ("Basic dXNlcg==", nil), ("Basic dQpzOnA=", nil), ("Basic dTpwAA==", nil), ("Basic /zpw", nil),
        ] as [(String, Authorization?)])
    func authorization(field: String, expected: Authorization?) {
        #expect(request([("authorization", field)]).authorization == expected)
    }

    @Test func repeatedAuthorizationIsRefused() {
        let field = ("authorization", "Bearer abc")
        #expect(request([field, field]).authorization == nil)
        #expect(request().authorization == nil)
    }

    @Test func credentialsDoNotShow() {
        let credentials = request([("authorization", "Basic dXNlcjpwYXNz")]).authorization
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!"\(String(describing: credentials)) \(String(reflecting: credentials)) \(dumped)".contains("pass"))
    }

    @Test(arguments: [
        ("token=abc", "token=abc"), ("a=1; token=abc;b=2", "a=1|token=abc|b=2"), ("a=\"q\"", "a=q"), ("a=\"", ""),
        ("a==b=", "a==b="), ("a=", "a="), ("=x; ;; a; b c=1; \u{1}=2; d=\u{7}", ""), (" a = 1 ", "a=1"),
        ("ä=1; a=ä", "a=ä"),
        ("a=1; a=2", "a=1|a=2"), ("a=x\"y", ""),
    ])
    func cookies(field: String, expected: String) {
        let cookies = request([("cookie", field)]).cookies
        #expect(cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "|") == expected)
    }

    @Test func headersAndCookiesByName() {
        let request = request([("x", "1"), ("cookie", "a=1; token=t"), ("x", "2"), ("cookie", "token=u")])
        #expect(request.header("x") == "1")
        #expect(request.headers("x") == ["1", "2"])
        #expect(request.header("y") == nil)
        #expect(request.cookie("token") == "t")
        #expect(request.cookie("none") == nil)
    }

    @Test(
        arguments: [
            ("", ""), ("a=1&b=2", "a=1|b=2"), ("a", "a="), ("a=b=c", "a=b=c"), ("a=x+y%2B", "a=x y+"),
            ("&&a=1&", "a=1"),
            ("%C3%A4=%26", "ä=&"), ("=x", "=x"), ("a=%", nil), ("a=%g0", nil), ("a=%ff", nil), ("a=1&b=%2", nil),
        ] as [(String, String?)])
    func queryParameters(query: String, expected: String?) {
        let parameters = request(query: query).queryParameters
        #expect(parameters?.map { "\($0.name)=\($0.value)" }.joined(separator: "|") == expected)
    }
}

struct OutgoingResponseTests {
    @Test func dynamicContentIsNeitherGuessedNorKept() {
        let response = OutgoingResponse.json(["a": 1], status: 201)
        #expect(response.status == 201)
        #expect(response.header("content-type") == "application/json")
        #expect(response.header("x-content-type-options") == "nosniff")
        #expect(response.header("cache-control") == "no-store")
        #expect(response.body == Array(#"{"a":1}"#.utf8))
        let cached = OutgoingResponse(headers: [("Cache-Control", "max-age=60")]).secured()
        #expect(cached.headers.map(\.name) == ["cache-control", "x-content-type-options"])
        #expect(cached.header("cache-control") == "max-age=60")
        #expect(OutgoingResponse.text("hé").body == Array("hé".utf8))
        #expect(OutgoingResponse.methodNotAllowed(["GET", "HEAD"]).header("allow") == "GET, HEAD")
    }

    @Test(arguments: ["/a\r\nset-cookie: x=1", "/a\nb", "/a\0b", "/a\u{7F}"])
    func fieldsCannotBeSplit(location: String) {
        let value = OutgoingResponse.redirect(to: location).header("location") ?? ""
        #expect(value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        #expect(value.hasPrefix("/a "))
    }

    @Test func namesThatAreNoNamesAreLeftOut() {
        let response = OutgoingResponse(
            status: 42, headers: [("a b", "1"), ("", "2"), ("x\r\ny", "3"), ("X-Good", "4"), ("ä", "5")])
        #expect(response.headers.map(\.name) == ["x-good"])
        #expect(response.status == 500)
    }
}

struct OneTimeDownloadsTests {
    private final class TestClock: Sendable {
        let now = Atomic<Int64>(0)
    }

    private func downloads(
        _ limits: OneTimeDownloads<String>.Limits = .init(), clock: TestClock = TestClock()
    ) -> OneTimeDownloads<String> {
        OneTimeDownloads(limits) { clock.now.load(ordering: .relaxed) }
    }

    @Test func pathWorksOnce() throws {
        let downloads = downloads()
        let path = try downloads.add(session: 1, "content")
        #expect(path.wholeMatch(of: /\/api\/[A-Za-z0-9_-]{43}/) != nil)
        #expect(downloads.take(path: path + "x") == nil)
        #expect(downloads.take(path: path + "/") == nil)
        #expect(downloads.take(path: "/api/../" + path.dropFirst()) == nil)
        #expect(downloads.take(path: path) == "content")
        #expect(downloads.take(path: path) == nil)
        #expect(try downloads.add(session: 1, "") != downloads.add(session: 1, ""))
    }

    @Test(arguments: [
        ("a.xva", "a.xva"), ("2026-11-25 - web 01.xva", "2026-11-25%20-%20web%2001.xva"), ("ä", "%C3%A4"),
        ("../../etc/passwd", ".._.._etc_passwd"), ("..", "download"), (".", "download"), ("", "download"),
        ("a\\b\n\0", "a_b__"),
        ("100%", "100%25"), ("a+b?c#d", "a%2Bb%3Fc%23d"),
    ])
    func fileNames(name: String, encoded: String) throws {
        let downloads = downloads()
        let path = try downloads.add(session: 1, fileName: name, "content")
        #expect(path.split(separator: "/").last.map(String.init) == encoded)
        #expect(downloads.take(path: path) == "content")
    }

    @Test func escapesMayBeWrittenOtherwise() throws {
        let downloads = downloads()
        let path = try downloads.add(session: 1, fileName: "a+b", "content")
        #expect(downloads.take(path: path.replacing("%2B", with: "+")) == "content")
    }

    @Test func whatNobodyFetchesExpires() throws {
        let clock = TestClock()
        let downloads = downloads(.init(perSession: 1, total: 1, lifetime: 100), clock: clock)
        let path = try downloads.add(session: 1, "content")
        clock.now.store(100, ordering: .relaxed)
        #expect(downloads.take(path: path) == nil)
        let second = try downloads.add(session: 1, "second")
        clock.now.store(199, ordering: .relaxed)
        downloads.removeExpired()
        #expect(downloads.take(path: second) == "second")
        _ = try downloads.add(session: 1, "third")
        clock.now.store(299, ordering: .relaxed)
        // The place is free again.
        _ = try downloads.add(session: 1, "fourth")
    }

    @Test func waitingIsBounded() throws {
        let downloads = downloads(.init(perSession: 2, total: 3, lifetime: 100))
        let first = try downloads.add(session: 1, "a")
        _ = try downloads.add(session: 1, "b")
        #expect(throws: OneTimeDownloadError.tooManyOfSession(2)) { try downloads.add(session: 1, "c") }
        _ = try downloads.add(session: 2, "d")
        #expect(throws: OneTimeDownloadError.tooMany(3)) { try downloads.add(session: 3, "e") }
        #expect(downloads.take(path: first) == "a")
        _ = try downloads.add(session: 3, "e")
    }

    @Test(arguments: ["", "/", "/api", "/api/", "/api/%00", "/api/..", "/other/x", "/api/x/y/z"])
    func hostilePathsFindNothing(path: String) {
        #expect(downloads().take(path: path) == nil)
    }
}
