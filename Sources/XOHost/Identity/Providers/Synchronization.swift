import Logging
import XOJSON
import XOProtocol

/// Brings the users of a provider up to date with what it says of them now.
struct Synchronization: Sendable {
    /// People that a provider is asked for at a time.
    private static let batch = 500
    /// A provider that has lost most of its people has more likely lost its mind: so many may be gone without a word.
    private static let inconspicuous = 5

    let services: Services
    let provider: Providers.Provider

    /// What is to be done with a person.
    private enum Step: Sendable {
        case update(Voucher)
        case signOut
    }

    private typealias Plan = [(link: Links.Link, step: Step)]

    /// One change a user, `{"id", "name", "changes": [sentence]}`; nothing is said of users whom nothing changes.
    ///
    /// - Parameters:
    ///   - isDryRun: tell what would be changed, and change nothing.
    ///   - isForced: also if more than half of the people are gone there.
    func run(isDryRun: Bool, isForced: Bool = false) async throws -> JSON {
        let links = try await services.inBackground { [services, provider] in
            try services.links.ofProvider(provider.id)
        }
        let plan = try await plan(for: links)
        // Those who were gone before prove nothing.
        let present = links.count { !$0.isGone }
        let leaving = plan.count { if case .signOut = $0.step { true } else { false } }
        guard isDryRun || isForced || leaving <= max(Self.inconspicuous, present / 2) else {
            throw MethodError.failed(
                "\(provider.id) would keep out \(leaving) of \(present) people, so nothing was changed; if that is "
                    + "right: xo-cli auth.sync provider=\(provider.id) force=true")
        }
        var report: [JSON] = []
        for (link, step) in plan {
            do {
                let entry = try await services.inBackground { [self] in try apply(step, to: link, isDryRun) }
                if let entry { report.append(entry) }
            } catch {
                log(link, "\(error)")
            }
        }
        if !isDryRun, !report.isEmpty {
            services.audit(
                "usersSynchronized", by: nil, address: nil, ["provider": .string(provider.id), "users": .array(report)])
        }
        return .array(report)
    }

    // MARK: Plan

    private func plan(for links: [Links.Link]) async throws -> Plan {
        var plan: Plan = []
        for start in stride(from: 0, to: links.count, by: Self.batch) {
            let some = links[start..<min(start + Self.batch, links.count)]
            let standings: [Providers.Provider.Standing]
            do throws(ProviderRefusal) {
                standings = try await provider.lookUp(some.map { ["subject": .string($0.subject)] })
            } catch {
                throw MethodError.failed("\(provider.id): \(error)")
            }
            for (link, standing) in zip(some, standings) {
                if let step = step(for: link, standing) { plan.append((link, step)) }
            }
        }
        return plan
    }

    /// `nil`: all stays as it is.
    private func step(for link: Links.Link, _ standing: Providers.Provider.Standing) -> Step? {
        switch standing {
        case .gone: return link.isGone ? nil : .signOut
        case .unclear(let reason):
            log(link, reason)
            return nil
        case .present(let voucher):
            do throws(Voucher.Problem) {
                let voucher = try voucher.completed(by: link.voucher)
                if provider.rules.map(voucher).isAllowed { return .update(voucher) }
                return link.isGone ? nil : .signOut
            } catch {
                log(link, error.description)
                return nil
            }
        }
    }

    // MARK: Doing it

    private func apply(_ step: Step, to link: Links.Link, _ isDryRun: Bool) throws -> JSON? {
        // It may have been removed while the provider was asked, and must not come back by this.
        guard try services.links.find(provider: link.provider, subject: link.subject)?.userID == link.userID,
            let user = try services.users.find(id: link.userID)
        else { return nil }
        switch step {
        case .signOut:
            if !isDryRun { try signOut(user, link) }
            return entry(user, ["is gone, disabled or kept out there: sessions and tokens end"])
        case .update(let voucher):
            let mapped = provider.rules.map(voucher)
            let planned = try Admission.plannedChanges(of: user, to: mapped, of: provider.id, services)
            if !isDryRun {
                _ = try Admission(services: services).admit(voucher, by: provider.id, provider.rules)
                try services.renew(userID: user.id)
            }
            if planned.isEmpty { return nil }
            return entry(user, planned)
        }
    }

    /// Ends what came of this provider and, if nobody else vouches for the user, also what is older than the link.
    private func signOut(_ user: User, _ link: Links.Link) throws {
        services.revoke(subject: link.subject, session: nil, of: provider.id)
        let others = try services.links.ofUser(user.id).filter { !$0.isGone && $0.provider != provider.id }
        if others.isEmpty { try services.revokeAll(ofUser: user.id, because: "gone at \(provider.id)") }
        try services.links.setGone(link)
    }

    private func entry(_ user: User, _ changes: [String]) -> JSON {
        ["id": .string(user.id), "name": .string(user.name), "changes": JSON(changes)]
    }

    private func log(_ link: Links.Link, _ reason: String) {
        services.makeLogger("host").warning(
            "one of a provider's people stays as they are",
            metadata: [
                "provider": "\(provider.id)", "subject": "\(link.subject.forLog)", "user": "\(link.userID)",
                "reason": "\(reason)",
            ])
    }
}
