import SAMLValidation
import XOPluginAPI

/// Tries a configuration out, for the administrator: what is known of the provider, step by step until one fails.
struct ConfigurationTrial {
    let settings: Settings
    let provider: KnownProvider

    func run() async -> JSON {
        var steps: [JSON] = []
        func step(_ name: String, _ body: () async throws -> String) async -> Bool {
            let start = ContinuousClock.now
            var entry: JSONObject = ["step": .string(name)]
            do {
                entry["detail"] = .string(try await body())
                entry["ok"] = true
            } catch {
                entry["detail"] = .string("\(error)")
                entry["ok"] = false
            }
            entry["milliseconds"] = JSON((ContinuousClock.now - start) / .milliseconds(1))
            steps.append(.object(entry))
            return entry["ok"] == true
        }
        guard await step("read the provider's metadata", { describe(try await provider.look()) }),
            await step("certificates", { try certificates() }), await step("requests", { try requests() })
        else { return .array(steps) }
        return .array(steps)
    }

    private func describe(_ provider: IdentityProvider) -> String {
        "\(provider.entityID) signs in at \(provider.ssoURL)" + (provider.sloURL.map { " and out at \($0)" } ?? "")
    }

    private func certificates() throws -> String {
        try provider.current().certificates.map {
            "\($0.subject), SHA-256 \($0.fingerprint), valid until \(SAMLTime.text($0.expires))"
        }.joined(separator: "; ")
    }

    private func requests() throws -> String {
        if settings.signingKey != nil { return "are signed" }
        guard try !provider.current().wantsSignedRequests else {
            throw ConfigurationError(description: "the provider wants signed requests, and there are no signRequests")
        }
        return "are not signed, and the provider does not ask for it"
    }
}
