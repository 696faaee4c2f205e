import XOJSON
import XOProtocol

/// Brings the users of a provider up to date with what it says of them now.
struct Synchronization: Sendable {
    /// People that a provider is asked for at a time.
    private static let batch = 500

    let services: Services
    let provider: Providers.Provider

    /// A provider that has lost most of its people has more likely lost its mind: so many may be gone without a word.
    private static let inconspicuous = 5

    /// One change a user, `{"id", "name", "changes": [sentence]}`; nothing is said of users whom nothing changes.
    ///
    /// - Parameters:
    ///   - isDryRun: tell what would be changed, and change nothing.
    ///   - isForced: also if more than half of the people are gone there.
    func run(isDryRun: Bool, isForced: Bool = false) async throws -> JSON {
        guard let rules = provider.rules else { throw MethodError.failed("the provider has no rules") }
        let links = try await services.inBackground { [services, provider] in
            try services.links.ofProvider(provider.id)
        }
        let vouchers = try await lookUp(links)
        let gone = vouchers.count { $0 == nil }
        guard isDryRun || isForced || gone <= max(Self.inconspicuous, links.count / 2) else {
            throw MethodError.failed(
                "\(provider.id) does not know \(gone) of \(links.count) people any more, so nothing was changed; if that "
                    + "is right: xo-cli auth.sync provider=\(provider.id) force=true")
        }
        var report: [JSON] = []
        for (link, voucher) in zip(links, vouchers) {
            let entry = try await services.inBackground { [services, provider] in
                try Synchronization.apply(voucher, to: link, rules, provider, services, isDryRun)
            }
            if let entry { report.append(entry) }
        }
        if !isDryRun, !report.isEmpty {
            services.audit(
                "usersSynchronized", by: nil, address: nil, ["provider": .string(provider.id), "users": .array(report)])
        }
        return .array(report)
    }

    private func lookUp(_ links: [Links.Link]) async throws -> [Voucher?] {
        var vouchers: [Voucher?] = []
        for start in stride(from: 0, to: links.count, by: Self.batch) {
            let some = links[start..<min(start + Self.batch, links.count)]
            do throws(ProviderRefusal) {
                vouchers += try await provider.lookUp(some.map { ["subject": .string($0.subject)] })
            } catch {
                throw MethodError.failed("\(provider.id): \(error)")
            }
        }
        return vouchers
    }

    private static func apply(
        _ voucher: Voucher?, to link: Links.Link, _ rules: IdentityRules, _ provider: Providers.Provider,
        _ services: Services, _ isDryRun: Bool
    ) throws -> JSON? {
        guard let user = try services.users.find(id: link.userID) else { return nil }
        let voucher = try voucher?.completed(by: link.voucher)
        let mapped = voucher.map { rules.map($0) }
        guard let voucher, let mapped, mapped.isAllowed else {
            if !isDryRun { services.revoke(subject: link.subject, session: nil, of: provider.id) }
            return entry(user, ["is gone, disabled or kept out there: sessions and tokens end"])
        }
        let planned = try Admission.plannedChanges(of: user, to: mapped, of: provider.id, services)
        if !isDryRun {
            _ = try Admission(services: services).admit(voucher, by: provider.id, rules)
            try services.renew(userID: user.id)
        }
        guard !planned.isEmpty else { return nil }
        return entry(user, planned)
    }

    private static func entry(_ user: User, _ changes: [String]) -> JSON {
        ["id": .string(user.id), "name": .string(user.name), "changes": JSON(changes)]
    }
}
