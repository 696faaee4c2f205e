import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import XOJSON

/// Asks a GitHub. No redirect is followed, no answer may be long, and none may take long.
struct GitHubClient: Sendable {
    /// An answer of GitHub's is some tens of kilobytes.
    private static let maximumBody = 1 << 20
    /// Of a hundred entries each. Nobody is in five thousand organisations.
    private static let maximumPages = 50

    let address: ServerAddress
    let http: HTTPClient
    let tls: TLSConfiguration
    /// GitHub refuses those who do not say who they are.
    let userAgent: String
    let callTimeout: Duration
    /// When all has to be over.
    let deadline: ContinuousClock.Instant

    // MARK: The API

    /// - Parameters:
    ///   - path: below the API's address, with a slash before it; names in it are escaped.
    ///   - accepting: statuses that are no problems.
    /// - Throws: ``GitHubProblem``, `CancellationError`.
    func get(_ path: String, token: String, accepting: Set<Int> = [200]) async throws -> GitHubAnswer {
        try await ask(.GET, address.api + path, .bearer(tokens: token), accepting: accepting)
    }

    /// All entries of a list, over its pages.
    ///
    /// - Returns: with them, the numbers of organisations of which the list does not tell.
    func list(_ path: String, token: String) async throws -> (entries: [JSON], withheld: [Int64]) {
        var entries: [JSON] = []
        var withheld: [Int64] = []
        var next: String? = "\(address.api)\(path)\(path.contains("?") ? "&" : "?")per_page=100"
        for _ in 0..<Self.maximumPages {
            guard let page = next else { return (entries, withheld) }
            // It brings the token along, so it must not lead elsewhere.
            guard page.hasPrefix(address.api + "/") else {
                throw GitHubProblem.notUnderstood(
                    "the next page of \(path) is said to be at \(ForeignText.clean(page)), outside of \(address.api)")
            }
            let answer = try await ask(.GET, page, .bearer(tokens: token), accepting: [200])
            guard let more = try json(of: answer, path).array else {
                throw GitHubProblem.notUnderstood("\(path) is answered with something that is no list")
            }
            entries += more
            withheld += answer.withheldOrganizations
            next = answer.nextPage
        }
        guard next == nil else {
            throw GitHubProblem.notUnderstood("\(path) has more than \(Self.maximumPages * 100) entries")
        }
        return (entries, withheld)
    }

    /// Asks in the name of this app: with its id and secret.
    func askAsApp(
        _ method: HTTPMethod, _ path: String, clientID: String, secret: String, _ body: JSON, accepting: Set<Int>
    ) async throws -> GitHubAnswer {
        try await ask(
            method, address.api + path, .basic(username: clientID, password: secret), body: body, accepting: accepting)
    }

    private func ask(
        _ method: HTTPMethod, _ url: String, _ authorization: HTTPClient.Authorization, body: JSON? = nil,
        accepting: Set<Int>
    ) async throws -> GitHubAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = [
            "accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28",
            "authorization": authorization.headerValue,
        ]
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body.serialized())
        }
        let question = String(url.dropFirst(address.api.count).prefix { $0 != "?" })
        let answer = try await send(request, question)
        guard accepting.contains(answer.status) else { throw GitHubProblem(answer, to: question) }
        return answer
    }

    // MARK: The pages' side

    /// Sends a form, as to the token's address.
    func post(_ path: String, form: [(name: String, value: String)]) async throws -> GitHubAnswer {
        var request = HTTPClientRequest(url: address.web + path)
        request.method = .POST
        request.headers = ["accept": "application/json", "content-type": "application/x-www-form-urlencoded"]
        request.body = .bytes(Array(FormText.encode(form).utf8))
        return try await send(request, path)
    }

    // MARK: Both

    /// The JSON of an answer.
    ///
    /// - Parameter question: for people.
    func json(of answer: GitHubAnswer, _ question: String) throws -> JSON {
        do {
            return try answer.json
        } catch {
            let type = ForeignText.clean(answer.header("content-type") ?? "nothing named")
            throw GitHubProblem.notUnderstood(
                "\(question) is answered with \(type) that is no JSON; is there a GitHub at \(address.web)?")
        }
    }

    private func send(_ prepared: HTTPClientRequest, _ question: String) async throws -> GitHubAnswer {
        var request = prepared
        request.tlsConfiguration = tls
        request.headers.add(name: "user-agent", value: userAgent)
        let limit = min(callTimeout, ContinuousClock.now.duration(to: deadline))
        do {
            return try await within(limit) { [http, request] in
                let response = try await http.execute(request, deadline: .distantFuture)
                let body = try await response.body.collect(upTo: Self.maximumBody)
                // A body that was cut short by a cancellation looks like a whole one.
                try Task.checkCancellation()
                return GitHubAnswer(status: Int(response.status.code), headers: response.headers, body: body)
            }
        } catch {
            try Task.checkCancellation()
            throw problem(error, question)
        }
    }

    private struct TimeIsOver: Error {}

    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: limit)
                throw TimeIsOver()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func unreachable(_ error: IOError) -> GitHubProblem {
        .unreachable("\(address.web) cannot be reached: \(String(cString: strerror(error.errnoCode)))")
    }

    private func problem(_ error: any Error, _ question: String) -> GitHubProblem {
        switch error {
        case let error as GitHubProblem: return error
        case is TimeIsOver:
            return .unreachable("\(address.web) does not answer \(question) in time")
        case is NIOTooManyBytesError:
            return .notUnderstood("\(question) is answered with more than \(Self.maximumBody) bytes")
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first?.error else {
                return .unreachable("the name of \(address.web) cannot be resolved")
            }
            return (first as? IOError).map(unreachable) ?? .unreachable("\(address.web) cannot be reached: \(first)")
        case let error as IOError: return unreachable(error)
        default:
            let text = "\(error)"
            if error is NIOSSLExtraError || text.contains("CERTIFICATE_VERIFY_FAILED") {
                return .unreachable(
                    "nobody who is trusted vouches for the certificate of \(address.web); if it has an authority of its "
                        + "own, name that in certificateAuthorities")
            }
            return .unreachable("\(address.web) does not answer \(question): \(ForeignText.clean(text))")
        }
    }
}
