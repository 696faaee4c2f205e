import FoundationEssentials
import NIOCore
import NIOHTTP1
import XOJSON

/// One answer, whole.
struct GitHubAnswer: Sendable {
    let status: Int
    private let headers: HTTPHeaders
    private let body: [UInt8]

    init(status: Int, headers: HTTPHeaders, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = Array(body.readableBytesView)
    }

    func header(_ name: String) -> String? { headers.first(name: name) }

    /// - Throws: `JSONError`.
    var json: JSON { get throws { try JSON(parsing: body) } }

    /// When to ask again, for people; `nil` if the answer is not about a limit.
    ///
    /// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>
    var waitingTime: String? {
        if let seconds = header("retry-after").flatMap({ UInt32($0) }) { return "in \(seconds) s" }
        guard header("x-ratelimit-remaining") == "0" || status == 429 else { return nil }
        guard let reset = header("x-ratelimit-reset").flatMap({ UInt32($0) }) else { return "later" }
        return "at \(Date(timeIntervalSince1970: Double(reset)).ISO8601Format())"
    }

    /// The address of the next page of a list; `nil` if this is the last one.
    ///
    /// RFC 8288, as far as GitHub uses it: `<https://…>; rel="next", <https://…>; rel="last"`.
    var nextPage: String? {
        for link in (header("link") ?? "").split(separator: ",") {
            let parts = link.split(separator: ";").map { $0.trimming(while: \.isWhitespace) }
            guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
                parts.dropFirst().contains(#"rel="next""#)
            else { continue }
            return String(target.dropFirst().dropLast())
        }
        return nil
    }

    /// Organisations that this list leaves out, because they demand single sign-on: `partial-results; organizations=1,2`.
    var withheldOrganizations: [Int64] {
        guard let text = header("x-github-sso"), text.hasPrefix("partial-results"),
            let list = text.split(separator: "organizations=").dropFirst().first
        else { return [] }
        return list.split(separator: ",").compactMap { Int64($0.trimming(while: \.isWhitespace)) }
    }
}

extension Substring {
    fileprivate func trimming(while predicate: (Character) -> Bool) -> Substring {
        var rest = drop(while: predicate)
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
