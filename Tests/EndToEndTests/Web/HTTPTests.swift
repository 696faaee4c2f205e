import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// What is answered over plain HTTP.
@Suite struct HTTPTests {
    @Test func healthIsTold() async throws {
        try await withHost([.web(), .fixture("crowd")]) { host in
            let page = try await host.fetch("/healthz")
            #expect(page.status == 200)
            #expect(page.header("content-type")?.hasPrefix("application/json") == true)
            #expect(try JSON(parsing: page.body) == ["status": "ok", "failedPlugins": 0])
            try await host.reload(HostConfiguration([.web(), .fixture("crowd"), .fixture("start-fails")]))
            let ill = try await host.fetch("/healthz")
            #expect(ill.status == 503)
            #expect(try JSON(parsing: ill.body) == ["status": "degraded", "failedPlugins": 1])
        }
    }

    @Test func metricsAreOpenMetrics() async throws {
        try await withHost([.web(), .fixture("crowd"), .fixture("never-completes")]) { host in
            let client = try await host.connect()
            for _ in 0..<3 { try await client.call("crowd.whoami") }
            _ = await remoteError { try await client.call("neverCompletes.ping") }
            let page = try await host.fetch("/metrics")
            #expect(page.status == 200)
            #expect(
                page.header("content-type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            let samples = try OpenMetrics.samples(in: page.body)
            #expect(samples[#"xo_plugin_calls_total{plugin="crowd"}"#] == 3)
            #expect(samples[#"xo_plugin_errors_total{plugin="crowd"}"#] == 0)
            #expect(samples[#"xo_plugin_errors_total{plugin="never-completes"}"#] == 1)
            #expect(samples[#"xo_plugin_call_seconds_count{plugin="crowd"}"#] == 3)
            #expect(samples[#"xo_plugin_running{plugin="crowd"}"#] == 1)
            // From a process of its own a plugin's numbers come once a second.
            try await OpenMetrics.wait(for: #"websocket_sessions_open{plugin="web"}"#, 1, of: host)
            #expect(samples.keys.contains { $0.hasPrefix("process_resident_memory_bytes") })
        }
    }

    @Test func metricsAreForThisMachineAndForAdministrators() async throws {
        try await withHost([.web(["trustedProxies": ["127.0.0.1"]])]) { host in
            try await host.addUser("bob", "secret")
            let admin = try await host.connect().call("token.create").string ?? ""
            let bob = try await host.connect(as: "bob", "secret").call("token.create").string ?? ""
            let remote = (name: "x-forwarded-for", value: "203.0.113.5")
            let refused = try await host.fetch("/metrics", headers: [remote])
            #expect(refused.status == 401)
            #expect(refused.header("www-authenticate")?.hasPrefix("Bearer") == true)
            for (token, status) in [(admin, 200), (bob, 401), ("nothing", 401)] {
                let page = try await host.fetch("/metrics", headers: [remote, ("authorization", "Bearer \(token)")])
                #expect(page.status == status)
            }
            #expect(try await host.fetch("/healthz", headers: [remote]).status == 200)
        }
    }

    @Test func unknownPathsAndWrongMethods() async throws {
        try await withHost([.web()]) { host in
            #expect(try await host.fetch("/nothing").status == 404)
            #expect(try await host.fetch("/api/").status == 404)
            #expect(try await host.fetch("/api/\(String(repeating: "A", count: 43))").status == 404)
            let post = try await host.fetch("/healthz", method: "POST")
            #expect(post.status == 405)
            #expect(post.header("allow")?.contains("GET") == true)
            let head = try await host.fetch("/healthz", method: "HEAD")
            #expect(head.status == 200)
            #expect(head.body == "")
            #expect(try await host.fetch("/healthz?x=1").status == 200)
            for path in ["/../healthz", "/%2e%2e/healthz", "/a%00b", "//"] {
                try await withConnection(to: host.url) { connection in
                    try await connection.write("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    let status = try await connection.readHead().split(separator: " ")[1]
                    #expect(["400", "404"].contains(status), "\(path)")
                }
            }
        }
    }

    @Test(arguments: [
        ("NONSENSE\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", "431"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", "431"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n" + (0..<4000).map { "X-\($0): y\r\n" }.joined() + "\r\n", "431"
        ), ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "413"),
    ])
    func badRequestsAreRefused(_ request: String, _ status: String) async throws {
        try await withHost([.web()]) { host in
            try await withConnection(to: host.url) { connection in
                try await connection.write(request)
                let answer = try await connection.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            }
            #expect(try await host.fetch("/healthz").status == 200)
        }
    }

    @Test func requestsOfOneConnectionAreAnsweredInOrder() async throws {
        try await withHost([.web()]) { host in
            try await withConnection(to: host.url) { connection in
                let first = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                let last = "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                try await connection.write(first + first + last)
                let answer = try await connection.readToEnd()
                #expect(answer.matches(of: /HTTP\/1\.1 (\d+)/).map(\.output.1) == ["200", "200", "404"])
            }
        }
    }

    @Test func aBodyBeyondTheLimitIsRefusedHoweverItComes() async throws {
        try await withHost([.web(["maximumBodySize": 1000])]) { host in
            let piece = "400\r\n\(String(repeating: "x", count: 1024))\r\n"
            for request in [
                "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n",
                "POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(piece)\(piece)",
            ] {
                try await withConnection(to: host.url) { connection in
                    try await connection.write(request)
                    #expect(try await connection.readHead().hasPrefix("HTTP/1.1 413 "))
                }
            }
        }
    }

    @Test func whoSendsNothingIsLetGo() async throws {
        try await withHost([.web(["headerTimeout": 0.2, "bodyTimeout": 0.2, "idleTimeout": 0.2])]) { host in
            for beginning in [
                "", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
                "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
            ] {
                try await withConnection(to: host.url) { connection in
                    try await connection.write(beginning)
                    _ = try await connection.readToEnd()
                }
            }
        }
    }

    // MARK: One-time addresses

    @Test func aDownloadAddressWorksOnceAndWithoutCredentials() async throws {
        try await withHost([.web(), .fixture("hello-c", id: "hello"), .fixture("churn")]) { host in
            let client = try await host.connect()
            try await client.call("churn.put", params: ["objects": 3, "bytes": 10, "round": 7])
            let answer = try await client.call("xo.getAllObjects", params: ["ndjson": true])
            let path = try #require(answer["$getFrom"]?.string)
            #expect(answer.object?.count == 1)
            #expect(path.hasPrefix("/api/"))
            #expect(path.utf8.count == 5 + 43)
            await client.close()

            let page = try await host.fetch(path)
            #expect(page.status == 200)
            #expect(page.header("content-type") == "application/json")
            let lines = page.body.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.last == "", "each line has an end")
            let objects = try lines.dropLast().map { try JSON(parsing: String($0)) }
            #expect(objects.count == 4)
            #expect(objects.filter { $0["round"] == 7 }.count == 3)
            #expect(try await host.fetch(path).status == 404)
        }
    }

    // MARK: Upgrades

    @Test(arguments: [
        ("/api/", "", "101"), ("/api/", "Origin: http://localhost\r\n", "101"),
        ("/api/", "Origin: https://evil.example\r\n", "403"), ("/api/", "Origin: null\r\n", "403"),
        ("/api/", "Origin: https://friend.example\r\n", "101"), ("/api", "", "404"), ("/api/?x=1", "", "404"),
        ("/", "", "404"), ("/healthz", "", "404"), ("/api/consoles/x", "", "404"),
    ])
    func upgradesAreAcceptedAtTheApiFromKnownOrigins(
        _ target: String, _ headers: String, _ status: String
    ) async throws {
        try await withHost([.web(["allowedOrigins": ["https://friend.example"]])]) { host in
            try await withConnection(to: host.url) { connection in
                let head = try await connection.upgrade(target: target, headers: headers)
                #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
                if status == "101" {
                    #expect(head.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
                }
            }
        }
    }

    @Test func aServerThatStopsSaysGoodbye() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                async let status = host.stop()
                let goodbye = try await socket.receiveFrame()
                #expect(goodbye == .close(code: 1001, reason: "the server stops"))
                try await socket.send(opcode: 8, [0x03, 0xE9])
                #expect(try await socket.readToEnd() == "")
                #expect(await status == 0)
            }
        }
    }

    @Test func connectionsHaveALimit() async throws {
        try await withHost([.web(["maximumConnections": 3])]) { host in
            let first = try await host.connectAnonymously()
            let second = try await host.connectAnonymously()
            let third = try await host.connectAnonymously()
            await #expect(throws: (any Error).self) { try await host.connectAnonymously() }
            for client in [first, second, third] { #expect(try await client.call("system.getVersion") == "0.1") }
            await third.close()
            // The server may learn of the end a little later than we.
            _ = try await poll({ try? await host.connectAnonymously() }, until: { $0 != nil })
        }
    }

    @Test func sessionsHaveALimit() async throws {
        try await withHost([.web()], host: ["limits": ["sessions": 2]]) { host in
            let first = try await host.connectAnonymously()
            let second = try await host.connectAnonymously()
            let error = await connectionError { try await host.connectAnonymously().server }
            #expect(error?.reason == .refused(status: 503))
            for client in [first, second] { #expect(try await client.call("system.getVersion") == "0.1") }
        }
    }

    // MARK: TLS

    @Test func aSelfSignedCertificateIsMadeOnceAndServed() async throws {
        try await withHost([.web(tls: ["selfSigned": true])]) { host in
            #expect(host.url.hasPrefix("https://127.0.0.1:"))
            let client = try await host.connect()
            #expect(try await client.call("session.getUser")["permission"] == "admin")
            #expect(try await host.fetch("/healthz").status == 200)
            let error = await connectionError { try await XOClient.connect(to: host.url).server }
            #expect(error?.reason == .untrustedCertificate)

            let fingerprint = try #require(HTTPTests.fingerprint(in: host))
            await host.stop()
            try await host.start()
            #expect(HTTPTests.fingerprint(in: host) == fingerprint)
            #expect(try await host.fetch("/healthz").status == 200)
        }
    }

    @Test func aMissingCertificateIsNamed() async throws {
        let tls: JSON = ["certificateFile": "/nowhere/cert.pem", "keyFile": "/nowhere/key.pem"]
        try await withHost([.web(tls: tls)]) { host in
            let line = try #require(host.log.first { $0.source == "web" && $0.level == "error" })
            #expect(line["reason"]?.contains("/nowhere/cert.pem") == true)
        }
    }

    private static func fingerprint(in host: TestHost) -> String? {
        host.log.compactMap { $0["fingerprint"] ?? $0["sha256"] }.last
    }
}
