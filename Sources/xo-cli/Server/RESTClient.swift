import XOClient
import XOJSON

/// The verbs of `xo-cli rest`.
struct RESTClient: Sendable {
    let access: Access
    let printsJSON: Bool

    func get(_ arguments: [String]) async throws -> CommandResult {
        let options = try CommandOptions(arguments, options: ["--output": "output", "-o": "output"])
        let path = options.operands.first ?? ""
        let parameters = try RESTParameters(options.operands.dropFirst())
        let target = try RESTTarget(path, query: parameters)
        let output = options["output"].map { $0.hasSuffix("/") ? $0 + target.lastSegment : $0 }
        return try await request("GET", target).send(options: access.options) { response in
            guard response.isSuccess else { throw HTTPFailure(response, body: try await response.body.text()) }
            if let output {
                try await Transfer.download(response, to: LocalFile.writing(output, isNew: true))
                return .nothing
            }
            return try await show(response)
        }
    }

    func delete(_ arguments: [String]) async throws -> CommandResult {
        guard let path = arguments.first else { throw UsageError("missing path") }
        return .text(try await text(of: request("DELETE", RESTTarget(path))))
    }

    /// Sends parameters, or a file, with a method that changes something.
    func send(_ method: String, _ arguments: [String]) async throws -> CommandResult {
        let options = try CommandOptions(arguments, options: ["--input": "input", "-i": "input"])
        guard let path = options.operands.first else { throw UsageError("missing path") }
        let parameters = try RESTParameters(options.operands.dropFirst())
        let answer: String
        if let input = options["input"] {
            var request = request(method, try RESTTarget(path, query: parameters))
            request.headers.append(("content-type", "application/octet-stream"))
            answer = try await Transfer.upload(input, request, options: access.options)
        } else {
            var request = request(method, try RESTTarget(path))
            request.headers.append(("content-type", "application/json"))
            request.body = .bytes(parameters.value.serialized())
            answer = try await text(of: request)
        }
        return .text(RESTTarget.withoutPrefix(answer))
    }

    private func request(_ method: String, _ target: RESTTarget) -> HTTPRequest {
        HTTPRequest(
            method, HTTPLocation(address: access.server.address, target: target.text),
            headers: [("cookie", "authenticationToken=\(access.token)")])
    }

    private func text(of request: HTTPRequest) async throws -> String {
        try await request.send(options: access.options) { response in
            let text = try await response.body.text()
            guard response.isSuccess else { throw HTTPFailure(response, body: text) }
            return text
        }
    }

    // MARK: Showing what `get` brings

    private func show(_ response: HTTPResponse) async throws -> CommandResult {
        let contentType = response.header("content-type") ?? ""
        switch contentType.prefix(while: { $0 != ";" }).lowercased().filter({ $0 != " " }) {
        case "application/json":
            let json = RESTTarget.withoutPrefixes(try JSON(parsing: try await response.body.text()))
            return printsJSON ? .text(json.indentedText) : .value(json)
        case "application/x-ndjson":
            try await showLines(response.body)
            return .nothing
        default:
            throw UsageError("unsupported content-type \(contentType); write the answer to a file with --output")
        }
    }

    private func showLines(_ body: HTTPResponseBody) async throws {
        var line: [UInt8] = []
        func showLine() throws {
            guard !line.isEmpty else { return }
            let json = try JSON(parsing: line)
            let text = printsJSON ? "\(json)" : Inspector.text(of: json, colours: .ofValues(on: .standard))
            OutputStream.standard.write(text + "\n")
            line = []
        }
        for try await part in body {
            var rest = part[...]
            while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<newline]
                try showLine()
                rest = rest[(newline + 1)...]
            }
            line += rest
            guard line.count <= HTTPResponseBody.maximumTextSize else {
                throw UsageError("a line of the answer has more than \(HTTPResponseBody.maximumTextSize) bytes")
            }
        }
        try showLine()
    }
}
