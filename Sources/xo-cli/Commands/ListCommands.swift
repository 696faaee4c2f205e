import XOJSON

extension Command {
    static let listCommands = Command(
        name: "list-commands",
        forms: ["[--json] [<pattern>]…"],
        summary: "list the methods of the server with their parameters",
        details: """
            A method is listed if its name matches one of the patterns, which are as in a shell.
            --json prints the descriptions as the server sends them.

            Examples:
              xo-cli list-commands 'vm.*'
              xo-cli list-commands '{user,group}.*'
            """,
        run: { invocation in
            let patterns = try invocation.arguments.filter { $0 != "--json" }.map { try Glob($0) }
            let access = try Access(invocation.global)
            let answer = try await access.withSession { try await $0.call("system.getMethodsInfo") }
            var methods = answer.object ?? [:]
            if !patterns.isEmpty {
                methods = methods.filter { method in patterns.contains { $0.matches(method.key) } }
            }
            if invocation.arguments.contains("--json") { return .value(.object(methods)) }
            return .text(MethodList(methods).text(colours: .ofTexts))
        })
}

/// The methods of a server, as a list for people.
struct MethodList {
    private let methods: JSONObject

    init(_ methods: JSONObject) { self.methods = methods }

    func text(colours: Colours) -> String {
        methods.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }.reduce(into: "") { text, method in
            text += colours.bold(colours.blue(method.key))
            for (name, schema) in method.value["params"]?.object ?? [:] {
                let parameter = "\(name)=<\(MethodList.type(of: schema))>"
                text += MethodList.isOptional(schema) ? " [\(parameter)]" : " \(parameter)"
            }
            text += "\n"
            if let description = method.value["description"]?.string { text += "  \(description)\n" }
        }
    }

    private static func type(of schema: JSON) -> String {
        switch schema["type"] {
        case .string(let type)?: type
        case .array(let types)?: types.map { $0.string ?? $0.description }.joined(separator: "|")
        default: "unknown type"
        }
    }

    private static func isOptional(_ schema: JSON) -> Bool {
        schema["optional"].map { $0 == true } ?? (schema["default"] != nil)
    }
}
