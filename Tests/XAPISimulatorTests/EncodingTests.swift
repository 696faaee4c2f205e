import Testing
import XAPISimulator
import XOJSON

@Suite struct EncodingTests {
    private static let login = #""method":"session.login_with_password","params":["root","password"]"#

    @Test func jsonRPC2HasTheExactHeadersAndMembers() async throws {
        try await withPool { pool, _ in
            let answers = try await HTTPExchange.send(
                [
                    HTTPExchange.post("/jsonrpc", #"{"jsonrpc":"2.0","id":"a",\#(Self.login)}"#),
                    HTTPExchange.post("/jsonrpc", #"{"jsonrpc":"2.0","id":1,"method":"VM.get_all","params":["x"]}"#),
                ], port: pool.port)
            #expect(answers[0].statusLine == "HTTP/1.1 200 OK")
            #expect(answers[0].headers["content-type"] == "application/json")
            #expect(answers[0].headers["connection"] == "keep-alive")
            #expect(answers[0].headers["cache-control"] == "no-cache, no-store")
            let success = try #require(try JSON(parsing: answers[0].body).object)
            #expect(Array(success.keys) == ["jsonrpc", "result", "id"])
            #expect(success["id"] == "a")
            #expect(success["result"]?.string?.hasPrefix("OpaqueRef:") == true)
            let failure = try JSON(parsing: answers[1].body)
            #expect(failure["error"] == ["code": 1, "message": "SESSION_INVALID", "data": ["x"]])
        }
    }

    @Test func jsonRPC1HasResultAndErrorBoth() async throws {
        try await withPool { pool, _ in
            let answers = try await HTTPExchange.send(
                [
                    HTTPExchange.post("/jsonrpc", #"{"id":1,\#(Self.login)}"#),
                    HTTPExchange.post("/jsonrpc", #"{"id":2,"method":"VM.get_all","params":["x"]}"#),
                ], port: pool.port)
            #expect(try JSON(parsing: answers[0].body)["error"] == .null)
            #expect(answers[1].text == #"{"result":null,"error":["SESSION_INVALID","x"],"id":2}"#)
        }
    }

    @Test(arguments: ["/", "/RPC2", "/xmlrpc"])
    func xmlRPCIsServedOn(path: String) async throws {
        try await withPool { pool, client in
            func send(_ method: String, _ parameters: String...) async throws -> HTTPAnswer {
                let list = parameters.map { "<param><value>\($0)</value></param>" }.joined()
                return try await HTTPExchange.send(
                    [
                        HTTPExchange.post(
                            path,
                            "<?xml version='1.0'?><methodCall><methodName>\(method)</methodName>"
                                + "<params>\(list)</params></methodCall>")
                    ], port: pool.port)[0]
            }
            let failure = try await send("VM.get_all", "a &lt;b&gt;")
            #expect(failure.headers["content-type"] == "text/xml")
            #expect(failure.text.contains("<name>Status</name><value>Failure</value>"))
            #expect(failure.text.contains("<data><value>SESSION_INVALID</value><value>a &lt;b&gt;</value></data>"))

            let vm = try await client.guest("Running")
            let record = try await send("VM.get_record", client.session, "<string>\(vm)</string>").text
            #expect(record.contains("<name>VCPUs_max</name><value>"), "integers are bare text")
            #expect(record.contains("<name>is_a_template</name><value><boolean>0</boolean></value>"))
            #expect(record.contains("<name>HVM_shadow_multiplier</name><value><double>1</double></value>"))
            #expect(record.contains("<value><dateTime.iso8601>19700101T00:00:00Z</dateTime.iso8601></value>"))
            let methods = try await send("system.listMethods").text
            #expect(methods.contains("<param><value><array><data><value>Bond.add_to_other_config</value>"))
        }
    }

    @Test func valuesOfAllFormsAreUnderstood() async throws {
        try await withPool { pool, client in
            let vm = try await client.guest("Halted")
            let call = """
                <!-- a comment -->
                <methodCall>
                  <methodName>VM.set_other_config</methodName>
                  <params>
                    <param><value><string>\(client.session)</string></value></param>
                    <param><value>\(vm)</value></param>
                    <param><value><struct>
                      <member><name>text</name><value>&quot;ü&#x41;&#66;&quot;</value></member>
                      <member><name>empty</name><value/></member>
                    </struct></value></param>
                  </params>
                </methodCall>
                """
            let answer = try await HTTPExchange.send([HTTPExchange.post("/", call)], port: pool.port)[0]
            #expect(answer.text.contains("<value>Success</value>"))
            #expect(try await client.call("VM.get_other_config", .string(vm)) == ["text": "\"üAB\"", "empty": ""])
            // Integers are taken as numbers and as text.
            try await client.call("VM.set_user_version", .string(vm), "12")
            #expect(try await client.call("VM.get_user_version", .string(vm)) == 12)
        }
    }

    @Test(arguments: [
        ("/jsonrpc", "{"), ("/jsonrpc", #"{"method":"a.b","params":[]}"#), ("/jsonrpc", #"{"id":1,"params":[]}"#),
        ("/jsonrpc", "[]"), ("/", ""), ("/", "<methodCall>"), ("/", "<methodCall><methodName>a</methodName>"),
        ("/", "<methodCall><methodName>&bad;</methodName></methodCall>"),
        ("/", "<!DOCTYPE a><methodCall><methodName>a</methodName></methodCall>"),
    ])
    func whatIsNoCallIsAnHTTPError(path: String, body: String) async throws {
        try await withPool { pool, _ in
            let good = HTTPExchange.post("/jsonrpc", #"{"jsonrpc":"2.0","id":1,"method":"system.listMethods"}"#)
            let answers = try await HTTPExchange.send([HTTPExchange.post(path, body), good], port: pool.port)
            #expect(answers[0].status == 500)
            #expect(answers[1].status == 200, "the connection lives on")
        }
    }

    @Test func bodiesMustHaveALengthAndAreLimited() async throws {
        try await withPool { pool, _ in
            let chunked = "POST /jsonrpc HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            #expect(try await HTTPExchange.send([chunked], port: pool.port)[0].status == 500)
            let call = #"{"jsonrpc":"2.0","id":1,"method":"system.listMethods"}"#
            for (size, status) in [(307_200, 200), (307_201, 500)] {
                let padded = String(repeating: " ", count: size - call.utf8.count) + call
                let answers = try await HTTPExchange.send([HTTPExchange.post("/jsonrpc", padded)], port: pool.port)
                #expect(answers[0].status == status)
            }
        }
    }

    @Test func otherMethodsAreAnsweredAsByXapi() async throws {
        try await withPool { pool, _ in
            func status(_ method: String, _ path: String) async throws -> HTTPAnswer {
                let request = "\(method) \(path) HTTP/1.1\r\nHost: p\r\nAccess-Control-Request-Headers: x-a\r\n\r\n"
                return try await HTTPExchange.send([request], port: pool.port)[0]
            }
            #expect(try await status("GET", "/").status == 200)
            #expect(try await status("GET", "/nothing").status == 404)
            #expect(try await status("DELETE", "/").status == 501)
            let preflight = try await status("OPTIONS", "/jsonrpc")
            #expect(preflight.headers["access-control-allow-headers"] == "x-a, X-Requested-With")
            #expect(preflight.headers["access-control-allow-origin"] == "*")
        }
    }
}
