/// Whether a signed assertion is for us, now, and about whom.
struct AssertionChecks {
    let policy: ValidationPolicy
    let expected: Expectations

    private var times: TimeChecks { TimeChecks(now: expected.now, skew: policy.clockSkew) }

    /// - Throws: ``Refusal``.
    func check(_ assertion: XMLElement) throws -> ValidatedAssertion {
        guard assertion.attribute("Version") == "2.0" else {
            throw Refusal(.version, "the Assertion's Version is \(assertion.attribute("Version").quoted), expected 2.0")
        }
        guard let id = assertion.attribute("ID"), !id.isEmpty else {
            throw Refusal(.identifier, "the Assertion has no ID")
        }
        try times.checkNotFuture(times.required("IssueInstant", of: assertion), "the Assertion's IssueInstant")
        guard let issuer = try assertion.child("Issuer", in: SAML.assertion, .issuer) else {
            throw Refusal(.issuer, "the Assertion has no Issuer")
        }
        try checkIssuer(issuer, expected)
        let (nameID, confirmed) = try checkSubject(assertion)
        let valid = try checkConditions(assertion)
        let session = try checkAuthentication(assertion)
        return ValidatedAssertion(
            id: id, issuer: expected.issuer, nameID: nameID, attributes: try attributes(of: assertion),
            sessionIndex: session.index, sessionExpires: session.expires,
            usableUntil: min(confirmed, valid ?? confirmed) + policy.clockSkew)
    }

    // MARK: Subject

    private func checkSubject(_ assertion: XMLElement) throws -> (NameID?, until: Int64) {
        guard let subject = try assertion.child("Subject", in: SAML.assertion, .subject) else {
            throw Refusal(.subject, "the Assertion has no Subject")
        }
        guard subject.children("EncryptedID", in: SAML.assertion).isEmpty else {
            throw Refusal(.subject, "the Subject is encrypted by itself, which is not supported")
        }
        let nameID = try subject.child("NameID", in: SAML.assertion, .subject).map(NameID.init)
        return (nameID, try checkConfirmations(subject.children("SubjectConfirmation", in: SAML.assertion)))
    }

    /// One of them has to be good. Returns the latest end of those that are.
    private func checkConfirmations(_ confirmations: [XMLElement]) throws -> Int64 {
        var problem = Refusal(.confirmation, "the Subject has no SubjectConfirmation of the method bearer")
        var ends: [Int64] = []
        for confirmation in confirmations where confirmation.attribute("Method") == SAML.bearer {
            do { ends.append(try checkConfirmation(confirmation)) } catch let refusal as Refusal { problem = refusal }
        }
        guard let last = ends.max() else { throw problem }
        return last
    }

    private func checkConfirmation(_ confirmation: XMLElement) throws -> Int64 {
        guard let data = try confirmation.child("SubjectConfirmationData", in: SAML.assertion, .confirmation) else {
            throw Refusal(.confirmation, "the SubjectConfirmation has no data")
        }
        let recipient = data.attribute("Recipient")
        guard recipient == expected.acsURL else {
            throw Refusal(
                .confirmation, "the Recipient is \(recipient.quoted), expected \(expected.acsURL.quoted)")
        }
        guard data.attribute("NotBefore") == nil else {
            throw Refusal(.confirmation, "the SubjectConfirmationData has a NotBefore, which bearers must not have")
        }
        let end = try times.required("NotOnOrAfter", of: data)
        try times.checkNotOver(end, "the time of the SubjectConfirmation")
        try checkRequest(data, expected, policy, isRequired: !policy.allowsUnsolicited)
        return end
    }

    // MARK: Conditions

    private func checkConditions(_ assertion: XMLElement) throws -> Int64? {
        guard let conditions = try assertion.child("Conditions", in: SAML.assertion, .conditions) else {
            throw Refusal(.conditions, "the Assertion has no Conditions")
        }
        if let start = try times.instant("NotBefore", of: conditions) {
            try times.checkNotFuture(start, "NotBefore of the Conditions")
        }
        let end = try times.instant("NotOnOrAfter", of: conditions)
        if let end { try times.checkNotOver(end, "the time of the Conditions") }
        var isForUs = false
        for condition in conditions.children {
            guard condition.namespace == SAML.assertion else {
                throw Refusal(.conditions, "the condition \(condition.localName.quoted) is not known")
            }
            switch condition.localName {
            case "AudienceRestriction":
                try checkAudience(condition)
                isForUs = true
            // The first is what the replay list makes of every assertion; the second is about passing it on.
            case "OneTimeUse", "ProxyRestriction": break
            default: throw Refusal(.conditions, "the condition \(condition.localName.quoted) is not known")
            }
        }
        guard isForUs else { throw Refusal(.audience, "the Conditions name no audience") }
        return end
    }

    private func checkAudience(_ restriction: XMLElement) throws {
        let audiences = try restriction.children("Audience", in: SAML.assertion).map { try $0.text(.audience) }
        guard audiences.contains(expected.audience) else {
            let found = audiences.prefix(3).map(\.quoted).joined(separator: ", ")
            throw Refusal(.audience, "the audience is \(found), expected \(expected.audience.quoted)")
        }
    }

    // MARK: Authentication

    private func checkAuthentication(_ assertion: XMLElement) throws -> (index: String?, expires: Int64?) {
        let statements = assertion.children("AuthnStatement", in: SAML.assertion)
        guard !statements.isEmpty else { throw Refusal(.authentication, "the Assertion has no AuthnStatement") }
        var ends: [Int64] = []
        for statement in statements {
            let instant = try times.required("AuthnInstant", of: statement)
            try times.checkNotFuture(instant, "the AuthnInstant")
            if let age = policy.maximumAuthenticationAge, instant < expected.now - policy.clockSkew - age {
                throw Refusal(.authentication, "the person signed in longer ago than maxAuthnAge allows")
            }
            if let end = try times.instant("SessionNotOnOrAfter", of: statement) {
                try times.checkNotOver(end, "the session at the provider")
                ends.append(end)
            }
            try checkContext(statement)
        }
        return (statements.lazy.compactMap { $0.attribute("SessionIndex") }.first, ends.min())
    }

    private func checkContext(_ statement: XMLElement) throws {
        guard !policy.contexts.isEmpty else { return }
        let context = try statement.child("AuthnContext", in: SAML.assertion, .authentication)?
            .child("AuthnContextClassRef", in: SAML.assertion, .authentication)?.text(.authentication)
        guard let context, policy.contexts.contains(context) else {
            throw Refusal(
                .authentication, "the AuthnContextClassRef is \(context.quoted), none of requestedAuthnContext")
        }
    }

    // MARK: Attributes

    private func attributes(of assertion: XMLElement) throws -> [ValidatedAssertion.Attribute] {
        try assertion.children("AttributeStatement", in: SAML.assertion)
            .flatMap { $0.children("Attribute", in: SAML.assertion) }
            .map { attribute in
                guard let name = attribute.attribute("Name") else {
                    throw Refusal(.structure, "an Attribute has no Name")
                }
                let values = attribute.children("AttributeValue", in: SAML.assertion).map { try? $0.text() }
                return ValidatedAssertion.Attribute(name: name, values: values)
            }
    }
}
