import CXOPlugin
import XOJSON
import XOProtocol

/// What a provider of identities offers.
struct Offer: Sendable {
    let takesPasswords: Bool
    let takesTokens: Bool
    let redirectKey: String?
    let takesUnsolicited: Bool

    private static let longestLabel = 100

    /// - Throws: what is wrong, as the end of "It offers …".
    init(_ json: JSON) throws(BadArgument) {
        guard json.object != nil else { throw BadArgument("JSON of type \(json.typeName), expected an object") }
        guard let label = json["label"]?.string, (1...Self.longestLabel).contains(label.utf8.count),
            !label.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw BadArgument("no `label` of 1 to \(Self.longestLabel) bytes without control characters") }
        func flag(_ name: String) throws(BadArgument) -> Bool {
            guard let value = json[name] else { return false }
            guard let flag = value.bool else { throw BadArgument("a `\(name)` that is neither true nor false") }
            return flag
        }
        takesPasswords = try flag("password")
        takesTokens = try flag("token")
        takesUnsolicited = try flag("unsolicited")
        redirectKey = json["redirect"]?.string
        guard json["redirect"] == nil || redirectKey.map(Self.isName) == true else {
            throw BadArgument("as `redirect` something else than the name of a parameter")
        }
        guard takesPasswords || takesTokens || redirectKey != nil else {
            throw BadArgument("nothing: no `password`, no `token`, no `redirect`")
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._~".utf8.contains(byte)
            }
    }
}

/// Vouching for people: offers are checked; nobody signs in except for tests.
extension CheckedHost {
    func makeAuth() -> xo_auth_host {
        xo_auth_host(
            struct_size: size(of: xo_auth_host.self), reserved: 0, ctx: Contexts.make(for: self, .auth),
            offer: { context, text in
                CheckedHost.serve(context, .auth, "xo_auth_host.offer") { host in
                    let json = try text.checkedJSON("offer")
                    do {
                        let offer = try Offer(json)
                        host.offer.withLock { $0 = offer }
                        return .ok
                    } catch let problem as BadArgument {
                        host.journal.note(.badOffer, "It offers \(problem.description).")
                        return .invalidArgument
                    }
                }
            },
            revoke: { context, text in
                CheckedHost.serve(context, .auth, "xo_auth_host.revoke") { _ in
                    let json = try text.checkedJSON("which")
                    guard let subject = json["subject"]?.string, Voucher.subjects.contains(subject.utf8.count) else {
                        throw BadArgument("no `subject` of 1 to 256 bytes")
                    }
                    guard json["session"] == nil || json["session"]?.string != nil else {
                        throw BadArgument("a `session` that is no text")
                    }
                    return .ok
                }
            })
    }

    /// Notes a secret that is where it must not be.
    func checkForSecrets(_ text: String, in place: String) {
        guard secrets.withLock({ $0.contains { text.contains($0) } }) else { return }
        journal.note(.secretTold, "A password of the test stands in \(place).")
    }
}

/// What a provider says of a person, checked.
enum Voucher {
    static let subjects = 1...256

    /// What is wrong with it, as the end of "It vouches with …"; `nil`: nothing.
    static func problem(of json: JSON) -> String? {
        guard json.object != nil else { return "JSON of type \(json.typeName), expected an object" }
        guard let subject = json["subject"]?.string, subjects.contains(subject.utf8.count) else {
            return "no `subject` of 1 to 256 bytes"
        }
        guard let name = json["name"]?.string, !name.isEmpty else { return "no `name`" }
        for member in ["email", "displayName", "session"] {
            guard json[member]?.string != nil || json[member] == nil else { return "a `\(member)` that is no text" }
        }
        guard json["emailVerified"]?.bool != nil || json["emailVerified"] == nil else {
            return "an `emailVerified` that is neither true nor false"
        }
        guard json["expires"]?.integer != nil || json["expires"] == nil else { return "an `expires` that is no time" }
        guard let groups = (json["groups"] ?? []).array,
            groups.allSatisfy({ $0["id"]?.string?.isEmpty == false && $0["name"]?.string?.isEmpty == false })
        else { return "`groups` that are no list of `id` and `name`" }
        guard let attributes = (json["attributes"] ?? [:]).object,
            attributes.values.allSatisfy({ $0.array?.allSatisfy { $0.string != nil } == true })
        else { return "`attributes` that are no lists of texts by name" }
        return nil
    }
}
