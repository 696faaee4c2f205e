import TestSupport
import Testing
import XOClient
import XOJSON

/// `system.*`: what clients such as xo-cli learn of the server.
@Suite struct IntrospectionTests {
    @Test func methodsAreDescribedInTheContractsForm() async throws {
        try await withHost([.web(), .xapi(), .fixture("hello-c", id: "hello")]) { host in
            let client = try await host.connectAnonymously()
            let methods = try #require(try await client.call("system.getMethodsInfo").object)
            for (name, info) in methods {
                #expect(info["params"]?.object != nil, "\(name)")
                #expect(info["description"]?.string?.isEmpty == false, "\(name)")
                #expect(info.object?.keys.allSatisfy { ["description", "params", "permission"].contains($0) } == true)
            }
            // Public, for every user, for administrators.
            #expect(methods["session.signIn"]?["permission"] == .null)
            #expect(methods["xo.getAllObjects"]?.object?.keys.contains("permission") == false)
            #expect(methods["server.add"]?["permission"] == "admin")
            // As declared, in the dialect of the contract.
            #expect(methods["token.create"]?["params"]?["description"]?["optional"] == true)
            #expect(methods["vm.start"]?["params"]?["id"]?["type"] == "string")
            #expect(
                methods["hello.greet"]
                    == [
                        "description": "Greets somebody by name.", "params": ["name": ["type": "string"]],
                    ])
            // Of plugins as long as they run.
            let admin = try await host.connect()
            try await admin.call("plugin.unload", params: ["id": "hello"])
            #expect(try await client.call("system.getMethodsInfo")["hello.greet"] == nil)
        }
    }

    @Test func namesAndSignatures() async throws {
        try await withHost([.web()]) { host in
            let client = try await host.connectAnonymously()
            let names = try await client.call("system.listMethods").array ?? []
            #expect(try await client.call("system.getMethodsInfo").object?.keys.map(JSON.string) == names)
            #expect(
                try await client.call("system.methodSignature", params: ["method": "session.signInWithToken"])
                    == [
                        [
                            "name": "session.signInWithToken", "description": "Signs in with a token.",
                            "params": ["token": ["type": "string"]], "permission": nil,
                        ]
                    ])
            let error = await remoteError {
                try await client.call("system.methodSignature", params: ["method": "nothing.here"])
            }
            #expect(error == RemoteError(code: 1, message: "no such object undefined", data: [:]))
            #expect(try await client.call("system.getVersion") == "0.1")
            let version = try await client.call("system.getServerVersion").string ?? ""
            #expect(version.split(separator: ".").count == 3)
        }
    }
}
