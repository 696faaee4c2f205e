import Foundation
import XOClient
import XOJSON

/// A GitHub of one test's own, and a browser to visit it with.
public final class GitHub: Sendable {
    public static let clientID = "Iv1.0123456789abcdef"
    public static let clientSecret = "0123456789abcdef0123456789abcdef01234567"
    public static let base = "https://xo.example.test"
    public static let callback = "\(base)/signin/github/callback"

    public let url: String
    private let program: Program

    private init(_ program: Program, _ url: String) {
        self.program = program
        self.url = url
    }

    /// Starts one, and ends it after `body`.
    ///
    /// - Parameter certificate: PEM with a key; then it serves TLS.
    public static func run(
        certificate: String? = nil, _ body: (GitHub) async throws -> Void
    ) async throws {
        await slots.enter()
        let result: Result<Void, any Error>
        do { result = .success(try await runInSlot(certificate, body)) } catch { result = .failure(error) }
        await slots.leave()
        try result.get()
    }

    /// Tests begin all at once, and each of these is a process.
    private static let slots = Slots(6)

    private static func runInSlot(_ certificate: String?, _ body: (GitHub) async throws -> Void) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "github_standin.py").path
        let folder = try TemporaryFolder()
        let file = try certificate.map { try folder.write("server.pem", $0) }
        let program = try Program(
            URL(filePath: "/usr/bin/env"), ["python3", script, callback] + [file].compactMap { $0 },
            environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        guard let url = await program.output.firstLine(where: { $0.hasPrefix("http") }) else {
            throw Ended(description: await program.outcome().errors)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(GitHub(program, url))) } catch { result = .failure(error) }
        program.closeInput()
        program.send(SIGTERM)
        _ = await program.exitStatus()
        try result.get()
    }

    public struct Ended: Error, CustomStringConvertible {
        public let description: String
    }

    // MARK: As a person

    /// Goes where the host sends the browser, presses the button, and is sent back.
    ///
    /// - Parameters:
    ///   - login: who presses it; `nobody` refuses.
    ///   - grant: the scopes that the person agrees to, if not all.
    /// - Returns: what the browser brings back.
    public func visit(_ location: String, as login: String, grant: String? = nil) async throws -> [String: [String]] {
        let more = "&login_as=\(login)" + (grant.map { "&grant=\($0)" } ?? "")
        guard location.hasPrefix(url + "/") else { throw Ended(description: "the browser is sent to \(location)") }
        let page = try await Page.fetch(String(location.dropFirst(url.utf8.count)) + more, from: url)
        guard page.status == 302, let target = page.header("location"), target.hasPrefix(GitHub.callback + "?"),
            // Forms have + for a space; URLComponents leaves it.
            let items = URLComponents(string: target.replacing("+", with: "%20"))?.queryItems
        else { throw Ended(description: "the browser is not sent back, but gets \(page.status)") }
        return Dictionary(grouping: items, by: \.name).mapValues { $0.map { $0.value ?? "" } }
    }

    // MARK: Behind the scenes

    /// Changes how things are; `null` removes.
    public func change(_ world: JSON) async throws {
        _ = try await Page.fetch("/_world", from: url, method: "POST", body: .bytes(world.serialized()))
    }

    /// Answers something else at an address than what is right.
    public func answer(_ path: String, with answer: JSON) async throws {
        try await change(["answers": .object([path: answer])])
    }

    private func log() async throws -> JSON {
        try JSON(parsing: Array(try await Page.fetch("/_log", from: url).body.utf8))
    }

    /// What it was asked so far, by methods and paths.
    public var requests: [(method: String, path: String, query: JSON, body: String)] {
        get async throws {
            (try await log()["requests"]?.array ?? []).map {
                ($0["method"]?.string ?? "", $0["path"]?.string ?? "", $0["query"] ?? [:], $0["body"]?.string ?? "")
            }
        }
    }

    /// Tokens that it would accept.
    public var tokens: [String] { get async throws { try await log()["tokens"]?.array?.compactMap(\.string) ?? [] } }
}
