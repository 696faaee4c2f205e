import SAMLValidation
import XOPluginAPI

/// Signs people in through an identity provider (SAML Profiles, §4.1: Web Browser SSO).
final class ServiceProvider: AuthProvider {
    private let settings: Settings
    private let provider: KnownProvider
    private let replays: ReplayCache
    private let sessions: KnownSessions
    private let host: Host

    private static let relayState = "RelayState"
    private static let requestMember = "request"

    init(settings: Settings, provider: KnownProvider, replays: ReplayCache, sessions: KnownSessions, host: Host) {
        self.settings = settings
        self.provider = provider
        self.replays = replays
        self.sessions = sessions
        self.host = host
    }

    private var configuration: Configuration { settings.configuration }

    var offer: AuthOffer {
        var offer = AuthOffer(label: configuration.label)
        offer.redirectKey = Self.relayState
        offer.takesUnsolicited = configuration.allowIdpInitiated
        return offer
    }

    // MARK: Signing in

    func begin(_ place: AuthPlace, key: String) async throws -> AuthDestination {
        let provider = try provider.current()
        let addresses = ServiceAddresses(place, configuration)
        if provider.wantsSignedRequests && settings.signingKey == nil {
            throw AuthRefusal.unavailable("\(provider.entityID) wants signed requests, and there are no signRequests")
        }
        let request = AuthnRequest(
            id: MessageID.make(), issued: Clock.now, destination: provider.ssoURL, acsURL: addresses.acs,
            issuer: addresses.entityID, nameIDFormat: configuration.nameIdFormat.uri,
            contexts: configuration.requestedAuthnContext, forcesAuthentication: configuration.forceAuthn)
        let location = try RedirectBinding.address(
            provider.ssoURL, .request, request.xml, relayState: RedirectBinding.encode(key),
            key: settings.signingKey)
        return AuthDestination(location: location, memory: [Self.requestMember: .string(request.id)])
    }

    func finish(_ visit: AuthVisit, memory: JSON?) async throws -> Voucher {
        let provider = try provider.current()
        return try await refusing(provider) {
            let now = Clock.now
            let expectations = Expectations(
                now: now, acsURL: visit.place.callback,
                audience: ServiceAddresses(visit.place, configuration).entityID, issuer: provider.entityID,
                requestID: try requestID(memory), certificates: provider.certificates,
                decryptionKeys: settings.decryptionKeys)
            let assertion = try ResponseValidator(settings.policy).validate(message(of: visit), expectations)
            try await replays.use(assertion.id, of: provider.entityID, until: assertion.usableUntil, now: now)
            var voucher = try IdentityMapping(configuration: configuration).voucher(for: assertion)
            voucher.session = try await remember(assertion, voucher.subject)
            return voucher
        }
    }

    /// The id of the request that this is an answer to; `nil`: nobody asked.
    private func requestID(_ memory: JSON?) throws -> String? {
        guard let memory else { return nil }
        guard let id = memory[Self.requestMember]?.string else {
            throw Refusal(.request, "the host remembers something else than a request")
        }
        return id
    }

    private func message(of visit: AuthVisit) throws -> [UInt8] {
        guard visit.method == "POST" else {
            throw Refusal(.encoding, "the answer came by \(visit.method.quoted), expected POST")
        }
        guard visit.parameters[Self.relayState, default: []].count <= 1 else {
            throw Refusal(.encoding, "there are several RelayState")
        }
        guard let text = visit.only("SAMLResponse") else {
            throw Refusal(
                .encoding, "there are \(visit.parameters["SAMLResponse"]?.count ?? 0) SAMLResponse, expected one")
        }
        // Base64 is four characters for three bytes, and may have line ends.
        guard text.utf8.count <= settings.policy.maximumSize / 3 * 4 + 8192 else {
            throw Refusal(
                .size,
                "the answer has \(text.utf8.count) characters, too many for maxBytes "
                    + "(\(settings.policy.maximumSize))")
        }
        return try Base64.decode(text)
    }

    private func remember(_ assertion: ValidatedAssertion, _ subject: String) async throws -> String? {
        guard configuration.logout == .redirect, let nameID = assertion.nameID else { return nil }
        return try await sessions.add(
            KnownSessions.Session(subject: subject, nameID: nameID, sessionIndex: assertion.sessionIndex),
            expires: assertion.sessionExpires)
    }

    private func refusing<Value>(_ provider: IdentityProvider, _ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let refusal as Refusal {
            throw AuthRefusal.denied("a message of \(provider.entityID) is refused: \(refusal)")
        }
    }

    // MARK: Signing out, and pages

    func end(_ place: AuthPlace, subject: String, name: String, session: String?) async throws -> String? {
        guard configuration.logout == .redirect, let session else { return nil }
        return try await logout.begin(place, session: session)
    }

    func page(_ path: String, _ visit: AuthVisit) async throws -> AuthPage {
        switch path {
        case "metadata":
            let metadata = ServiceMetadata(
                addresses: ServiceAddresses(visit.place, configuration), settings: settings)
            return .content(type: ServiceMetadata.mediaType, body: metadata.xml)
        case "logout" where configuration.logout == .redirect:
            return try await refusing(try provider.current()) { try await logout.answer(visit) }
        default: throw AuthRefusal.notMine
        }
    }

    private var logout: SingleLogout {
        SingleLogout(settings: settings, provider: provider, sessions: sessions, replays: replays, host: host)
    }
}
