/// An HTTP request that a transport brought in, complete with its body.
struct IncomingRequest: Sendable {
    /// Numeric IP address without port.
    var peerAddress: String
    /// The peer is on this machine and no proxy spoke for somebody else.
    var isLoopback: Bool
    /// The connection is encrypted, or never left this machine.
    var isSecure: Bool
    var method: String
    /// Percent-encoded as it came, without query. See ``RequestPath``.
    var path: String
    /// Without the question mark; may be empty.
    var query: String = ""
    /// Names in lower case.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// The first field of this name (lower case).
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// All fields of this name (lower case).
    func headers(_ name: String) -> [String] { headers.lazy.filter { $0.name == name }.map(\.value) }

    /// What the `authorization` field holds; `nil` if there is none, more than one, or none that is understood.
    var authorization: Authorization? {
        let fields = headers("authorization")
        return fields.count == 1 ? Authorization(fields[0]) : nil
    }

    /// All cookies, in the order in which they came (RFC 6265, 5.4). Pairs that are malformed are passed over.
    var cookies: [(name: String, value: String)] {
        headers("cookie").flatMap { $0.split(separator: ";") }.compactMap { pair in
            guard let equals = pair.firstIndex(of: "=") else { return nil }
            let name = pair[..<equals].trimmingFieldWhitespace
            var value = pair[pair.index(after: equals)...].trimmingFieldWhitespace
            if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = value.dropFirst().dropLast()
            }
            guard HTTPField.isToken(name), value.utf8.allSatisfy(isCookieOctet) else { return nil }
            return (String(name), String(value))
        }
    }

    /// The first cookie of this name, which is the one for the longest path.
    func cookie(_ name: String) -> String? { cookies.first { $0.name == name }?.value }

    /// The query's parameters, decoded as those of a form; `nil` if an escape in it is malformed.
    var queryParameters: [(name: String, value: String)]? { FormEncoding.decode(query) }

    /// The fields of the form that is the body; `nil` if it is another kind of body, or malformed.
    var form: [(name: String, value: String)]? {
        let type = header("content-type")?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded", let text = String(validating: body, as: UTF8.self) else {
            return nil
        }
        return FormEncoding.decode(text)
    }

    /// The first parameter of this name in the query; `nil` also if the query is malformed.
    func queryParameter(_ name: String) -> String? { queryParameters?.first { $0.name == name }?.value }
}

/// RFC 6265, 4.1.1, and the spaces, commas and bytes above ASCII that browsers let through.
private func isCookieOctet(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
}
