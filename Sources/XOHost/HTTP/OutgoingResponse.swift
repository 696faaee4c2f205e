import XOJSON

/// The answer to a request. The transport adds the fields that frame it.
struct OutgoingResponse: Sendable {
    /// 100 to 599.
    let status: Int
    /// Names in lower case; none of the values can break out of its field.
    private(set) var headers: [(name: String, value: String)]
    let body: [UInt8]

    /// - Parameters:
    ///   - status: anything that is no status becomes 500.
    ///   - headers: a field whose name is no token is left out; control characters in values become spaces. So what
    ///     comes from a user or a plugin cannot add fields.
    init(status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = (100...599).contains(status) ? status : 500
        self.headers = headers.compactMap { name, value in
            HTTPField.isToken(name) ? (name.lowercased(), HTTPField.sanitized(value)) : nil
        }
        self.body = body
    }

    static func text(_ text: String, status: Int = 200) -> OutgoingResponse {
        .dynamic(status: status, "text/plain; charset=utf-8", Array(text.utf8))
    }

    static func json(_ json: JSON, status: Int = 200) -> OutgoingResponse {
        .dynamic(status: status, "application/json", json.serialized())
    }

    static var notFound: OutgoingResponse { .text("nothing here\n", status: 404) }

    /// Sends the client elsewhere, to be asked for with GET.
    static func redirect(to location: String) -> OutgoingResponse {
        OutgoingResponse(status: 303, headers: [("location", location)]).secured()
    }

    /// - Parameter allowed: the methods that the path knows.
    static func methodNotAllowed(_ allowed: [String]) -> OutgoingResponse {
        OutgoingResponse(
            status: 405,
            headers: [("allow", allowed.joined(separator: ", ")), ("content-type", "text/plain; charset=utf-8")],
            body: Array("method not allowed, expected \(allowed.joined(separator: " or "))\n".utf8)
        ).secured()
    }

    private static func dynamic(status: Int, _ contentType: String, _ body: [UInt8]) -> OutgoingResponse {
        OutgoingResponse(status: status, headers: [("content-type", contentType)], body: body).secured()
    }

    /// With the fields that every answer should have, unless it says otherwise itself: what it is must not be guessed,
    /// and nobody keeps a copy of what may be different, or not allowed, the next time.
    func secured() -> OutgoingResponse {
        var response = self
        for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")]
        where header(name) == nil {
            response.headers.append((name, value))
        }
        return response
    }

    /// The first field of this name (lower case).
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
