import FoundationEssentials
import XOJSON
import XOPluginAPI

/// OAuth's web flow as GitHub has it: the browser goes there and comes back with a code, which is exchanged for a token.
///
/// <https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>
struct WebFlow: Sendable {
    let configuration: Configuration
    let client: GitHubClient

    private static let tokenPath = "/login/oauth/access_token"
    private static let longestCode = 512

    /// Where the browser is sent.
    ///
    /// - Parameters:
    ///   - callback: where it is to come back to.
    ///   - key: is to come back with it.
    static func location(_ configuration: Configuration, callback: String, key: String, proof: ProofKey) -> String {
        "\(configuration.baseUrl.web)/login/oauth/authorize?"
            + FormText.encode([
                ("client_id", configuration.clientId), ("redirect_uri", callback),
                ("scope", configuration.scopes.joined(separator: " ")), ("state", key),
                ("code_challenge", proof.challenge), ("code_challenge_method", "S256"),
                ("allow_signup", configuration.allowSignup ? "true" : "false"),
            ])
    }

    /// The code that the browser has brought.
    ///
    /// - Throws: ``AuthRefusal`` if it brings an error, or nothing that can be used.
    static func code(in visit: AuthVisit) throws -> String {
        if let error = visit.parameters["error"]?.first.map(ForeignText.clean) {
            let description = ForeignText.clean(visit.parameters["error_description"]?.first ?? "no description")
            switch error {
            case "access_denied":
                throw AuthRefusal.denied("the person did not let this app in at GitHub (\(description))")
            case "redirect_uri_mismatch":
                throw AuthRefusal.unavailable(
                    "GitHub does not send people to \(visit.place.callback); register that as the app's callback URL "
                        + "(\(description))")
            case "application_suspended":
                throw AuthRefusal.unavailable("GitHub has suspended this app (\(description)); its owner can ask why")
            default:
                throw AuthRefusal.unavailable("GitHub sends people back with the error \(error): \(description)")
            }
        }
        guard visit.method == "GET", let code = visit.only("code"), (1...longestCode).contains(code.utf8.count) else {
            throw AuthRefusal.denied("the browser has come back without a code of GitHub's, or with several")
        }
        return code
    }

    /// - Parameter callback: the same as when the browser was sent away.
    /// - Throws: ``AuthRefusal``, ``GitHubProblem``.
    func exchange(_ code: String, callback: String, verifier: String) async throws -> AccessToken {
        try await token([("code", code), ("redirect_uri", callback), ("code_verifier", verifier)])
    }

    /// Another token for one of a GitHub App that has expired, or is about to.
    func refreshed(_ refreshToken: String) async throws -> AccessToken {
        try await token([("grant_type", "refresh_token"), ("refresh_token", refreshToken)])
    }

    /// Gives a token back.
    ///
    /// - Returns: whether GitHub knew it.
    @discardableResult
    func revoke(_ token: String) async throws -> Bool {
        let path = "/applications/\(FormText.escape(configuration.clientId))/token"
        let answer = try await client.askAsApp(
            .DELETE, path, clientID: configuration.clientId, secret: configuration.clientSecret,
            ["access_token": .string(token)], accepting: [204, 404, 422])
        return answer.status == 204
    }

    private func token(_ fields: [(name: String, value: String)]) async throws -> AccessToken {
        let app = [("client_id", configuration.clientId), ("client_secret", configuration.clientSecret)]
        let answer = try await client.post(Self.tokenPath, form: app + fields)
        guard answer.status == 200 else { throw GitHubProblem(answer, to: Self.tokenPath) }
        let json = try client.json(of: answer, Self.tokenPath)
        // Errors come with the status 200.
        if let error = json["error"]?.string { throw refusal(error, json) }
        guard let token = AccessToken(json, now: WallClock.milliseconds) else {
            throw GitHubProblem.notUnderstood("\(Self.tokenPath) is answered without a token that can be used")
        }
        return token
    }

    private func refusal(_ error: String, _ json: JSON) -> AuthRefusal {
        let description = ForeignText.clean(json["error_description"]?.string ?? "no description")
        switch error {
        case "bad_verification_code":
            return .denied("the code was used before, is too old, or was not asked for here (\(description))")
        case "bad_refresh_token":
            return .denied("the token cannot be renewed any more (\(description))")
        case "unverified_user_email":
            return .denied("the person's e-mail address at GitHub is not verified (\(description))")
        case "incorrect_client_credentials":
            return .unavailable(
                "GitHub does not accept clientId and clientSecret; compare them with the app's (\(description))")
        case "redirect_uri_mismatch":
            return .unavailable("the callback is not the one that is registered for the app (\(description))")
        default:
            return .unavailable("GitHub gives no token: \(ForeignText.clean(error)): \(description)")
        }
    }
}

/// The time of the world.
enum WallClock {
    /// Since 1970.
    static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
