import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL
import TestSupport
import XOJSON

/// A GitHub of one test's own, and a browser to visit it with.
final class GitHub: Sendable {
    static let clientID = "Iv1.0123456789abcdef"
    static let clientSecret = "0123456789abcdef0123456789abcdef01234567"
    static let base = "https://xo.example.test"
    static let callback = "\(base)/signin/github/callback"

    let url: String
    private let program: Program
    private let browser: HTTPClient

    private init(_ program: Program, _ url: String, trusting authority: String?) throws {
        self.program = program
        self.url = url
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8))) }
        browser = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow))
    }

    /// Starts one, and ends it after `body`.
    ///
    /// - Parameter authority: it serves TLS with a certificate of this authority's.
    static func run(
        authority: CertificateAuthority? = nil, _ body: (GitHub) async throws -> Void
    ) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "github_standin.py").path
        let folder = try TemporaryFolder()
        let certificate = try authority.map { try folder.write("server.pem", $0.serverCertificateAndKey()) }
        let program = try Program(
            URL(filePath: "/usr/bin/env"), ["python3", script, callback] + [certificate].compactMap { $0 },
            environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        guard let url = await program.output.firstLine(where: { $0.hasPrefix("http") }) else {
            throw Ended(description: await program.outcome().errors)
        }
        let github = try GitHub(program, url, trusting: authority?.certificate)
        let result: Result<Void, any Error>
        do { result = .success(try await body(github)) } catch { result = .failure(error) }
        try? await github.browser.shutdown()
        program.closeInput()
        program.send(SIGTERM)
        _ = await program.exitStatus()
        try result.get()
    }

    struct Ended: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: As a person

    /// Goes where the host sends the browser, presses the button, and is sent back.
    ///
    /// - Parameters:
    ///   - login: who presses it; `nobody` refuses.
    ///   - grant: the scopes that the person agrees to, if not all.
    /// - Returns: what the browser brings back.
    func visit(_ location: String, as login: String, grant: String? = nil) async throws -> [String: [String]] {
        let more = "&login_as=\(login)" + (grant.map { "&grant=\($0)" } ?? "")
        let response = try await browser.execute(HTTPClientRequest(url: location + more), timeout: .seconds(30))
        guard response.status == .found, let target = response.headers.first(name: "location"),
            target.hasPrefix(GitHub.callback + "?"),
            // Forms have + for a space; URLComponents leaves it.
            let items = URLComponents(string: target.replacing("+", with: "%20"))?.queryItems
        else { throw Ended(description: "the browser is not sent back, but gets \(response.status)") }
        return Dictionary(grouping: items, by: \.name).mapValues { $0.map { $0.value ?? "" } }
    }

    // MARK: Behind the scenes

    /// Changes how things are; `null` removes.
    func change(_ world: JSON) async throws {
        var request = HTTPClientRequest(url: url + "/_world")
        request.method = .POST
        request.body = .bytes(world.serialized())
        _ = try await browser.execute(request, timeout: .seconds(30)).body.collect(upTo: 1 << 20)
    }

    /// Answers something else at an address than what is right.
    func answer(_ path: String, with answer: JSON) async throws {
        try await change(["answers": .object([path: answer])])
    }

    private func log() async throws -> JSON {
        let response = try await browser.execute(HTTPClientRequest(url: url + "/_log"), timeout: .seconds(30))
        return try JSON(parsing: Array(try await response.body.collect(upTo: 16 << 20).readableBytesView))
    }

    /// What it was asked so far, by methods and paths.
    var requests: [(method: String, path: String, query: JSON, body: String)] {
        get async throws {
            (try await log()["requests"]?.array ?? []).map {
                ($0["method"]?.string ?? "", $0["path"]?.string ?? "", $0["query"] ?? [:], $0["body"]?.string ?? "")
            }
        }
    }

    /// Tokens that it would accept.
    var tokens: [String] { get async throws { try await log()["tokens"]?.array?.compactMap(\.string) ?? [] } }
}
