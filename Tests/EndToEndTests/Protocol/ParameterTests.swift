import TestSupport
import Testing
import XOClient
import XOJSON

/// What the host makes of parameters before a method sees them.
@Suite struct ParameterTests {
    /// Parameters of `user.set` or `token.set`, and what is wrong with them.
    static let wrong: [(method: String, params: JSON, error: JSON)] = [
        (
            "token.set", [:],
            [
                "instancePath": "", "schemaPath": "#/required", "keyword": "required",
                "params": ["missingProperty": "id"], "message": "must have required property 'id'",
            ]
        ),
        (
            "token.set", ["id": 5],
            [
                "instancePath": "/id", "schemaPath": "#/properties/id/type", "keyword": "type",
                "params": ["type": "string"], "message": "must be string",
            ]
        ),
        (
            "token.set", ["id": ""],
            [
                "instancePath": "/id", "schemaPath": "#/properties/id/minLength", "keyword": "minLength",
                "params": ["limit": 1], "message": "must NOT have fewer than 1 characters",
            ]
        ),
        (
            "token.set", ["id": "x", "colour": "red"],
            [
                "instancePath": "", "schemaPath": "#/additionalProperties", "keyword": "additionalProperties",
                "params": ["additionalProperty": "colour"], "message": "must NOT have additional properties",
            ]
        ),
        (
            "token.create", ["expiresIn": true],
            [
                "instancePath": "/expiresIn", "schemaPath": "#/properties/expiresIn/type", "keyword": "type",
                "params": ["type": ["number", "string"]], "message": "must be number,string",
            ]
        ),
        (
            "token.deleteOwn", ["tokens": ["a", 5]],
            [
                "instancePath": "/tokens/1", "schemaPath": "#/properties/tokens/items/type", "keyword": "type",
                "params": ["type": "string"], "message": "must be string",
            ]
        ),
    ]

    @Test func wrongParametersAreNamedAsClientsKnowIt() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            for (method, params, expected) in ParameterTests.wrong {
                let error = try #require(await remoteError { try await client.call(method, params: params) })
                #expect(error.code == 10)
                #expect(error.message == "invalid parameters")
                #expect(error.data?["errors"] == [expected], "\(method) \(params)")
            }
        }
    }

    @Test func allThatIsWrongIsToldAtOnce() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let error = try #require(
                await remoteError { try await client.call("user.create", params: ["email": 5, "colour": "red"]) })
            let keywords = error.data?["errors"]?.array?.compactMap { $0["keyword"]?.string } ?? []
            #expect(Set(keywords) == ["required", "type", "additionalProperties"])
        }
    }

    @Test func aParameterWithQuestionMarkIsDroppedWhereItIsUnknown() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connect()
            let params: JSON = ["description?": "of a test", "colour?": "red"]
            let token = try await client.call("token.create", params: params)
            let tokens = try await client.call("user.getAuthenticationTokens").array ?? []
            #expect(tokens.first { $0["id"] == token }?["description"] == "of a test")

            let both: JSON = ["description?": "a", "description": "b"]
            let error = await remoteError { try await client.call("token.create", params: both) }
            #expect(error?.code == -32000)
            #expect(error?.message.hasPrefix("conflicting keys: description") == true)
        }
    }

    @Test func theNamespaceStandsForTheID() async throws {
        try await withHost([.web(), .xapi()]) { host in
            let client = try await host.connect()
            for params in [["id": "nobody"], ["vm": "nobody"]] as [JSON] {
                let error = await remoteError { try await client.call("vm.start", params: params) }
                #expect(
                    error
                        == RemoteError(code: 1, message: "no such VM nobody", data: ["id": "nobody", "type": "VM"]))
            }
            let both = await remoteError {
                try await client.call("vm.start", params: ["id": "nobody", "vm": "somebody"])
            }
            #expect(both?.code == 10)
        }
    }

    @Test func theParametersOfAPluginAreCheckedBeforeItSeesThem() async throws {
        try await withHost([.web(), .fixture("hello-c", id: "hello")]) { host in
            let client = try await host.connect()
            let error = await remoteError { try await client.call("hello.greet", params: ["name": 5]) }
            #expect(error?.code == 10)
            #expect(error?.data?["errors"]?[0]?["instancePath"] == "/name")
            let counters = try await host.plugin("hello")["counters"]
            #expect(counters?["calls"] == 0)
        }
    }
}
