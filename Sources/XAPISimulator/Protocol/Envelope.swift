import XOJSON

/// A call as it came over HTTP, and the way back.
struct RPCRequest {
    /// How the answer must be wrapped.
    enum Envelope {
        case xml
        case json1(id: JSON)
        case json2(id: JSON)
    }

    let envelope: Envelope
    let method: String
    let parameters: [JSON]

    /// - Throws: a reason if this is no call; xapi answers those by HTTP status 500.
    init(path: String, body: [UInt8]) throws(EnvelopeError) {
        // Paths are prefixes; whatever is not JSON is XML-RPC.
        if path.hasPrefix("/jsonrpc") {
            try self.init(json: body)
        } else {
            try self.init(xml: body)
        }
    }

    private init(xml body: [UInt8]) throws(EnvelopeError) {
        do throws(XMLRPCReader.Failure) {
            (method, parameters) = try XMLRPCReader.read(body)
            envelope = .xml
        } catch {
            throw EnvelopeError(reason: error.description)
        }
    }

    private init(json body: [UInt8]) throws(EnvelopeError) {
        let message: JSON
        do throws(JSONError) {
            message = try JSON(parsing: body)
        } catch {
            throw EnvelopeError(reason: error.description)
        }
        guard let method = message["method"]?.string else { throw EnvelopeError(reason: "no method") }
        self.method = method
        guard let id = message["id"], id.string != nil || id.integer != nil else {
            throw EnvelopeError(reason: "no id that is a number or a string")
        }
        if message["jsonrpc"]?.string == "2.0" {
            envelope = .json2(id: id)
            switch message["params"] ?? .null {
            case .null: parameters = []
            case .array(let elements): parameters = elements
            case .object(let structure): parameters = [.object(structure)]
            default: throw EnvelopeError(reason: "params is neither array nor object")
            }
        } else {
            envelope = .json1(id: id)
            guard let elements = message["params"]?.array else { throw EnvelopeError(reason: "params is no array") }
            parameters = elements
        }
    }
}

/// Why a body is no call.
struct EnvelopeError: Error {
    let reason: String
}

extension RPCRequest.Envelope {
    /// Clients compare the type for equality, so there is no charset behind it.
    var contentType: String {
        if case .xml = self { "text/xml" } else { "application/json" }
    }

    /// The complete body of an answer.
    func wrap(_ result: Result<Reply, XAPIFailure>) -> [UInt8] {
        var output: [UInt8] = []
        switch self {
        case .xml:
            output.append(contentsOf: "<?xml version=\"1.0\"?><methodResponse><params><param>".utf8)
            switch result {
            case .success(.methodNames(let names)): XMLWriter.write(.methodNames(names), to: &output)
            case .success(let reply):
                XMLWriter.structure(to: &output) { output in
                    XMLWriter.member("Status", to: &output) { XMLWriter.text("Success", to: &$0) }
                    XMLWriter.member("Value", to: &output) { XMLWriter.write(reply, to: &$0) }
                }
            case .failure(let failure): XMLWriter.write(failure, to: &output)
            }
            output.append(contentsOf: "</param></params></methodResponse>".utf8)
        case .json1(let id):
            output.append(contentsOf: "{\"result\":".utf8)
            switch result {
            case .success(let reply):
                JSONWriter.write(reply, to: &output)
                output.append(contentsOf: ",\"error\":null".utf8)
            case .failure(let failure):
                output.append(contentsOf: "null,\"error\":".utf8)
                JSON([failure.code] + failure.parameters).write(to: &output)
            }
            finish(&output, id)
        case .json2(let id):
            output.append(contentsOf: "{\"jsonrpc\":\"2.0\",".utf8)
            switch result {
            case .success(let reply):
                output.append(contentsOf: "\"result\":".utf8)
                JSONWriter.write(reply, to: &output)
            case .failure(let failure):
                let error: JSON = [
                    "code": 1, "message": .string(failure.code), "data": JSON(failure.parameters),
                ]
                output.append(contentsOf: "\"error\":".utf8)
                error.write(to: &output)
            }
            finish(&output, id)
        }
        return output
    }

    private func finish(_ output: inout [UInt8], _ id: JSON) {
        output.append(contentsOf: ",\"id\":".utf8)
        id.write(to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
