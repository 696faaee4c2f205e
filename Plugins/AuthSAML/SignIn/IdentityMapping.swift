import SAMLValidation
import XOPluginAPI

/// Makes a voucher of what a provider has said.
struct IdentityMapping {
    let configuration: Configuration

    private static let nameID = "nameId"
    private static let longestSubject = 256

    /// - Throws: `Refusal`.
    func voucher(for assertion: ValidatedAssertion) throws -> Voucher {
        var voucher = Voucher(
            subject: Self.qualify(try subject(of: assertion), assertion.issuer),
            name: try required(configuration.nameFrom, "nameFrom", assertion))
        voucher.email = optional(configuration.mailFrom, assertion)
        voucher.isEmailVerified = voucher.email != nil && configuration.mailIsVerified
        voucher.displayName = optional(configuration.displayNameFrom, assertion)
        if let groups = configuration.groupsFrom {
            var seen: Set<String> = []
            // A name that nobody could write into a rule is no reason to keep its members out.
            voucher.groups = assertion.all(groups)
                .filter { (try? Identifier.check($0, "a group")) != nil && seen.insert($0).inserted }
                .map { Voucher.Group(id: $0, name: $0) }
        }
        for name in configuration.attributes { voucher.attributes[name] = assertion.all(name) }
        voucher.expires = assertion.sessionExpires
        return voucher
    }

    /// A subject is worth something only together with who said it: another provider's, configured later under the same
    /// instance, must not meet this one's accounts.
    static func qualify(_ subject: String, _ issuer: String) -> String {
        let plain = "\(issuer)!\(subject)"
        if plain.utf8.count <= longestSubject { return plain }
        return "sha256!" + Fingerprint.of(plain.utf8)
    }

    private func subject(of assertion: ValidatedAssertion) throws -> String {
        let source = configuration.subjectFrom
        if source == nil || source == Self.nameID {
            let format = assertion.nameID?.format
            guard format != SAML.Format.transient else {
                throw Refusal(.identity, "the NameID is transient: it names a visit, not a person; set subjectFrom")
            }
            guard source != nil || format == SAML.Format.persistent else {
                throw Refusal(
                    .identity,
                    "the NameID is of the format \(format.quoted), expected persistent; set subjectFrom to say what "
                        + "tells people apart")
            }
        }
        return try required(source ?? Self.nameID, "subjectFrom", assertion)
    }

    private func required(_ source: String, _ member: String, _ assertion: ValidatedAssertion) throws -> String {
        guard let value = try value(source, assertion) else {
            let names = assertion.attributes.prefix(30).map(\.name.quoted).joined(separator: ", ")
            throw Refusal(.identity, "there is no \(source.quoted), which \(member) names; there are \(names)")
        }
        return try Identifier.check(value, source.quoted)
    }

    /// Several values are none: these do not say who it is, and are no reason to keep anybody out.
    private func optional(_ source: String?, _ assertion: ValidatedAssertion) -> String? {
        guard let source, let value = try? value(source, assertion), !value.isEmpty else { return nil }
        return try? Identifier.check(value, source.quoted)
    }

    private func value(_ source: String, _ assertion: ValidatedAssertion) throws -> String? {
        source == Self.nameID ? assertion.nameID?.value : try assertion.single(source)
    }
}
