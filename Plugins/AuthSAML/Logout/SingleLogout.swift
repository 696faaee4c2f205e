import SAMLValidation
import XOPluginAPI

/// Signing out here and at the provider together (SAML Profiles, §4.4).
struct SingleLogout: Sendable {
    let settings: Settings
    let provider: KnownProvider
    let sessions: KnownSessions
    let replays: ReplayCache
    let host: Host

    /// Where a browser is sent to sign out at the provider, too; `nil`: nowhere.
    func begin(_ place: AuthPlace, session name: String) async throws -> String? {
        guard let session = try await sessions.take(name), let destination = try provider.current().sloURL else {
            return nil
        }
        let addresses = ServiceAddresses(place, settings.configuration)
        let request = LogoutRequest(
            id: MessageID.make(), issued: Clock.now, destination: destination, issuer: addresses.entityID,
            nameID: session.nameID, sessionIndex: session.sessionIndex)
        return try RedirectBinding.address(
            destination, .request, request.xml, relayState: nil, key: settings.signingKey)
    }

    /// A browser comes from the provider: with its request to sign out here, or with its answer to ours.
    func answer(_ visit: AuthVisit) async throws -> AuthPage {
        let home = AuthPage.redirect(to: visit.place.base + "/")
        // We have signed out before we asked; whatever the answer says, there is nothing left to do.
        guard visit.parameters["SAMLRequest"] != nil else { return home }
        let provider = try provider.current()
        let addresses = ServiceAddresses(visit.place, settings.configuration)
        let received = try RedirectBinding.receive(
            .request, query: visit.query, certificates: provider.certificates, limit: settings.policy.maximumSize)
        let request = try ReceivedLogoutRequest(
            received.xml, destination: addresses.logout, issuer: provider.entityID, now: Clock.now,
            clockSkew: settings.policy.clockSkew, limit: settings.policy.maximumSize)
        try await replays.use(request.id, of: provider.entityID, until: request.usableUntil, now: Clock.now)
        for name in await sessions.names(of: request.nameID, request.sessionIndexes) {
            guard let session = try await sessions.take(name) else { continue }
            try host.auth.revoke(subject: session.subject, session: name)
        }
        guard let destination = provider.sloResponseURL ?? provider.sloURL else { return home }
        let response = LogoutResponse(
            id: MessageID.make(), issued: Clock.now, destination: destination, issuer: addresses.entityID,
            inResponseTo: request.id)
        return .redirect(
            to: try RedirectBinding.address(
                destination, .response, response.xml, relayState: received.relayState, key: settings.signingKey))
    }
}
