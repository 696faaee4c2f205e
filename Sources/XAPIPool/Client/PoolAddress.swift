/// Where a server listens.
public struct PoolAddress: Sendable, Hashable, CustomStringConvertible {
    public let isEncrypted: Bool
    /// A name or an IP address; IPv6 without brackets.
    public let host: String
    public let port: Int

    public init(isEncrypted: Bool, host: String, port: Int) {
        self.isEncrypted = isEncrypted
        self.host = host
        self.port = port
    }

    /// Takes `host`, `host:port`, `[v6]`, `[v6]:port`, a bare IPv6 address, and each after `http://` or `https://`.
    ///
    /// - Throws: ``PoolProblem/badAddress(_:)``.
    public init(_ text: String) throws(PoolProblem) {
        var rest = text.trimmed
        isEncrypted = !rest.lowercased().hasPrefix("http://")
        if let scheme = rest.firstRange(of: "://") {
            guard ["http", "https"].contains(rest[..<scheme.lowerBound].lowercased()) else {
                throw .badAddress(text)
            }
            rest = rest[scheme.upperBound...]
        }
        while rest.hasSuffix("/") { rest.removeLast() }

        var port: Substring?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw .badAddress(text) }
            port = tail.isEmpty ? nil : tail.dropFirst()
            rest = rest[rest.index(after: rest.startIndex)..<end]
        } else if rest.count(where: { $0 == ":" }) == 1, let colon = rest.firstIndex(of: ":") {
            port = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
        }
        let allowed = rest.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !#"/?#@[]\"<>"#.utf8.contains(byte)
        }
        guard !rest.isEmpty, allowed else { throw .badAddress(text) }
        host = String(rest)
        guard let port else {
            self.port = isEncrypted ? 443 : 80
            return
        }
        guard let number = Int(port), (1...65_535).contains(number) else { throw .badAddress(text) }
        self.port = number
    }

    /// Another member of the same pool, reached in the same way.
    func member(_ host: String) -> PoolAddress { PoolAddress(isEncrypted: isEncrypted, host: host, port: port) }

    private var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    var url: String { "\(isEncrypted ? "https" : "http")://\(authority)" }

    public var description: String {
        let isUsual = port == (isEncrypted ? 443 : 80)
        return isUsual ? host : authority
    }
}
