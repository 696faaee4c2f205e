import XOClient

/// A whole HTTP answer.
public struct Page: Sendable {
    public let status: Int
    public let body: String
    private let response: HTTPResponse

    fileprivate init(_ response: HTTPResponse) async throws {
        self.response = response
        status = response.status
        body = String(decoding: try await response.body.collect(upTo: 64 << 20), as: UTF8.self)
    }

    public func header(_ name: String) -> String? { response.header(name) }
    public func headers(_ name: String) -> [String] { response.headers(name) }
}

extension TestHost {
    /// Asks for a page.
    public func fetch(
        _ target: String, method: String = "GET", headers: [(name: String, value: String)] = [],
        body: HTTPBody = .none
    ) async throws -> Page {
        let location = try ServerURL(url).location(of: target)
        return try await HTTPRequest(method, location, headers: headers, body: body).send(
            options: ConnectionOptions(allowUnauthorized: true)
        ) { try await Page($0) }
    }
}
