import TestSupport
import Testing
import XOJSON

@testable import xo_plugin

/// AuthGitHub, and the questions that it is asked.
extension CheckedProvider {
    /// Runs it for a GitHub.
    ///
    /// - Parameter settings: beside the app's id and secret, and the address.
    static func run(
        _ github: GitHub, _ settings: JSONObject, _ body: (CheckedProvider) async throws -> Void
    ) async throws {
        try await run(
            BuildProducts.plugin("AuthGitHub"), configuration(github.url, settings), secrets: [GitHub.clientSecret],
            body)
    }

    static func complaint(about configuration: JSON) async throws -> String {
        try await complaint(of: BuildProducts.plugin("AuthGitHub"), about: configuration)
    }

    /// Comes back with a code from a GitHub that may not be there.
    static func finishing(at url: String) async throws -> Answer {
        try await run(BuildProducts.plugin("AuthGitHub"), configuration(url)) { provider async throws in
            try await provider.finish(["code": ["c0de"]], memory: try await provider.begin().memory)
        }
    }

    static func configuration(_ url: String, _ settings: JSONObject = [:]) -> JSON {
        let usual: JSONObject = [
            "clientId": .string(GitHub.clientID), "clientSecret": .string(GitHub.clientSecret), "baseUrl": .string(url),
        ]
        return .object(usual.merging(settings, uniquingKeysWith: { $1 }))
    }

    func reconfigure(_ github: GitHub, _ settings: JSONObject) async throws {
        try await reconfigure(Self.configuration(github.url, settings))
    }

    /// Makes what is known of somebody an hour older.
    func age(_ subject: String) {
        changeStored("token/\(subject)") { $0["checked"] = JSON(($0["checked"]?.integer ?? 0) - 3_600_000) }
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
}
