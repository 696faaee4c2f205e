import XOClient
import XOJSON

extension Command {
    static let call = Command(
        name: "call",
        forms: ["<method> [--json] [<name>=<value>]…"],
        summary: "call a method of the server; `call` itself may be left out",
        details: """
            A <value> is text, `true`, `false`, or `json:` and a JSON value: numbers need that, too.
            Uploads and downloads need the file as `@=<path>`; `@=-` is standard input or output.
            An integer that a method returns becomes the exit status; --json prints it, and all
            else, as JSON.

            Examples:
              xo-cli vm.start id=VM_ID
              xo-cli vm.set id=VM_ID name_label='web server' tags=json:'["web"]'
              xo-cli vm.export vm=VM_ID @=/backup/vm.xva
              xo-cli help vm.set
            """,
        run: { invocation in
            guard let method = invocation.arguments.first else { throw UsageError("missing command name") }
            var words = invocation.arguments.dropFirst()
            let printsJSON = words.first == "--json"
            if printsJSON { words.removeFirst() }
            let parameters = try Parameters(words)
            let access = try Access(invocation.global)
            return try await access.withSession { client in
                let result = try await methodResult(method, .object(parameters.values), client)
                if let exchange = FileExchange(result) {
                    guard let path = parameters.file?.string else {
                        throw UsageError("\(method) requires the @ parameter to be a path (e.g. @=/tmp/config.json)")
                    }
                    return try await exchange.perform(path, access)
                }
                guard let result else { return .nothing }
                return printsJSON ? .text(result.indentedText) : .value(result)
            }
        })

    private static func methodResult(_ method: String, _ params: JSON, _ client: XOClient) async throws -> JSON? {
        do {
            return try await client.result(of: method, params: params)
        } catch let error as RemoteError {
            throw InvalidParameters(error) ?? error
        }
    }
}

/// The server says which parameters it does not like.
private struct InvalidParameters: Error, CustomStringConvertible {
    let description: String

    init?(_ error: RemoteError) {
        guard error.code == RemoteError.invalidParameters, let entries = error.data?["errors"]?.array else {
            return nil
        }
        description = entries.reduce(into: error.message) { text, entry in
            let path = entry["instancePath"]?.string ?? ""
            text += "\n  property @\(path.isEmpty ? "" : ".\(path)"): \(entry["message"]?.string ?? "is not valid")"
        }
    }
}

/// A result that asks the client to fetch or send a file by HTTP.
private enum FileExchange {
    case download(from: String)
    case upload(to: String)

    init?(_ result: JSON?) {
        guard let members = result?.object, members.count == 1 else { return nil }
        if let url = members["$getFrom"]?.string {
            self = .download(from: url)
        } else if let url = members["$sendTo"]?.string {
            self = .upload(to: url)
        } else {
            return nil
        }
    }

    func perform(_ path: String, _ access: Access) async throws -> CommandResult {
        switch self {
        case .download(let url):
            let request = HTTPRequest("GET", try access.server.location(of: url))
            try await request.send(options: access.options) { response in
                guard response.isSuccess else { throw HTTPFailure(response, body: "") }
                try await Transfer.download(response, to: LocalFile.writing(path))
            }
            return .nothing
        case .upload(let url):
            let request = HTTPRequest("POST", try access.server.location(of: url))
            return .text(try await Transfer.upload(path, request, options: access.options))
        }
    }
}
