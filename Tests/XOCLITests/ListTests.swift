import Testing
import XOJSON

/// `list-commands` and `list-objects`.
@Suite struct ListTests {
    private static let methods: JSON = [
        "vm.start": [
            "description": "start a VM",
            "params": [
                "id": ["type": "string"], "force": ["type": "boolean", "default": false],
                "host": ["type": ["string", "null"], "optional": true], "odd": ["optional": false, "default": 1],
            ],
        ],
        "vm.stop": ["params": ["id": ["type": "string"]]],
        "user.create": [:],
        "group.create": ["description": "make a group"],
        "acl.get": [:],
    ]

    @Test func allCommands() async throws {
        try await ScriptedServer.run(methods: ["system.getMethodsInfo": { $0.reply(ListTests.methods) }]) { server in
            let outcome = try await CommandLineTool(server: server).run("list-commands")
            #expect(
                outcome.output == """
                    acl.get
                    group.create
                      make a group
                    user.create
                    vm.start id=<string> [force=<boolean>] [host=<string|null>] odd=<unknown type>
                      start a VM
                    vm.stop id=<string>


                    """)
            #expect(outcome.status == 0)
        }
    }

    @Test(arguments: [
        (["vm.*"], ["vm.start", "vm.stop"]),
        (["{user,group}.*"], ["group.create", "user.create"]),
        (["!vm.*"], ["acl.get", "group.create", "user.create"]),
        (["acl.get", "vm.sto?"], ["acl.get", "vm.stop"]),
        (["vm.st[ab]rt"], ["vm.start"]), (["vm.st[!o]*"], ["vm.start"]),
        (["*.*e*"], ["acl.get", "group.create", "user.create"]),
        (["+(vm|acl).*"], ["acl.get", "vm.start", "vm.stop"]), (["!(vm|acl).*"], ["group.create", "user.create"]),
        (["vm"], []), (["vm\\.stop"], ["vm.stop"]), (["(vm|acl).{get,stop}"], ["acl.get", "vm.stop"]),
    ])
    func patterns(_ patterns: [String], _ expected: [String]) async throws {
        try await ScriptedServer.run(methods: ["system.getMethodsInfo": { $0.reply(ListTests.methods) }]) { server in
            let outcome = try await CommandLineTool(server: server).run(["list-commands"] + patterns)
            let names = outcome.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
                .map { String($0.prefix { $0 != " " }) }
            #expect(names == expected)
        }
    }

    @Test func jsonIsTheInspectedMap() async throws {
        try await ScriptedServer.run(methods: ["system.getMethodsInfo": { $0.reply(ListTests.methods) }]) { server in
            let outcome = try await CommandLineTool(server: server).run("list-commands", "*.stop", "--json")
            #expect(outcome.output == "{\n  'vm.stop': { params: { id: { type: 'string' } } }\n}\n")
        }
    }

    @Test func brokenPattern() async throws {
        let outcome = try await CommandLineTool().run("list-commands", "{a,b")
        #expect(outcome.errors == "✖ invalid pattern `{a,b`: brackets do not match\n")
    }

    private static let objects: JSON = [
        "2": ["id": "2", "type": "VM", "CPUs": ["max": 4, "number": 2], "tags": ["x", "y"]],
        "1": ["id": "1", "type": "VM", "a.b": true, "a": ["b": false]],
    ]

    @Test func objectsAreJSON() async throws {
        try await ScriptedServer.run(methods: ["xo.getAllObjects": { $0.reply(ListTests.objects) }]) { server in
            let outcome = try await CommandLineTool(server: server).run(
                "list-objects", "--id", "--CPUs.number", "--tags[1]", "--a.b", "type=VM", #"tags=json:["x"]"#)
            #expect(server.calls.last?.params == ["filter": ["type": "VM", "tags": ["x"]]])
            #expect(
                outcome.output == """
                    [
                      {
                        "id": "2",
                        "CPUs": {
                          "number": 2
                        },
                        "tags": [
                          null,
                          "y"
                        ]
                      },
                      {
                        "id": "1",
                        "a.b": true
                      }
                    ]

                    """)
        }
    }

    @Test func wholeObjectsAndNone() async throws {
        try await ScriptedServer.run(methods: [
            "xo.getAllObjects": { $0.reply($0.params["filter"] == nil ? ListTests.objects : [:]) }
        ]) { server in
            let tool = try CommandLineTool(server: server)
            #expect(try await tool.run("list-objects", "type=none").output == "[\n]\n")
            let all = try JSON(parsing: try await tool.run("list-objects").output)
            #expect(all == .array(ListTests.objects.object.map { Array($0.values) } ?? []))
            #expect(server.calls.last?.params == [:])
        }
    }
}
