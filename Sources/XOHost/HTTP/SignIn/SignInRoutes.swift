import FoundationEssentials
import Logging
import XOJSON

/// Signing in with a browser: form, providers, second factor, signing out.
///
/// A browser that comes back from a provider may do so by a form that another site sends, without our cookies. So what
/// it brings is checked without them, kept under a ticket, and only the request after that, a plain link on this site,
/// shows whether it is the browser that was sent away.
struct SignInRoutes: Sendable {
    private static let tokenCookie = "token"
    private static let codeCookie = "signin-otp"
    /// Seconds from begin to end.
    private static let patience: Int64 = 600
    private static let codeTries = 5

    /// What happens when it is known who it is.
    private struct Purpose: Sendable {
        let wanted: String
        let isRemembered: Bool
    }

    /// Somebody was sent to a provider.
    private struct Absence: Sendable {
        let provider: String
        /// The browser's cookie.
        let browser: String
        let purpose: Purpose
        var memory: JSON = .null
    }

    /// Somebody has come back.
    private struct Return: Sendable {
        let found: Identified
        /// `nil` if it was begun elsewhere.
        let browser: String?
        let purpose: Purpose
    }

    /// The first factor was right.
    private struct HalfWay: Sendable {
        let found: Identified
        let purpose: Purpose
        var tries = 0
    }

    private let services: Services
    private let absences = Tickets<Absence>(seconds: patience, perOwner: 500, total: 10_000)
    private let returns = Tickets<Return>(seconds: 120, perOwner: 500, total: 10_000)
    private let halfWay = Tickets<HalfWay>(seconds: patience, perOwner: 500, total: 10_000)

    init(_ services: Services) { self.services = services }

    static func register(in services: Services) throws {
        let routes = SignInRoutes(services)
        func add(
            _ method: String, _ path: String, _ answer: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse
        ) throws {
            _ = try services.routes.add(method: method, path: path, owner: "host", target: .hostTask(answer))
        }
        try add("GET", "/signin") { routes.form($0) }
        try add("POST", "/signin/local") { await routes.local($0) }
        try add("POST", "/signin/dispatch") { await routes.dispatch($0) }
        for method in ["GET", "POST"] {
            try add(method, "/signin/") { await routes.provider($0) }
            try add(method, "/signout") { await routes.signOut($0) }
        }
        try add("GET", "/signin-otp") { routes.codeForm($0) }
        try add("POST", "/signin-otp") { await routes.code($0) }
    }

    // MARK: Form

    private func form(_ request: IncomingRequest) -> OutgoingResponse {
        let wanted = WantedPath.sanitized(request.queryParameter("next"))
        let ways = services.providers.all.filter { $0.offer.redirectKey != nil }.map { provider in
            SignInPage.Way(
                label: provider.offer.label, address: "/signin/\(provider.id)?next=\(PercentEncoding.encode(wanted))")
        }
        let reference = request.queryParameter("failed").flatMap { Reference($0) }
        let problem = reference.map {
            "Sign-in failed. If that should not be, give your administrator this reference: \($0.text)"
        }
        return SignInPage.form(ways: ways, wanted: wanted, problem: problem)
    }

    private func local(_ request: IncomingRequest) async -> OutgoingResponse {
        guard !isForeign(request), let form = request.form else { return failure("a form of another site, or none") }
        func field(_ name: String) -> String? { form.first { $0.name == name }?.value }
        let purpose = Purpose(
            wanted: WantedPath.sanitized(field("next")), isRemembered: field("remember-me") != nil)
        do {
            let found = try await services.signIn.withPassword(
                name: field("username") ?? "", password: field("password") ?? "", code: nil,
                address: request.peerAddress, isLastStep: false)
            return try await firstFactorIsRight(found, purpose, request)
        } catch {
            return failure(describe(error), purpose)
        }
    }

    // MARK: Providers

    /// The form that Xen Orchestra's page sends.
    private func dispatch(_ request: IncomingRequest) async -> OutgoingResponse {
        guard !isForeign(request), let form = request.form,
            let name = form.first(where: { $0.name == "provider" })?.value, let provider = services.providers[name]
        else { return failure("no such provider") }
        return await begin(
            provider, request, Purpose(wanted: "/", isRemembered: form.contains { $0.name == "remember-me" }))
    }

    /// `/signin/PROVIDER` and what is below it.
    private func provider(_ request: IncomingRequest) async -> OutgoingResponse {
        guard let segments = RequestPath(request.path)?.segments, segments.count >= 2,
            let provider = services.providers[segments[1]]
        else { return .notFound }
        guard let base = services.publicURL else {
            return failure("nobody has said under which address people see this host; set host.publicURL")
        }
        let place = ProviderPlace(base: base, provider: provider.id)
        switch segments.dropFirst(2).joined(separator: "/") {
        case "":
            guard request.method == "GET" else { return .methodNotAllowed(["GET"]) }
            return await begin(
                provider, request,
                Purpose(
                    wanted: WantedPath.sanitized(request.queryParameter("next")),
                    isRemembered: request.queryParameter("remember-me") != nil))
        case "callback": return await comeBack(to: provider, at: place, request)
        case "finish": return await finish(request)
        case let path:
            guard let visit = ProviderVisit(request, at: place) else {
                return .text("malformed request\n", status: 400)
            }
            do throws(ProviderRefusal) {
                return try await provider.page(path, visit)
            } catch {
                log.notice(
                    "a provider has no such page",
                    metadata: ["provider": "\(provider.id)", "path": "\(path.forLog)", "reason": "\(error)"])
                return .notFound
            }
        }
    }

    private func begin(
        _ provider: Providers.Provider, _ request: IncomingRequest, _ purpose: Purpose
    ) async -> OutgoingResponse {
        guard provider.offer.redirectKey != nil, let base = services.publicURL else {
            return failure("the provider \(provider.id) sends nobody elsewhere, or host.publicURL is not set", purpose)
        }
        let known = request.cookie(browserCookie(request))
        let browser = known.flatMap { $0.utf8.count == 43 ? $0 : nil } ?? Base64.url(SecretKey.random(count: 32))
        let key = absences.add(
            Absence(provider: provider.id, browser: browser, purpose: purpose), of: AddressBlock.of(request.peerAddress)
        )
        do throws(ProviderRefusal) {
            let (location, memory) = try await provider.begin(
                ProviderPlace(base: base, provider: provider.id), key: key)
            _ = absences.change(key) { absence in
                var absence = absence
                absence.memory = memory
                return absence
            }
            let cookie = SetCookie(
                name: browserCookie(request), value: browser, maximumAge: SignInRoutes.patience,
                isSecure: isSecure(request))
            return OutgoingResponse(
                status: 302,
                headers: [
                    ("location", location), ("set-cookie", cookie.text), ("referrer-policy", "no-referrer"),
                ]
            ).secured()
        } catch {
            _ = absences.take(key)
            return failure("\(provider.id): \(error)", purpose)
        }
    }

    /// What a browser brings from a provider. Its cookies may be missing.
    private func comeBack(
        to provider: Providers.Provider, at place: ProviderPlace, _ request: IncomingRequest
    ) async -> OutgoingResponse {
        guard let parameter = provider.offer.redirectKey, let visit = ProviderVisit(request, at: place) else {
            return failure("\(provider.id): a malformed answer")
        }
        guard services.authenticator.throttle.admits(address: request.peerAddress) else {
            return failure("\(provider.id): too many bad answers from this address")
        }
        let absence = visit.only(parameter).flatMap(absences.take)
        guard absence?.provider == provider.id || absence == nil && provider.offer.takesUnsolicited else {
            return failure("\(provider.id): an answer to no question of ours, or too late")
        }
        do throws(ProviderRefusal) {
            let now = Clock.now
            let voucher = try await provider.finish(visit, memory: absence?.memory ?? .null)
            let found = try await services.signIn.admit(voucher, by: provider, at: now)
            let ticket = returns.add(
                Return(
                    found: found, browser: absence?.browser,
                    purpose: absence?.purpose ?? Purpose(wanted: "/", isRemembered: false)),
                of: AddressBlock.of(request.peerAddress))
            return .redirect(to: "/signin/\(provider.id)/finish?ticket=\(ticket)")
        } catch {
            if !error.isTrouble { services.authenticator.throttle.failed(address: request.peerAddress) }
            services.audit(
                "signInFailed", by: nil, address: request.peerAddress,
                ["provider": .string(provider.id), "reason": .string("\(error)")])
            return failure("\(provider.id): \(error)", absence?.purpose)
        }
    }

    private func finish(_ request: IncomingRequest) async -> OutgoingResponse {
        guard request.method == "GET", let back = request.queryParameter("ticket").flatMap(returns.take) else {
            return failure("no such ticket, or too late")
        }
        if let browser = back.browser {
            guard let cookie = request.cookie(browserCookie(request)),
                TokenSecret.areEqual(TokenSecret.hash(cookie), TokenSecret.hash(browser))
            else { return failure("another browser came back than was sent", back.purpose) }
        }
        do {
            return try await firstFactorIsRight(back.found, back.purpose, request)
        } catch {
            return failure(describe(error), back.purpose)
        }
    }

    // MARK: Second factor

    private func firstFactorIsRight(
        _ found: Identified, _ purpose: Purpose, _ request: IncomingRequest
    ) async throws -> OutgoingResponse {
        guard try await services.inBackground({ try services.secondFactors.isRequired(of: found.user.id) }) else {
            return try await complete(found, purpose, request, leaving: [])
        }
        let key = halfWay.add(HalfWay(found: found, purpose: purpose), of: AddressBlock.of(request.peerAddress))
        let cookie = SetCookie(
            name: SignInRoutes.codeCookie, value: key, path: "/signin-otp", maximumAge: SignInRoutes.patience,
            isSecure: isSecure(request))
        return OutgoingResponse(status: 303, headers: [("location", "/signin-otp"), ("set-cookie", cookie.text)])
            .secured()
    }

    private func codeForm(_ request: IncomingRequest) -> OutgoingResponse {
        guard request.cookie(SignInRoutes.codeCookie) != nil else { return .redirect(to: "/signin") }
        return SignInPage.code(problem: nil)
    }

    private func code(_ request: IncomingRequest) async -> OutgoingResponse {
        guard !isForeign(request), let code = request.form?.first(where: { $0.name == "otp" })?.value,
            let key = request.cookie(SignInRoutes.codeCookie)
        else { return failure("a form of another site, or none") }
        // Counted before it is looked at: tries that come at the same time are tries, too.
        let state = halfWay.change(key) { state in
            var state = state
            state.tries += 1
            return state.tries > SignInRoutes.codeTries ? nil : state
        }
        guard let state, state.tries < SignInRoutes.codeTries else {
            return failure("too many wrong second factors, or too late")
        }
        do {
            try await services.signIn.accept(code, of: state.found.user, address: request.peerAddress)
            guard halfWay.take(key) != nil else { return failure("the second factor was used already") }
            let old = SetCookie.removal(SignInRoutes.codeCookie, path: "/signin-otp", isSecure: isSecure(request))
            return try await complete(state.found, state.purpose, request, leaving: [old])
        } catch SignInError.invalidCode {
            return SignInPage.code(problem: "That code is not right.")
        } catch {
            return failure(describe(error), state.purpose)
        }
    }

    // MARK: In and out

    /// Gives the browser a token of its own.
    private func complete(
        _ found: Identified, _ purpose: Purpose, _ request: IncomingRequest, leaving removed: [SetCookie]
    ) async throws -> OutgoingResponse {
        let agent = request.header("user-agent").map { String($0.prefix(256)) }
        // A `nil` in a conditional expression would be JSON's null.
        var validity: JSON?
        if !purpose.isRemembered { validity = "10 hours" }
        let token = try await services.inBackground { [lifetime = validity] in
            try services.tokens.create(
                userID: found.user.id, description: agent, expiresIn: lifetime, origin: found.origin,
                notAfter: found.expires)
        }
        if services.isRevoked(found) {
            try await services.inBackground { try services.tokens.delete(ids: [token], matching: nil, userID: nil) }
            throw SignInError.invalidCredentials
        }
        services.audit("signedIn", by: found.user, address: request.peerAddress)
        let age = services.configuration.host.tokenValidity.standard / 1000
        let cookie = SetCookie(
            name: SignInRoutes.tokenCookie, value: token, maximumAge: purpose.isRemembered ? age : nil,
            isSecure: isSecure(request))
        let used = SetCookie.removal(browserCookie(request), isSecure: isSecure(request))
        return OutgoingResponse(
            status: 303,
            headers: [("location", purpose.wanted)] + ([cookie, used] + removed).map { ("set-cookie", $0.text) }
        ).secured()
    }

    private func signOut(_ request: IncomingRequest) async -> OutgoingResponse {
        guard !isForeign(request) else { return .redirect(to: "/") }
        let removal = SetCookie.removal(SignInRoutes.tokenCookie, isSecure: isSecure(request))
        var location = "/signin"
        if let token = request.cookie(SignInRoutes.tokenCookie), let found = await revoke(token, request) {
            services.audit("signedOut", by: found.user, address: request.peerAddress)
            if let origin = found.token.origin, let provider = services.providers[origin.provider],
                let base = services.publicURL,
                let there = try? await provider.end(
                    ProviderPlace(base: base, provider: provider.id), subject: origin.subject, name: found.user.name,
                    session: origin.session)
            {
                location = there
            }
        }
        return OutgoingResponse(status: 303, headers: [("location", location), ("set-cookie", removal.text)]).secured()
    }

    /// Ends a token; `nil` if it is none.
    private func revoke(_ token: String, _ request: IncomingRequest) async -> (user: User, token: Token)? {
        do {
            return try await services.inBackground {
                guard let found = try services.tokens.authenticate(token, address: request.peerAddress) else {
                    return nil
                }
                try services.tokens.delete(ids: [token], matching: nil, userID: found.user.id)
                return found
            }
        } catch {
            log.error("a token was not revoked at sign-out", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    // MARK: Rules

    /// Whether another site has the browser send this.
    private func isForeign(_ request: IncomingRequest) -> Bool {
        if let site = request.header("sec-fetch-site") { return site != "same-origin" && site != "none" }
        guard let origin = request.header("origin") else { return false }
        // A proxy may have changed the one, and nobody may have set the other.
        let place = services.publicURL.map { $0.split(separator: "/").prefix(2).joined(separator: "//") }
        return origin != place && origin.split(separator: "/").last.map(String.init) != request.header("host")
    }

    /// Whether cookies shall not be sent over connections that others can read.
    private func isSecure(_ request: IncomingRequest) -> Bool {
        services.publicURL?.hasPrefix("https:") == true || request.isSecure && !request.isLoopback
    }

    /// Tells browsers apart while they sign in. The prefix keeps other hosts of the domain from planting one of theirs.
    private func browserCookie(_ request: IncomingRequest) -> String {
        isSecure(request) ? "__Host-signin" : "signin"
    }

    private var log: Logger { services.makeLogger("host") }

    private func describe(_ error: any Error) -> String {
        (error as? SignInError)?.exactly ?? "\(error)"
    }

    /// Back to the form, which gives a reference and no reason; the log has both.
    private func failure(_ reason: String, _ purpose: Purpose? = nil) -> OutgoingResponse {
        let reference = Reference()
        log.warning("sign-in page: refused", metadata: ["reference": "\(reference.text)", "reason": "\(reason)"])
        let wanted = purpose.map { "&next=\(PercentEncoding.encode($0.wanted))" } ?? ""
        return .redirect(to: "/signin?failed=\(reference.text)\(wanted)")
    }
}

/// What people tell their administrator, who finds the reason in the log.
private struct Reference {
    let text: String

    init() { text = String(GeneratedPassword.make().lowercased().filter { $0.isLetter || $0.isNumber }.prefix(8)) }

    /// `nil` for what cannot be one.
    init?(_ text: String) {
        guard (4...12).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
        else { return nil }
        self.text = text
    }
}
