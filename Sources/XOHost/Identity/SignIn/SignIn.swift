import CXOPlugin
import Logging
import XOJSON

/// Finds out who somebody is: local users by their password or token, others with the help of the providers.
///
/// One who is known by a name here is looked for where that user belongs: a local one by the password, a linked one at
/// the linked provider. Anybody else is asked for at all providers, in the order of `plugins.json`, until one vouches or
/// denies. Whatever goes wrong, clients hear the same.
struct SignIn: Sendable {
    let services: Services

    private var log: Logger { services.makeLogger("host") }

    // MARK: Passwords

    /// - Parameters:
    ///   - code: the second factor, wanted of users who have one.
    ///   - isLastStep: `false`: a second factor is asked for later, by ``accept(_:of:address:)``.
    /// - Throws: ``SignInError``, or whatever is broken.
    func withPassword(
        name: String, password: String, code: String?, address: String, isLastStep: Bool = true
    ) async throws -> Identified {
        do {
            try services.authenticator.admit(name: name, password: password, address: address)
            guard let found = try await find(name, password, address) else { throw SignInError.invalidCredentials }
            if try await services.inBackground({ try services.secondFactors.isRequired(of: found.user.id) }) {
                // Nothing has succeeded before the last step: else each right password would free guesses of the code.
                guard isLastStep else { return found }
                guard let code else { throw SignInError.codeMissing }
                guard try await services.inBackground({ try services.secondFactors.accept(code, of: found.user.id) })
                else { throw SignInError.invalidCode }
            }
            services.authenticator.succeeded(name: name, address: address)
            return found
        } catch let error as SignInError {
            if error.isWrongGuess { services.authenticator.failed(name: name, address: address) }
            noteFailure(name, address, error)
            throw error
        }
    }

    private func find(_ name: String, _ password: String, _ address: String) async throws -> Identified? {
        let (user, hasPassword) = try await services.inBackground {
            let credentials = try services.users.credentials(of: name)
            return (credentials?.user, credentials?.passwordHash != nil)
        }
        // Also for names that are unknown, since it takes its time.
        let local = try await services.withPasswords {
            try services.authenticator.localUser(name: name, password: password, address: address)
        }
        if let local { return Identified(user: local) }
        guard let user else { return try await ask(services.providers.all, name, password, address, as: nil) }
        let links = try await services.inBackground { try services.links.ofUser(user.id) }
        guard !links.isEmpty || !hasPassword else { return nil }
        let linked = services.providers.all.filter { provider in links.contains { $0.provider == provider.id } }
        return try await ask(linked, name, password, address, as: user)
    }

    /// Asks providers, one after the other.
    ///
    /// - Parameter user: whom they have to vouch for, if it is known.
    private func ask(
        _ providers: [Providers.Provider], _ name: String, _ password: String, _ address: String, as user: User?
    ) async throws -> Identified? {
        let secret = SecretBytes(password)
        return try await firstAnswer(of: providers.filter(\.offer.takesPasswords), about: name) {
            (provider) async throws(ProviderRefusal) in
            try await provider.authenticate(XO_CREDENTIALS_PASSWORD, name: name, secret: secret, address: address)
        } accept: { found in
            // Who types one person's name must not come in as another, which an alias at the provider could do.
            user == nil || found.user.id == user?.id
        }
    }

    private func firstAnswer(
        of providers: [Providers.Provider], about name: String,
        _ question: (Providers.Provider) async throws(ProviderRefusal) -> Voucher, accept: (Identified) -> Bool
    ) async throws -> Identified? {
        var isInTrouble = false
        for provider in providers {
            do {
                let found = try await admit(try await question(provider), by: provider)
                guard accept(found) else {
                    log.warning(
                        "a provider vouches for another user than the name is of",
                        metadata: [
                            "provider": "\(provider.id)", "name": "\(name.forLog)", "user": "\(found.user.name)",
                        ])
                    return nil
                }
                return found
            } catch .denied(let reason) {
                log.notice(
                    "a provider denies",
                    metadata: [
                        "provider": "\(provider.id)", "name": "\(name.forLog)", "reason": "\(reason)",
                    ])
                return nil
            } catch .notMine {
                continue
            } catch .trouble(let reason) {
                isInTrouble = true
                log.error(
                    "a provider cannot say who somebody is",
                    metadata: [
                        "provider": "\(provider.id)", "name": "\(name.forLog)", "reason": "\(reason)",
                    ])
            }
        }
        if isInTrouble { throw SignInError.unavailable }
        return nil
    }

    // MARK: Tokens

    /// Signs in with a token of this host or, if it is none, of a provider.
    func withToken(_ token: String, address: String) async throws -> Identified {
        let own = try await services.inBackground { try services.tokens.authenticate(token, address: address) }
        if let own { return Identified(user: own.user, origin: own.token.origin, expires: own.token.expiration) }
        // Those are long, and no provider need hear of every mistake.
        guard token.utf8.count <= 4096, !token.utf8.contains(0),
            services.providers.all.contains(where: \.offer.takesTokens)
        else { throw SignInError.invalidCredentials }
        let secret = SecretBytes(token)
        let providers = services.providers.all.filter(\.offer.takesTokens)
        let found = try await firstAnswer(of: providers, about: "a token") { (provider) async throws(ProviderRefusal) in
            try await provider.authenticate(XO_CREDENTIALS_TOKEN, name: "", secret: secret, address: address)
        } accept: { _ in
            true
        }
        guard let found else { throw SignInError.invalidCredentials }
        return found
    }

    // MARK: Vouchers

    /// The user for whom a provider vouches.
    func admit(_ voucher: Voucher, by provider: Providers.Provider) async throws(ProviderRefusal) -> Identified {
        do {
            guard let rules = provider.rules else { throw Admission.Refusal(description: "it has no rules") }
            let admission = Admission(services: services)
            let outcome = try await services.inBackground {
                let outcome = try admission.admit(voucher, by: provider.id, rules)
                if !outcome.changes.isEmpty { try services.renew(userID: outcome.user.id) }
                return outcome
            }
            if !outcome.changes.isEmpty {
                log.notice(
                    "a provider has changed a user",
                    metadata: [
                        "provider": "\(provider.id)", "changes": "\(outcome.changes.joined(separator: "; "))",
                    ])
                services.audit(
                    "userMapped", by: nil, address: nil,
                    ["provider": .string(provider.id), "changes": JSON(outcome.changes)])
            }
            return Identified(
                user: outcome.user,
                origin: .init(provider: provider.id, subject: voucher.subject, session: voucher.session),
                expires: voucher.expires)
        } catch let refusal as Admission.Refusal {
            throw .denied(refusal.description)
        } catch {
            throw .trouble("\(error)")
        }
    }

    // MARK: Second factor

    /// Takes the second factor of somebody whose first one was right.
    func accept(_ code: String, of user: User, address: String) async throws {
        try services.authenticator.admit(name: user.name, password: code, address: address)
        guard try await services.inBackground({ try services.secondFactors.accept(code, of: user.id) }) else {
            services.authenticator.failed(name: user.name, address: address)
            noteFailure(user.name, address, .invalidCode)
            throw SignInError.invalidCode
        }
        services.authenticator.succeeded(name: user.name, address: address)
    }

    // MARK: Notes

    private func noteFailure(_ name: String, _ address: String, _ error: SignInError) {
        // What the throttle holds back was noted when it came.
        if case .tooFast = error { return }
        log.warning(
            "sign-in failed",
            metadata: ["name": "\(name.forLog)", "address": "\(address)", "reason": "\(error.exactly)"])
        services.audit(
            "signInFailed", by: nil, address: address,
            ["userName": .string(name.forLog), "reason": .string(error.exactly)])
    }
}

extension String {
    /// As it may stand in a log: short, and without characters that do something to it.
    var forLog: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.prefix(64).map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
