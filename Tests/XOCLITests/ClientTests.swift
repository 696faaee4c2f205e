import Foundation
import NIO
import Synchronization
import Testing
import XOClient
import XOJSON

/// The client library, where the command line does not reach.
@Suite struct ClientTests {
    @Test func answersMayComeInAnyOrder() async throws {
        let held = Mutex<[ScriptedServer.Call]>([])
        try await ScriptedServer.run(methods: [
            "test.hold": { call in held.withLock { $0.append(call) } },
            "test.release": { call in
                call.reply(true)
                for held in held.withLock({ $0 }).reversed() { held.reply(held.params["n"] ?? .null) }
            },
        ]) { server in
            let client = try await XOClient.connect(to: server.url)
            let results = try await withThrowingTaskGroup(of: (Int, JSON).self) { group in
                for n in 0..<100 { group.addTask { (n, try await client.call("test.hold", params: ["n": JSON(n)])) } }
                while held.withLock({ $0.count }) < 100 { _ = try await client.call("test.release") }
                _ = try await client.call("test.release")
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(results.allSatisfy { JSON($0.key) == $0.value })
            #expect(results.count == 100)
            await client.close()
        }
    }

    @Test func fragmentsPingsAndLargeMessages() async throws {
        let large = String(repeating: "x", count: 3 << 20)
        try await ScriptedServer.run(methods: [
            "test.fragments": { call in
                let text: JSON = ["jsonrpc": "2.0", "id": call.id, "result": JSON(large)]
                let bytes = text.serialized()
                call.connection.send(.text, Array(bytes[..<10]), fin: false)
                call.connection.send(.ping, Array("are you there?".utf8))
                call.connection.send(.continuation, Array(bytes[10..<1_000_000]), fin: false)
                call.connection.send(.continuation, Array(bytes[1_000_000...]))
            },
            "test.get": { $0.reply("ok") },
        ]) { server in
            let client = try await XOClient.connect(to: server.url)
            #expect(try await client.call("test.fragments") == JSON(large))
            #expect(try await client.call("test.get") == "ok")
            #expect(server.pongs == [Array("are you there?".utf8)])
            await client.close()
        }
    }

    @Test func tooLargeAMessageEndsTheConnection() async throws {
        try await ScriptedServer.run(methods: [
            "test.get": { $0.reply(JSON(String(repeating: "x", count: 2000))) }
        ]) { server in
            let client = try await XOClient.connect(to: server.url, options: .init(maximumFrameSize: 1000))
            await #expect(throws: ConnectionError.self) { try await client.call("test.get") }
            await client.closed()
        }
    }

    @Test func messageThatIsNotJSONEndsTheConnection() async throws {
        try await ScriptedServer.run(methods: [
            "test.get": { $0.connection.send(.text, Array("{nonsense".utf8)) }
        ]) { server in
            let client = try await XOClient.connect(to: server.url)
            let error = await #expect(throws: ConnectionError.self) { try await client.call("test.get") }
            #expect(error?.reason == .protocolViolation)
            #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
        }
    }

    @Test func allPendingCallsFailWithTheReason() async throws {
        try await ScriptedServer.run(methods: [
            "test.hold": { _ in },
            "test.close": { $0.connection.close(code: 4000, reason: "go away") },
        ]) { server in
            let client = try await XOClient.connect(to: server.url)
            let held = (0..<10).map { _ in Task { try await client.call("test.hold") } }
            await #expect(throws: ConnectionError.self) { try await client.call("test.close") }
            for task in held {
                let error = await #expect(throws: ConnectionError.self) { try await task.value }
                #expect(error?.reason == .lost(code: 4000, text: "go away"))
            }
            await #expect(throws: ConnectionError.self) { try await client.call("test.hold") }
            #expect(await server.closeFrame() == [0x0F, 0xA0] + Array("go away".utf8))
        }
    }

    @Test func remoteErrorsKeepTheirParts() async throws {
        try await ScriptedServer.run(methods: ["test.fail": { $0.fail(16, "exists", data: ["id": 1]) }]) { server in
            let client = try await XOClient.connect(to: server.url)
            let error = await #expect(throws: RemoteError.self) { try await client.call("test.fail") }
            #expect(error == RemoteError(code: 16, message: "exists", data: ["id": 1]))
            await client.close()
        }
    }

    @Test func notificationsStreamUntilTheEnd() async throws {
        try await ScriptedServer.run(methods: [
            "test.notify": { call in
                for n in 0..<5000 { call.connection.notify("all", ["n": JSON(n)]) }
                call.reply(true)
                call.connection.close(code: 1000, reason: "")
            }
        ]) { server in
            let client = try await XOClient.connect(to: server.url)
            let notifications = client.notifications
            client.call("test.notify") { _ in }
            var seen = 0
            for await notification in notifications {
                #expect(notification.params["n"] == JSON(seen))
                seen += 1
            }
            #expect(seen == 5000)
        }
    }

    @Test func internetProtocolVersion6() async throws {
        try await ScriptedServer.run(methods: ["test.get": { $0.reply("ok") }], host: "::1") { server in
            let client = try await XOClient.connect(to: "ws://[::1]:\(server.port)")
            #expect(try await client.call("test.get") == "ok")
            await client.close()
        }
    }

    @Test(
        arguments: [
            ("xo.example.net", true, "xo.example.net", 443, "/api/", nil),
            ("http://xo.example.net/", false, "xo.example.net", 80, "/api/", nil),
            ("WSS://t%40k:pw@xo:8443/base///", true, "xo", 8443, "/base/api/", "t@k"),
            ("ws://[fe80::1]", false, "fe80::1", 80, "/api/", nil),
            ("localhost:8080", true, "localhost", 8080, "/api/", nil),
        ] as [(String, Bool, String, Int, String, String?)])
    func addresses(
        _ text: String, _ isSecure: Bool, _ host: String, _ port: Int, _ target: String, _ user: String?
    ) throws {
        let url = try ServerURL(text)
        #expect(url.address == ServerAddress(isSecure: isSecure, host: host, port: port))
        #expect(url.apiTarget == target)
        #expect(url.userName == user)
        #expect(!url.description.contains("@"))
    }

    @Test(arguments: [
        ("/api/x?a=b", "xo:443", "/api/x?a=b"), ("x/../y", "xo:443", "/base/api/y"),
        ("./x#part", "xo:443", "/base/api/x"), ("http://other:81/p?u=http://z", "other:81", "/p?u=http://z"),
        ("/a b\r\nHost: evil", "xo:443", "/a%20b%0D%0AHost:%20evil"),
    ])
    func references(_ reference: String, _ address: String, _ target: String) throws {
        let location = try ServerURL("https://token@xo/base").location(of: reference)
        #expect(location.address.description == address)
        #expect(location.target == target)
    }

    @Test func uploadThatIsAnsweredEarly() async throws {
        // The pipe never ends: only the server's answer does.
        try await ScriptedServer.run { server in
            let pipe = Pipe()
            let location = HTTPLocation(
                address: ServerAddress(isSecure: false, host: "127.0.0.1", port: server.port), target: "/x")
            try pipe.fileHandleForWriting.write(contentsOf: Data("end".utf8))
            try pipe.fileHandleForWriting.close()
            let request = HTTPRequest(
                "POST", location,
                body: .file(FileSource(descriptor: pipe.fileHandleForReading.fileDescriptor, size: nil)))
            let status = try await request.send { $0.status }
            #expect(status == 404)
            withExtendedLifetime(pipe) {}
        }
    }
}
