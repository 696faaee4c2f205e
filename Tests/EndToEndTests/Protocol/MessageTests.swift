import TestSupport
import Testing
import XOJSON

/// JSON-RPC on the wire, byte by byte.
@Suite struct MessageTests {
    private static let version = #"{"id":"after","jsonrpc":"2.0","method":"system.getVersion"}"#
    private static let versionAnswer = #"{"id":"after","jsonrpc":"2.0","result":"0.1"}"#

    // MARK: Bad messages

    static let malformed: [(text: String, code: Int)] = [
        ("", -32700), ("{", -32700), ("nonsense", -32700), (#"{"jsonrpc":"2.0",}"#, -32700),
        (#"{"jsonrpc":"2.0","id":1,"method":"system.getVersion"} trailing"#, -32700),
        (String(repeating: "[", count: 100_000), -32700),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"system.getVersion","params":"#
                + String(repeating: #"{"a":"#, count: 50_000), -32700
        ),
        ("42", -32600), (#""text""#, -32600), ("null", -32600), ("[]", -32600),
        (#"{"jsonrpc":"1.5","id":1,"method":"system.getVersion"}"#, -32600),
        (#"{"jsonrpc":2.0,"id":1,"method":"system.getVersion"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":null,"method":"system.getVersion"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":{},"method":"system.getVersion"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":true,"method":"system.getVersion"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1}"#, -32600), (#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"system.getVersion","params":null}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"system.getVersion","params":"text"}"#, -32600),
        (#"{"id":1,"method":"system.getVersion","params":{}}"#, -32600),
    ]

    @Test func badMessagesAreAnsweredWithAnErrorAndTheConnectionLives() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                for (text, code) in MessageTests.malformed {
                    let answer = try JSON(parsing: try await socket.ask(text))
                    #expect(answer["error"]?["code"] == JSON(code), "\(text.prefix(80)): \(answer)")
                    #expect(answer["error"]?["message"]?.string?.isEmpty == false)
                    #expect(answer["id"] != nil)
                    #expect(answer["jsonrpc"] == "2.0")
                    #expect(try await socket.ask(MessageTests.version) == MessageTests.versionAnswer)
                }
            }
        }
    }

    @Test func bytesThatAreNoTextAreAnsweredInBinaryFrames() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                for bytes in [[0xFF, 0xFE, 0x00], Array(#"{"jsonrpc":"2.0","id":1,"method":""#.utf8) + [0xC3, 0x28]] {
                    try await socket.send(opcode: 2, bytes)
                    let answer = try JSON(parsing: try await socket.receiveText())
                    #expect(answer["error"]?["code"] == -32700)
                }
                try await socket.send(opcode: 2, Array(MessageTests.version.utf8))
                #expect(try await socket.receiveText() == MessageTests.versionAnswer)
            }
        }
    }

    /// An invalid string inside of a message that is otherwise sound must not get through, either.
    @Test func stringsThatAreNoUTF8NeverReachAMethod() async throws {
        try await withHost([.web(), .fixture("slow")]) { host in
            try await host.addUser("bob", "secret")
            try await withWebSocket(to: host.url) { socket in
                try await socket.signIn(as: "bob", "secret")
                let head = #"{"jsonrpc":"2.0","id":1,"method":"slow.wait","params":{"ms":1,"x":""#
                try await socket.send(opcode: 2, Array(head.utf8) + [0xC3, 0x28] + Array(#""}}"#.utf8))
                let answer = try JSON(parsing: try await socket.receiveText())
                #expect(answer["error"] != nil, "\(answer)")
                #expect(try await socket.ask(MessageTests.version) == MessageTests.versionAnswer)
            }
        }
    }

    @Test func textFramesMustBeText() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                try await socket.send(opcode: 1, [0x22, 0xC3, 0x28, 0x22])
                guard case .close(let code, let reason) = try await socket.receiveFrame() else {
                    Issue.record("expected a close")
                    return
                }
                #expect(code == 1007)
                #expect(reason.contains("UTF-8"))
            }
            #expect(try await host.fetch("/healthz").status == 200)
        }
    }

    @Test func aMessageBeyondTheLimitClosesTheConnectionWithTheReason() async throws {
        try await withHost([.web(["maximumMessageSize": 100_000])]) { host in
            let padding = String(repeating: "x", count: 90_000)
            try await withWebSocket(to: host.url) { socket in
                #expect(
                    try await socket.ask(
                        #"{"jsonrpc":"2.0","id":"after","method":"system.getVersion","params":{"x":"\#(padding)"}}"#)
                        == MessageTests.versionAnswer)
                try await socket.send(#"{"jsonrpc":"2.0","id":2,"params":["\#(padding)\#(padding)"]}"#)
                guard case .close(let code, let reason) = try await socket.receiveFrame() else {
                    Issue.record("expected a close")
                    return
                }
                #expect(code == 1009)
                #expect(reason.contains("100000 bytes"))
            }
            #expect(try await host.fetch("/healthz").status == 200)
        }
    }

    // MARK: Answers

    @Test(arguments: [
        "0", "1", "-1", "9007199254740991", "-9007199254740991", "18446744073709551616", "1.5", "-0.25e3", "1E400",
        #""""#, #""text""#, #""\u0000\"\\ü😀""#,
    ])
    func idsComeBackAsTheyWere(_ id: String) async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                let result = try await socket.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"system.getVersion"}"#)
                #expect(result == #"{"id":\#(id),"jsonrpc":"2.0","result":"0.1"}"#)
                let error = try await socket.ask(#"{"method":"nothing.here","id":\#(id),"jsonrpc":"2.0"}"#)
                #expect(
                    error
                        == #"{"error":{"message":"method not found: nothing.here","code":-32601,"data":"nothing.here"},"#
                        + #""id":\#(id),"jsonrpc":"2.0"}"#)
            }
        }
    }

    @Test func membersOfAnswersHaveTheOrderOfTheContract() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                let forUsers = try await socket.ask(
                    #"{"jsonrpc":"2.0","id":1,"method":"xo.getAllObjects","params":{}}"#)
                #expect(
                    forUsers
                        == #"{"error":{"message":"not enough permissions","code":2,"data":{"object":{}}},"#
                        + #""id":1,"jsonrpc":"2.0"}"#)
                let forAdministrators = try await socket.ask(#"{"jsonrpc":"2.0","id":1,"method":"plugin.get"}"#)
                #expect(
                    forAdministrators
                        == #"{"error":{"message":"not enough permissions","code":2,"#
                        + #""data":{"permission":"admin","object":{}}},"id":1,"jsonrpc":"2.0"}"#)
            }
        }
    }

    @Test func notificationsAreIgnored() async throws {
        try await withHost([.web(), .fixture("crowd")]) { host in
            let client = try await host.connect()
            try await withWebSocket(to: host.url) { socket in
                try await socket.signIn()
                try await socket.send(#"{"jsonrpc":"2.0","method":"crowd.whoami"}"#)
                try await socket.send(#"{"jsonrpc":"2.0","method":"nothing.here","params":[1]}"#)
                try await socket.send(#"{"method":"crowd.whoami","params":[],"id":null}"#)
                // Answers to questions that the server never asks.
                try await socket.send(#"{"jsonrpc":"2.0","id":1,"result":true}"#)
                try await socket.send(#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}"#)
                #expect(try await socket.ask(MessageTests.version) == MessageTests.versionAnswer)
            }
            #expect(try await client.call("crowd.whoami")["calls"] == 1, "a notification is not carried out")
        }
    }

    @Test func version1IsUnderstood() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                for message in [
                    #"{"id":7,"method":"system.getVersion","params":[]}"#, #"{"id":7,"method":"system.getVersion"}"#,
                ] {
                    let answer = try await socket.ask(message)
                    #expect(answer == #"{"id":7,"jsonrpc":"2.0","result":"0.1"}"#)
                }
            }
        }
    }

    @Test func aListOfParametersFailsWhereNamesAreDeclared() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                let answer = try JSON(
                    parsing: try await socket.ask(
                        #"{"jsonrpc":"2.0","id":1,"method":"system.methodSignature","params":["system.getVersion"]}"#))
                #expect(answer["error"]?["code"] == 10)
            }
        }
    }

    // MARK: Batches

    @Test func aBatchIsAnsweredByAList() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                let text = try await socket.ask(
                    #"[{"jsonrpc":"2.0","id":1,"method":"system.getVersion"},"#
                        + #"{"jsonrpc":"2.0","method":"system.getVersion"},"#
                        + #"{"jsonrpc":"2.0","id":2,"method":"nothing.here"},5]"#)
                let answers = try #require(try JSON(parsing: text).array)
                #expect(answers.count == 3)
                #expect(answers.contains(["id": 1, "jsonrpc": "2.0", "result": "0.1"]))
                #expect(answers.contains { $0["id"] == 2 && $0["error"]?["code"] == -32601 })
                #expect(answers.contains { $0["id"] == .null && $0["error"]?["code"] == -32600 })

                // Nothing to answer, so nothing is answered.
                try await socket.send(#"[{"jsonrpc":"2.0","method":"system.getVersion"}]"#)
                #expect(try await socket.ask(MessageTests.version) == MessageTests.versionAnswer)

                let tooMany = Array(repeating: MessageTests.version, count: 1001).joined(separator: ",")
                let refusal = try JSON(parsing: try await socket.ask("[\(tooMany)]"))
                #expect(refusal["error"]?["code"] == -32600)
                #expect(try await socket.ask(MessageTests.version) == MessageTests.versionAnswer)
            }
        }
    }

    // MARK: WebSocket manners

    @Test func pingsAreAnsweredAndClosesReturned() async throws {
        try await withHost([.web()]) { host in
            try await withWebSocket(to: host.url) { socket in
                try await socket.send(opcode: 9, [1, 2, 3])
                #expect(try await socket.receiveFrame() == .pong([1, 2, 3]))
                try await socket.send(opcode: 8, [0x03, 0xE8])
                #expect(try await socket.receiveFrame() == .close(code: 1000, reason: ""))
                #expect(try await socket.readToEnd() == "")
            }
        }
    }
}
