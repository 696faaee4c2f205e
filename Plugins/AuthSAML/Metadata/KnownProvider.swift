import FoundationEssentials
import SAMLValidation
import Synchronization
import XOPluginAPI

/// What is known of the identity provider now. Kept up to date in the background; while its source is out of reach, the
/// last good copy serves.
final class KnownProvider: Sendable {
    private let source: ProviderSource
    private let acceptsNewCertificates: Bool
    private let host: Host
    private let known: Mutex<IdentityProvider?>
    private let refreshing = Mutex<Task<Void, Never>?>(nil)

    /// The last good copy, in the store.
    private static let key = "provider"

    private static let betweenFetches = Duration.seconds(86_400)
    private static let betweenLooks = Duration.seconds(60)
    private static let afterFailure = Duration.seconds(300)
    private static let warnBefore: Int64 = 30 * 86_400_000

    init(_ source: ProviderSource, acceptsNewCertificates: Bool, host: Host) {
        self.source = source
        self.acceptsNewCertificates = acceptsNewCertificates
        self.host = host
        known = Mutex(source.fixed)
    }

    /// - Throws: `AuthRefusal.unavailable` while nothing valid is known.
    func current() throws -> IdentityProvider {
        guard let provider = known.withLock({ $0 }) else {
            throw AuthRefusal.unavailable("the identity provider's metadata has not been read yet; the log says why")
        }
        if let end = provider.validUntil, end <= Clock.now {
            throw AuthRefusal.unavailable("the identity provider's metadata is not valid any more since its validUntil")
        }
        return provider
    }

    /// Reads the source now, whatever is known already; changes nothing.
    ///
    /// - Throws: what is wrong, in words.
    func look() async throws -> IdentityProvider {
        switch source {
        case .fixed(let provider): provider
        case .file(let path, let reader): try Self.read(path, reader)
        case .url(let fetch, let reader): try reader.read(try await fetch(), now: Clock.now)
        }
    }

    // MARK: Keeping it up to date

    func start() async {
        if case .url(let fetch, _) = source, let copy = try? await host.store.get(Self.key)?.value {
            let provider = try? StoredProvider.read(copy, from: fetch.url)
            known.withLock { $0 = provider }
        }
        if case .fixed(let provider) = source { warnOfExpiry(provider) }
        if case .file = source { _ = await refresh() }
        let task = Task { [self] in
            while !Task.isCancelled, let pause = await refresh() {
                // Ends early when the task is cancelled, which is then seen above.
                try? await Task.sleep(for: pause)
            }
        }
        refreshing.withLock { $0 = task }
    }

    func stop() async {
        let task = refreshing.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await task?.value
    }

    /// Looks at the source. Returns when to look again; `nil`: never.
    private func refresh() async -> Duration? {
        do {
            switch source {
            case .fixed: return nil
            case .file(let path, let reader):
                adopt(try Self.read(path, reader))
                return Self.betweenLooks
            case .url(let fetch, let reader):
                let provider = try reader.read(try await fetch(), now: Clock.now)
                guard isTrusted(provider, isSigned: reader.demandsSignature) else { return Self.betweenFetches }
                adopt(provider)
                try await host.store.put(Self.key, StoredProvider.write(provider, from: fetch.url))
                return Self.betweenFetches
            }
        } catch is CancellationError {
            return nil
        } catch {
            let hasCopy = known.withLock { $0 != nil }
            host.log.warning(
                "The identity provider's metadata cannot be read\(hasCopy ? "; the last good copy is used" : "").",
                ["error": .string("\(error)")])
            return Self.afterFailure
        }
    }

    private static func read(_ path: String, _ reader: MetadataReader) throws -> IdentityProvider {
        let document: Data
        do { document = try Data(contentsOf: URL(filePath: path)) } catch {
            throw ConfigurationError(description: "idp.metadataFile \(path.quoted) cannot be read: \(error)")
        }
        return try reader.read(Array(document), now: Clock.now)
    }

    private func adopt(_ provider: IdentityProvider) {
        let old = known.withLock { known in
            defer { known = provider }
            return known
        }
        let names = Set(provider.certificates.map(\.fingerprint))
        guard Set(old?.certificates.map(\.fingerprint) ?? []) != names || old?.ssoURL != provider.ssoURL else { return }
        host.log.info(
            "The identity provider's metadata is in use.",
            [
                "entityId": .string(provider.entityID), "ssoUrl": .string(provider.ssoURL),
                "certificates": JSON(provider.certificates.map(\.fingerprint)),
            ])
        warnOfExpiry(provider)
    }

    /// Whoever can change unsigned metadata can sign in as anybody, so its new certificates are shown before they count.
    private func isTrusted(_ provider: IdentityProvider, isSigned: Bool) -> Bool {
        guard let old = known.withLock({ $0 }), !isSigned, !acceptsNewCertificates else { return true }
        let known = Set(old.certificates.map(\.fingerprint))
        let new = provider.certificates.map(\.fingerprint)
        guard !known.isSuperset(of: new) || old.entityID != provider.entityID else { return true }
        host.log.warning(
            "The identity provider's metadata, which is not signed, has new certificates: the old copy stays in use. "
                + "Compare the fingerprints with the provider's, then set idp.acceptNewCertificates.",
            [
                "entityId": .string(provider.entityID), "known": JSON(known.sorted()),
                "new": JSON(new.filter { !known.contains($0) }),
            ])
        return false
    }

    private func warnOfExpiry(_ provider: IdentityProvider) {
        for certificate in provider.certificates where certificate.expires < Clock.now + Self.warnBefore {
            host.log.warning(
                "A certificate of the identity provider expires soon or has expired. It still counts, as it is pinned.",
                [
                    "subject": .string(certificate.subject), "fingerprint": .string(certificate.fingerprint),
                    "expires": .string(SAMLTime.text(certificate.expires)),
                ])
        }
    }
}

/// The time of day.
enum Clock {
    /// Milliseconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}

/// A provider as JSON.
private enum StoredProvider {
    static func write(_ provider: IdentityProvider, from url: String) -> JSON {
        var members: JSONObject = [
            "source": .string(url), "entityId": .string(provider.entityID), "ssoUrl": .string(provider.ssoURL),
            "certificates": JSON(provider.certificates.map { Data($0.der).base64EncodedString() }),
            "wantsSignedRequests": .bool(provider.wantsSignedRequests),
        ]
        members["sloUrl"] = provider.sloURL.map(JSON.string)
        members["sloResponseUrl"] = provider.sloResponseURL.map(JSON.string)
        members["validUntil"] = provider.validUntil.map { JSON($0) }
        return .object(members)
    }

    /// `nil` if it is of another address.
    static func read(_ json: JSON, from url: String) throws -> IdentityProvider? {
        guard json["source"]?.string == url, let entityID = json["entityId"]?.string,
            let ssoURL = json["ssoUrl"]?.string, let certificates = json["certificates"]?.array
        else { return nil }
        var provider = IdentityProvider(
            entityID: entityID, ssoURL: ssoURL, sloURL: json["sloUrl"]?.string,
            certificates: try certificates.compactMap(\.string).map { try TrustedCertificate($0) })
        provider.sloResponseURL = json["sloResponseUrl"]?.string
        provider.wantsSignedRequests = json["wantsSignedRequests"]?.bool == true
        provider.validUntil = json["validUntil"]?.integer
        return provider
    }
}
