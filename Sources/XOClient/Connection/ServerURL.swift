/// What a person types to name a server: `xo.example.net`, `https://xo.example.net/`, `ws://[::1]:8080`,
/// `https://TOKEN@xo.example.net`.
///
/// `http` and `ws` mean no encryption; `https`, `wss` and no scheme at all mean TLS.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    public let address: ServerAddress
    /// The user-name part, percent-decoded. A password part is ignored.
    public let userName: String?
    /// The path without slash at its end: empty, or beginning with a slash.
    public let path: String

    /// The request target of the JSON-RPC socket.
    public var apiTarget: String { path + "/api/" }

    /// The base of the server's HTTP interface, without any secret.
    public var description: String { "\(address.isSecure ? "https" : "http")://\(address.authority)\(path)/" }

    /// - Throws: ``InvalidURL``, which says what is wrong and never quotes the user-name part.
    public init(_ text: String) throws(InvalidURL) {
        let (isSecure, afterScheme) = try ServerURL.splitScheme(text)
        guard !afterScheme.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw InvalidURL("a server address has no '?' or '#' part")
        }
        let trimmed = afterScheme.droppingLast("/")
        let authorityEnd = trimmed.firstIndex(of: "/") ?? trimmed.endIndex
        var hostAndPort = trimmed[..<authorityEnd]
        var userName: String?
        if let at = hostAndPort.lastIndex(of: "@") {
            userName = URLText.percentDecoded(hostAndPort[..<at].prefix { $0 != ":" })
            hostAndPort = hostAndPort[hostAndPort.index(after: at)...]
        }
        let (host, port) = try ServerURL.splitPort(hostAndPort)
        self.userName = userName
        self.path = URLText.encodedPath(trimmed[authorityEnd...])
        self.address = ServerAddress(
            isSecure: isSecure, host: host, port: port ?? ServerAddress.defaultPort(isSecure: isSecure))
    }

    /// Resolves a reference that the server sent, such as `/api/download/…`, against the base of the API
    /// (RFC 3986, 5.2).
    public func location(of reference: String) throws(InvalidURL) -> HTTPLocation {
        let scheme = reference.prefix(while: \.isLetter)
        if !scheme.isEmpty, reference[scheme.endIndex...].hasPrefix("://") {
            // The part before the first slash behind the authority is a server's address, the rest a target.
            let (_, afterScheme) = try ServerURL.splitScheme(reference)
            let pathStart = afterScheme.firstIndex { "/?#".contains($0) } ?? afterScheme.endIndex
            let server = try ServerURL(String(reference[..<pathStart]))
            return HTTPLocation(address: server.address, target: URLText.resolvedTarget(afterScheme[pathStart...]))
        }
        let target = reference.hasPrefix("/") ? reference : apiTarget + reference
        return HTTPLocation(address: address, target: URLText.resolvedTarget(target[...]))
    }

    private static func splitScheme(_ text: String) throws(InvalidURL) -> (isSecure: Bool, rest: Substring) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return (true, text[...]) }
        let rest = text[text.index(colon, offsetBy: 3)...]
        switch text[..<colon].lowercased() {
        case "http", "ws": return (false, rest)
        case "https", "wss": return (true, rest)
        default:
            throw InvalidURL("unknown scheme '\(text[..<colon])', expected https, http, wss or ws")
        }
    }

    private static func splitPort(_ text: Substring) throws(InvalidURL) -> (host: String, port: Int?) {
        let host: Substring
        let afterHost: Substring
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { throw InvalidURL("'[' without ']'") }
            host = text[text.index(after: text.startIndex)..<bracket]
            afterHost = text[text.index(after: bracket)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            afterHost = text[colon...]
            guard !afterHost.dropFirst().contains(":") else {
                throw InvalidURL("an IPv6 address must stand in brackets, as in [::1]:443")
            }
        }
        guard !host.isEmpty else { throw InvalidURL("no host name") }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw InvalidURL("the host name has blanks or other characters that a host name cannot have")
        }
        if afterHost.isEmpty || afterHost == ":" { return (String(host), nil) }
        guard afterHost.hasPrefix(":"), let port = Int(afterHost.dropFirst()), (1...65535).contains(port) else {
            throw InvalidURL("bad port '\(afterHost)', expected ':' and a number from 1 to 65535")
        }
        return (String(host), port)
    }
}

/// Why a text is not a server's address.
public struct InvalidURL: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "invalid server address: \(reason)" }
}

extension StringProtocol where SubSequence == Substring {
    fileprivate func droppingLast(_ character: Character) -> Substring {
        var rest = self[...]
        while rest.last == character { rest.removeLast() }
        return rest
    }
}
