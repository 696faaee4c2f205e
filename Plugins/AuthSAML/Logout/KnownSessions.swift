import SAMLValidation
import XOPluginAPI

/// Sessions at the provider that people have signed in here from, for signing out: what names them there, and whose they
/// are here.
actor KnownSessions {
    struct Session: Sendable {
        let subject: String
        let nameID: NameID
        let sessionIndex: String?
    }

    private let store: Store
    /// When they expire, in milliseconds since 1970, by name.
    private var expiries: [String: Int64] = [:]

    private static let prefix = "session/"
    private static let capacity = 50_000
    /// For which a session is known whose end the provider has not told: that of the longest token.
    private static let longestLife: Int64 = 184 * 86_400_000

    init(store: Store) { self.store = store }

    /// Reads what an earlier run has remembered.
    func load() async throws {
        expiries = Dictionary(
            try await store.list(prefix: Self.prefix).map { key, value in
                (String(key.dropFirst(Self.prefix.count)), value["expires"]?.integer ?? 0)
            }, uniquingKeysWith: { $1 })
        await forgetExpired()
    }

    /// Remembers a session and returns its name here; `nil` if there are too many already.
    func add(_ session: Session, expires: Int64?) async throws -> String? {
        if expiries.count >= Self.capacity { await forgetExpired() }
        guard expiries.count < Self.capacity else { return nil }
        let name = Self.person(session.nameID) + "." + Self.digest([session.sessionIndex])
        let end = expires ?? Clock.now + Self.longestLife
        var value: JSONObject = [
            "subject": .string(session.subject), "nameId": .string(session.nameID.value), "expires": JSON(end),
        ]
        value["format"] = session.nameID.format.map(JSON.string)
        value["nameQualifier"] = session.nameID.nameQualifier.map(JSON.string)
        value["spNameQualifier"] = session.nameID.spNameQualifier.map(JSON.string)
        value["sessionIndex"] = session.sessionIndex.map(JSON.string)
        try await store.put(Self.prefix + name, .object(value))
        expiries[name] = end
        return name
    }

    /// Forgets a session and returns what it was.
    func take(_ name: String) async throws -> Session? {
        guard expiries[name] != nil, let value = try await store.get(Self.prefix + name)?.value else { return nil }
        try await store.remove(Self.prefix + name)
        expiries[name] = nil
        guard let subject = value["subject"]?.string, let nameID = value["nameId"]?.string else { return nil }
        return Session(
            subject: subject,
            nameID: NameID(
                value: nameID, format: value["format"]?.string, nameQualifier: value["nameQualifier"]?.string,
                spNameQualifier: value["spNameQualifier"]?.string),
            sessionIndex: value["sessionIndex"]?.string)
    }

    /// The names of a person's sessions.
    ///
    /// - Parameter indexes: only these; empty: all.
    func names(of nameID: NameID, _ indexes: [String]) -> [String] {
        let person = Self.person(nameID) + "."
        let wanted = Set(indexes.map { person + Self.digest([$0]) })
        return expiries.keys.filter { $0.hasPrefix(person) && (wanted.isEmpty || wanted.contains($0)) }.sorted()
    }

    private func forgetExpired() async {
        let now = Clock.now
        for name in expiries.filter({ $0.value <= now }).map(\.key) {
            expiries[name] = nil
            try? await store.remove(Self.prefix + name)
        }
    }

    /// The format is left out: providers that send it once may leave it out another time.
    private static func person(_ nameID: NameID) -> String {
        digest([nameID.value, nameID.nameQualifier, nameID.spNameQualifier])
    }

    private static func digest(_ parts: [String?]) -> String {
        String(Fingerprint.of(parts.map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined().utf8).prefix(32))
    }
}
