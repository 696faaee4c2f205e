import Foundation
import Synchronization
import TestSupport
import Testing
import XOJSON

@testable import xo_plugin

/// The plugin under the host of the conformance suite, which watches it: what it does against the contract of the header
/// fails the test.
final class CheckedProvider: @unchecked Sendable {
    // Unchecked: steps of its life come one after the other from one test.
    private let instance: PluginInstance
    private let folder: TemporaryFolder
    private static let hosts = Atomic<Int>(0)
    /// Nanoseconds that a question may take: longer than the plugin's own limits.
    private static let patience: Int64 = 60_000_000_000

    /// How a question ended.
    struct Answer: Sendable {
        let status: Int32
        let json: JSON

        var isVoucher: Bool { status >= 0 }
        /// Of a refusal.
        var message: String { json["message"]?.string ?? "" }
        static let denied: Int32 = -5
        static let unavailable: Int32 = -6
    }

    private init(_ configuration: JSON) throws {
        folder = try TemporaryFolder()
        let host = CheckedHost(
            HostPlan(), number: Self.hosts.add(1, ordering: .relaxed).newValue, name: "github",
            dataDirectory: folder.path)
        instance = PluginInstance(
            Subject(path: try BuildProducts.plugin("AuthGitHub"), configuration: configuration), host,
            patience: Self.patience)
        host.secrets.withLock { $0.append(GitHub.clientSecret) }
    }

    /// Runs the plugin for a GitHub, and ends it after `body`.
    ///
    /// - Parameter settings: beside the app's id and secret, and the address.
    static func run(
        _ github: GitHub, _ settings: JSONObject, _ body: (CheckedProvider) async throws -> Void
    ) async throws {
        let provider = try CheckedProvider(configuration(github.url, settings))
        try await provider.apart { try $0.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(provider)) } catch { result = .failure(error) }
        try await provider.apart { try $0.end() }
        try result.get()
        let breaches = provider.instance.host.journal.breaches
        #expect(breaches.isEmpty, "\(breaches.map(\.seen))")
    }

    /// Begins to run it and gives what it says of its configuration.
    static func complaint(about configuration: JSON) async throws -> String {
        let provider = try CheckedProvider(configuration)
        return try await provider.apart { instance in
            defer { try? instance.end() }
            do {
                try instance.run()
                return ""
            } catch let breach as Breach {
                return breach.seen
            }
        }
    }

    /// Comes back with a code from a GitHub that may not be there.
    static func finishing(at url: String) async throws -> Answer {
        let provider = try CheckedProvider(configuration(url))
        try await provider.apart { try $0.run() }
        let answer = try await provider.finish(["code": ["c0de"]], memory: try await provider.begin().memory)
        try await provider.apart { try $0.end() }
        return answer
    }

    static func configuration(_ url: String, _ settings: JSONObject = [:]) -> JSON {
        let usual: JSONObject = [
            "clientId": .string(GitHub.clientID), "clientSecret": .string(GitHub.clientSecret), "baseUrl": .string(url),
        ]
        return .object(usual.merging(settings, uniquingKeysWith: { $1 }))
    }

    // MARK: Its life

    func reconfigure(_ github: GitHub, _ settings: JSONObject) async throws {
        let subject = Subject(
            path: try BuildProducts.plugin("AuthGitHub"), configuration: Self.configuration(github.url, settings))
        let whole = subject.configuration
        try await apart { try $0.configure(whole) }
    }

    func restart() async throws {
        try await apart { instance in
            try instance.stop()
            try instance.configure()
            try instance.start()
        }
    }

    var log: [String] { instance.host.log.withLock { $0 } }
    var offer: Offer? { instance.host.offer.withLock { $0 } }
    /// What it has stored, by key.
    var stored: [String: JSON] {
        instance.host.store.withLock { $0.compactMapValues { try? JSON(parsing: $0.value) } }
    }

    /// Makes what is known of somebody an hour older.
    func age(_ subject: String) {
        instance.host.store.withLock { store in
            guard let stored = store["token/\(subject)"], var kept = (try? JSON(parsing: stored.value))?.object else {
                return
            }
            kept["checked"] = JSON((kept["checked"]?.integer ?? 0) - 3_600_000)
            store["token/\(subject)"] = Stored(value: JSON.object(kept).serialized(), revision: stored.revision)
        }
    }

    // MARK: Questions

    func begin(key: String = "0123456789abcdefghijkl") async throws -> (location: String, memory: JSON) {
        let answer = try await ask(.begin, place(["key": .string(key)]))
        return (try #require(answer.json["location"]?.string), answer.json["memory"] ?? .null)
    }

    func finish(_ parameters: [String: [String]], memory: JSON, method: String = "GET") async throws -> Answer {
        let parameters = JSONObject(uniqueKeysWithValues: parameters.map { ($0.key, JSON($0.value)) })
        return try await ask(
            .finish, place(["method": .string(method), "parameters": .object(parameters), "memory": memory]))
    }

    func lookUp(_ people: JSON...) async throws -> Answer { try await ask(.lookup, ["people": .array(people)]) }

    /// All the way: to GitHub, and back.
    func signIn(_ login: String, at github: GitHub, grant: String? = nil) async throws -> Answer {
        let (location, memory) = try await begin()
        return try await finish(try await github.visit(location, as: login, grant: grant), memory: memory)
    }

    private func place(_ more: JSONObject) -> JSON {
        let place: JSONObject = ["base": .string(GitHub.base), "callback": .string(GitHub.callback)]
        return .object(place.merging(more, uniquingKeysWith: { $1 }))
    }

    private func ask(_ question: AuthQuestion, _ request: JSON) async throws -> Answer {
        try await apart { instance in
            let op = try #require(try instance.ask(question, request))
            let outcome = try #require(instance.host.operations.outcome(of: op, patience: Self.patience))
            return Answer(
                status: outcome.status,
                json: outcome.payload.isEmpty ? .null : try JSON(parsing: outcome.payload))
        }
    }

    /// On a thread of its own: waiting for the plugin must not keep its tasks from running, which share this process's.
    private func apart<Result: Sendable>(
        _ body: @escaping @Sendable (PluginInstance) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in
                continuation.resume(with: Swift.Result { try body(instance) })
            }
        }
    }
}
