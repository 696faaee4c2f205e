import CXOPlugin
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
    private let library: String
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
        static let notMine = Int32(XO_NOT_FOUND)
        static let denied = Int32(XO_UNAUTHENTICATED)
        static let unavailable = Int32(XO_UNAVAILABLE)
    }

    private init(_ library: String, _ configuration: JSON, secrets: [String]) throws {
        folder = try TemporaryFolder()
        self.library = library
        let host = CheckedHost(
            HostPlan(), number: Self.hosts.add(1, ordering: .relaxed).newValue, name: "provider",
            dataDirectory: folder.path)
        instance = PluginInstance(
            Subject(path: library, configuration: configuration), host, patience: Self.patience)
        host.secrets.withLock { $0 += secrets }
    }

    /// Runs a plugin, and ends it after `body`.
    ///
    /// - Parameter secrets: must not be seen in logs and messages.
    static func run<Result: Sendable>(
        _ library: String, _ configuration: JSON, secrets: [String] = [],
        _ body: (CheckedProvider) async throws -> Result
    ) async throws -> Result {
        let provider = try CheckedProvider(library, configuration, secrets: secrets)
        try await provider.apart { try $0.run() }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(provider)) } catch { result = .failure(error) }
        try await provider.apart { try $0.end() }
        let breaches = provider.instance.host.journal.breaches
        #expect(breaches.isEmpty, "\(breaches.map(\.seen))")
        return try result.get()
    }

    /// Begins to run a plugin, and gives what it says of its configuration.
    static func complaint(of library: String, about configuration: JSON) async throws -> String {
        let provider = try CheckedProvider(library, configuration, secrets: [])
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

    // MARK: Its life

    /// - Throws: what it says if it rejects the configuration.
    func reconfigure(_ configuration: JSON) async throws {
        let whole = Subject(path: library, configuration: configuration).configuration
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

    /// Changes what it has stored, as time would.
    func changeStored(_ key: String, _ change: (inout JSONObject) -> Void) {
        instance.host.store.withLock { store in
            guard let stored = store[key], var value = (try? JSON(parsing: stored.value))?.object else { return }
            change(&value)
            store[key] = Stored(value: JSON.object(value).serialized(), revision: stored.revision)
        }
    }

    // MARK: Questions

    func ask(_ question: AuthQuestion, _ request: JSON) async throws -> Answer {
        try await apart { try Self.answer(to: try #require(try $0.ask(question, request)), $0) }
    }

    func authenticate(_ name: String, _ secret: String) async throws -> Answer {
        try await authenticate(SampleCredentials(name: name, secret: secret))
    }

    func authenticate(_ credentials: SampleCredentials) async throws -> Answer {
        try await apart { try Self.answer(to: try #require(try $0.authenticate(credentials)), $0) }
    }

    /// Does something with the instance itself.
    func withInstance<Result: Sendable>(
        _ body: @escaping @Sendable (PluginInstance) throws -> Result
    ) async throws -> Result { try await apart(body) }

    static func answer(to op: xo_op, _ instance: PluginInstance) throws -> Answer {
        let outcome = try #require(instance.host.operations.outcome(of: op, patience: patience))
        return Answer(
            status: outcome.status, json: outcome.payload.isEmpty ? .null : try JSON(parsing: outcome.payload))
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
