import XOClient
import XOJSON

extension Command {
    static let rest = Command(
        name: "rest",
        forms: [
            "[--json] get [--output <file>] <path> [<name>=<value>]…",
            "del <path>",
            "post|put|patch [--input <file>] <path> [<name>=<value>]…",
        ],
        summary: "use the REST API of the server",
        details: """
            <path> is below /rest/v0/. Parameters of `get` go into the query, the others are sent as a
            JSON object; a <name> such as `a.b` or `a[0]` builds nested values. A <value> is text, or
            `json:` and a JSON value. `-` as <file> is standard input or output (write `--output=-`).

            Options:
              --json               print JSON instead of Node's notation (before the verb)
              --output, -o <file>  write the answer to a new file; one that ends in / is a folder
              --input, -i <file>   send this file; parameters go into the query then

            Examples:
              xo-cli rest get vms fields=name_label,power_state filter=power_state:Running
              xo-cli rest get --output=vm.xva vms/VM_ID.xva
              xo-cli rest post --input disk.raw srs/SR_ID/vdis raw=true name_label=disk
              xo-cli rest del vms/VM_ID/snapshots/SNAPSHOT_ID
            """,
        run: { invocation in
            let access = try Access(invocation.global)
            var words = invocation.arguments
            let printsJSON = words.first == "--json"
            if printsJSON { words.removeFirst() }
            guard let verb = words.first.flatMap(RESTVerb.init) else {
                return .text("Available commands:  del, get, patch, post, put")
            }
            let client = RESTClient(access: access, printsJSON: printsJSON)
            let arguments = Array(words.dropFirst())
            do {
                switch verb {
                case .get: return try await client.get(arguments)
                case .del: return try await client.delete(arguments)
                case .patch, .post, .put: return try await client.send(verb.rawValue.uppercased(), arguments)
                }
            } catch let failure as HTTPFailure {
                OutputStream.error.write("\(failure)\n")
                throw UsageError(failure.body)
            }
        })
}

private enum RESTVerb: String {
    case del, get, patch, post, put
}
