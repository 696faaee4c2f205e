import XOPluginAPI

/// Tries out, step by step, whether people could sign in; changes nothing.
enum ConfigurationTest {
    /// None.
    struct Parameters: Decodable, Sendable {}

    /// What went well.
    struct Step: Encodable, Sendable {
        let step: String
        let address: String
        let milliseconds: Int64
    }

    /// Nobody has it, so that it makes nothing and is to be refused.
    private static let nonsense = "xo-host-test"

    /// - Throws: a `MethodError` that says at which step it failed, and why.
    static func run(_ provider: Provider) async throws -> [Step] {
        let configuration = provider.configuration
        let flow = provider.flow(configuration, deadline: .now + .seconds(configuration.signInTimeout))
        let pages = try await step("clientId and clientSecret at the pages' side", configuration.baseUrl.web) {
            do {
                _ = try await flow.exchange(nonsense, callback: "", verifier: nonsense)
            } catch AuthRefusal.denied {
                // The app is known, only the code is not.
            }
        }
        let api = try await step("clientId and clientSecret at the API", configuration.baseUrl.api) {
            do {
                try await flow.revoke(nonsense)
            } catch GitHubProblem.tokenRevoked {
                throw AuthRefusal.unavailable("GitHub's API does not accept clientId and clientSecret")
            }
        }
        return [pages, api]
    }

    private static func step(
        _ name: String, _ address: String, _ body: () async throws -> Void
    ) async throws -> Step {
        let begin = ContinuousClock.now
        do {
            try await body()
        } catch {
            let reason =
                switch (error as? GitHubProblem)?.refusal ?? error as? AuthRefusal {
                case .denied(let text), .unavailable(let text): text
                default: "\(error)"
                }
            throw MethodError.failed("step '\(name)' (\(address)): \(reason)")
        }
        return Step(
            step: name, address: address, milliseconds: Int64((ContinuousClock.now - begin) / .milliseconds(1)))
    }
}
