import XOJSON

extension Command {
    static let listObjects = Command(
        name: "list-objects",
        forms: ["[--<property>]… [<name>=<value>]…"],
        summary: "list the objects (VMs, hosts, …) that match, as JSON",
        details: """
            With --<property> only these properties are printed; a dot leads into an object.
            The <name>=<value> filters are values that the properties must have.

            Examples:
              xo-cli list-objects type=VM power_state=Running
              xo-cli list-objects --id --name_label --CPUs.number type=VM
              xo-cli list-objects type=VM tags=json:'["production"]'
            """,
        run: { invocation in
            let properties = invocation.arguments.prefix { $0.hasPrefix("--") && $0 != "--" }
            let paths = properties.map { PropertyPath(String($0.dropFirst(2).prefix { $0 != "=" })) }
            let filter = try Parameters(invocation.arguments.dropFirst(properties.count)).values
            let access = try Access(invocation.global)
            let params: JSON = filter.isEmpty ? [:] : ["filter": .object(filter)]
            let answer = try await access.withSession { try await $0.call("xo.getAllObjects", params: params) }
            var output = Array("[\n".utf8)
            let objects = answer.object.map { Array($0.values) } ?? answer.array ?? []
            for (index, object) in objects.enumerated() {
                output += Array("  ".utf8)
                try picked(paths, of: object).write(to: &output, indentation: 2, level: 1)
                output += Array(index < objects.count - 1 ? ",\n".utf8 : "\n".utf8)
            }
            output += Array("]\n".utf8)
            OutputStream.standard.write(output)
            return .nothing
        })

    private static func picked(_ paths: [PropertyPath], of object: JSON) throws -> JSON {
        if paths.isEmpty { return object }
        var result: JSON = [:]
        for path in paths { try path.pick(from: object, into: &result) }
        return result
    }
}
