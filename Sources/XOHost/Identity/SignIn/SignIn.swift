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
                guard let code, !code.isEmpty else { throw SignInError.codeMissing }
                try await check(code, of: found.user, address)
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
        let (user, links) = try await services.inBackground {
            let user = try services.users.find(name: name)
            return (user, try user.map { try services.links.ofUser($0.id) } ?? [])
        }
        // Also for names that are unknown, since it takes its time.
        let local = try await services.withPasswords {
            try services.authenticator.localUser(
                name: name, password: password, address: address, isLinked: !links.isEmpty)
        }
        if let local { return Identified(user: local) }
        let question = Question(typed: name, address: address, expected: user)
        guard user != nil else {
            return try await ask(services.providers.all, question, name, SecretBytes(password))
        }
        guard !links.isEmpty else {
            // Else a local name would answer sooner than an unknown one. What was typed stays here.
            let secret = SecretBytes(Base64.url(SecretKey.random(count: 16)))
            _ = try await ask(services.providers.all, question, Base64.url(SecretKey.random(count: 9)), secret)
            return nil
        }
        let linked = services.providers.all.filter { provider in links.contains { $0.provider == provider.id } }
        guard linked.contains(where: \.offer.takesPasswords) else { throw SignInError.unavailable }
        return try await ask(linked, question, name, SecretBytes(password))
    }

    /// What a provider is asked on behalf of.
    private struct Question {
        let typed: String
        let address: String
        /// Whom they have to vouch for, if it is known.
        let expected: User?
    }

    /// Asks providers, one after the other, none too often for the same name.
    private func ask(
        _ providers: [Providers.Provider], _ question: Question, _ name: String, _ secret: SecretBytes
    ) async throws -> Identified? {
        let isKnown = services.authenticator.throttle.knows(name: question.typed, address: question.address)
        var failed: [AccountTries.Account] = []
        let found = try await firstAnswer(of: providers.filter(\.offer.takesPasswords), about: name) { provider in
            let account = AccountTries.Account(provider: provider.id, name: question.typed)
            guard await services.signInTurns.begin(account.key) else {
                throw ProviderRefusal.trouble("too many sign-ins with the same name are under way")
            }
            defer { services.signInTurns.end(account.key) }
            let limit = provider.rules.accountTries
            guard services.accountTries.admits(account, limit, isKnown: isKnown) else {
                log.warning(
                    "a provider is not asked: too many wrong passwords for this name, which might lock the account",
                    metadata: ["provider": "\(provider.id)", "name": "\(question.typed.forLog)"])
                throw SignInError.tooFast
            }
            do throws(ProviderRefusal) {
                return try await provider.authenticate(
                    XO_CREDENTIALS_PASSWORD, name: name, secret: secret, address: question.address)
            } catch {
                if !error.isTrouble {
                    services.accountTries.failed(account, limit)
                    failed.append(account)
                }
                throw error
            }
        } accept: { found in
            // Who types one person's name must not come in as another, which an alias at the provider could do.
            question.expected == nil || found.user.id == question.expected?.id
        }
        if found != nil {
            for account in failed { services.accountTries.succeeded(account) }
        }
        return found
    }

    private func firstAnswer(
        of providers: [Providers.Provider], about name: String,
        _ question: (Providers.Provider) async throws -> Voucher, accept: (Identified) -> Bool
    ) async throws -> Identified? {
        var isInTrouble = false
        for provider in providers {
            do {
                let now = Clock.now
                let found = try await admit(try await question(provider), by: provider, at: now)
                guard accept(found) else {
                    log.warning(
                        "a provider vouches for another user than the name is of",
                        metadata: [
                            "provider": "\(provider.id)", "name": "\(name.forLog)", "user": "\(found.user.name)",
                        ])
                    return nil
                }
                return found
            } catch ProviderRefusal.denied(let reason) {
                log.notice(
                    "a provider denies",
                    metadata: [
                        "provider": "\(provider.id)", "name": "\(name.forLog)", "reason": "\(reason)",
                    ])
                return nil
            } catch ProviderRefusal.notMine {
                continue
            } catch ProviderRefusal.trouble(let reason) {
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
    ///
    /// - Parameter code: the second factor. A token of this host needs none, as it was made by somebody who had come in.
    func withToken(_ token: String, code: String?, address: String) async throws -> Identified {
        let now = Clock.now
        let own = try await services.inBackground { try services.tokens.authenticate(token, address: address) }
        if let own {
            return Identified(
                user: own.user, origin: own.token.origin, expires: own.token.expiration, vouchedAt: now)
        }
        // Those are long, and no provider need hear of every mistake.
        let providers = services.providers.all.filter(\.offer.takesTokens)
        guard token.utf8.count <= 4096, !token.utf8.contains(0), !providers.isEmpty else {
            throw SignInError.invalidCredentials
        }
        guard services.authenticator.throttle.admits(address: address) else { throw SignInError.tooFast }
        do {
            let secret = SecretBytes(token)
            let found = try await firstAnswer(of: providers, about: "a token") { provider in
                try await provider.authenticate(XO_CREDENTIALS_TOKEN, name: "", secret: secret, address: address)
            } accept: { _ in
                true
            }
            guard let found else { throw SignInError.invalidCredentials }
            if try await services.inBackground({ try services.secondFactors.isRequired(of: found.user.id) }) {
                guard let code, !code.isEmpty else { throw SignInError.codeMissing }
                try await check(code, of: found.user, address)
            }
            services.audit("signedIn", by: found.user, address: address)
            return found
        } catch let error as SignInError {
            if error.isWrongGuess { services.authenticator.throttle.failed(address: address) }
            noteFailure("a token", address, error)
            throw error
        }
    }

    // MARK: Vouchers

    /// The user for whom a provider vouches.
    ///
    /// - Parameter time: when it was asked, in nanoseconds of ``Clock``.
    func admit(
        _ voucher: Voucher, by provider: Providers.Provider, at time: Int64
    ) async throws(ProviderRefusal) -> Identified {
        do {
            let rules = provider.rules
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
                origin: .init(
                    provider: provider.id, subject: voucher.subject, session: voucher.session,
                    expires: voucher.expires),
                expires: voucher.expires, vouchedAt: time)
        } catch let refusal as Admission.Refusal {
            throw .denied(refusal.description)
        } catch {
            throw .trouble("\(error)")
        }
    }

    // MARK: Second factor

    /// Takes the second factor of somebody whose first one was right.
    func accept(_ code: String, of user: User, address: String) async throws {
        do {
            try await check(code, of: user, address)
        } catch let error as SignInError {
            noteFailure(user.name, address, error)
            throw error
        }
        services.authenticator.succeeded(name: user.name, address: address)
    }

    /// Failures count for the user, by whatever name the first factor was given.
    private func check(_ code: String, of user: User, _ address: String) async throws {
        let turn = "code \(user.id)"
        guard await services.signInTurns.begin(turn) else { throw SignInError.tooFast }
        defer { services.signInTurns.end(turn) }
        guard services.authenticator.throttle.admits(name: user.name, address: address) else {
            throw SignInError.tooFast
        }
        guard try await services.inBackground({ try services.secondFactors.accept(code, of: user.id) }) else {
            services.authenticator.failed(name: user.name, address: address)
            throw SignInError.invalidCode
        }
    }

    // MARK: Notes

    private func noteFailure(_ name: String, _ address: String, _ error: SignInError) {
        // What the throttle holds back was noted when it came.
        if case .tooFast = error { return }
        log.warning(
            "sign-in failed",
            metadata: ["name": "\(name.forLog)", "address": "\(address)", "reason": "\(error.exactly)"])
        guard error.isAudited else { return }
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
