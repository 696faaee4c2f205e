import Synchronization
import XOClient

/// A browser without script: it follows no redirection by itself, and keeps cookies.
public final class Browser: Sendable {
    private let host: TestHost
    private let jar = Mutex<[String: String]>([:])

    public init(_ host: TestHost) { self.host = host }

    /// The value of a cookie.
    public subscript(cookie name: String) -> String? { jar.withLock { $0[name] } }

    public func get(_ target: String, headers: [(name: String, value: String)] = []) async throws -> Page {
        try await send("GET", target, headers, .none)
    }

    /// Sends a form.
    public func post(
        _ target: String, _ fields: [(String, String)], headers: [(name: String, value: String)] = [],
        withCookies: Bool = true
    ) async throws -> Page {
        let body = fields.map { "\(Browser.encode($0))=\(Browser.encode($1))" }.joined(separator: "&")
        return try await send(
            "POST", target, headers + [("content-type", "application/x-www-form-urlencoded")],
            .bytes(Array(body.utf8)), withCookies: withCookies)
    }

    private func send(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)], _ body: HTTPBody,
        withCookies: Bool = true
    ) async throws -> Page {
        let cookies = jar.withLock { $0.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") }
        var headers = headers
        if withCookies, !cookies.isEmpty { headers.append(("cookie", cookies)) }
        let page = try await host.fetch(target, method: method, headers: headers, body: body)
        for text in page.headers("set-cookie") {
            let pair = text.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (String(pair[0]), String(pair[1]))
            jar.withLock { $0[name] = text.contains("Max-Age=0") ? nil : value }
        }
        return page
    }

    private static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Unicode.Scalar(byte)
            let isPlain = character.properties.isAlphabetic && byte < 0x80 || ("0"..."9").contains(character)
            return isPlain ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
