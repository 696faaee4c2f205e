/// Decides whether an answer of an identity provider is believed.
///
/// One parser for checking and reading; after the signatures are verified, only what was signed is read.
public struct ResponseValidator: Sendable {
    private let policy: ValidationPolicy

    /// How old an answer may be, in milliseconds, beside the clock skew.
    private static let maximumAge: Int64 = 600_000

    public init(_ policy: ValidationPolicy) { self.policy = policy }

    /// Checks everything but whether the assertion has been used before.
    ///
    /// - Parameter message: the XML of a `Response`.
    /// - Throws: ``Refusal``.
    public func validate(_ message: [UInt8], _ expected: Expectations) throws -> ValidatedAssertion {
        let verifier = verifier(expected)
        let parts = try MessageParts(ofResponse: XMLTree(parsing: message, limit: policy.maximumSize))
        let signed = try SignedResponse(parts, verifier)
        try require(signed)
        try checkResponse(signed.response, isSigned: signed.isResponseSigned, expected)
        let assertion = try signed.assertion ?? decrypt(signed, verifier, expected)
        return try AssertionChecks(policy: policy, expected: expected).check(assertion)
    }

    private func verifier(_ expected: Expectations) -> SignatureVerifier {
        SignatureVerifier(
            certificates: expected.certificates, allowsSHA1: policy.allowsSHA1, limit: policy.maximumSize)
    }

    // MARK: Signatures

    private func require(_ signed: SignedResponse) throws {
        if policy.requiresEncryption && signed.encrypted == nil {
            throw Refusal(.missingEncryption, "the assertion is not encrypted, and requireEncryption is set")
        }
        if [.response, .both].contains(policy.require) && !signed.isResponseSigned {
            throw Refusal(.missingSignature, "the Response is not signed, and require is '\(policy.require.rawValue)'")
        }
        // That of an encrypted one is not known yet.
        guard signed.encrypted == nil else { return }
        try requireAssertion(isSigned: signed.isAssertionSigned, isCovered: signed.isResponseSigned)
    }

    private func requireAssertion(isSigned: Bool, isCovered: Bool) throws {
        if [.assertion, .both].contains(policy.require) && !isSigned {
            throw Refusal(.missingSignature, "the Assertion is not signed, and require is '\(policy.require.rawValue)'")
        }
        guard isSigned || isCovered else {
            throw Refusal(.missingSignature, "neither the Response nor the Assertion is signed")
        }
    }

    // MARK: Response

    private func checkResponse(_ response: XMLElement, isSigned: Bool, _ expected: Expectations) throws {
        let times = TimeChecks(now: expected.now, skew: policy.clockSkew)
        guard response.attribute("Version") == "2.0" else {
            throw Refusal(.version, "the Response's Version is \(response.attribute("Version").quoted), expected 2.0")
        }
        guard response.attribute("ID") != nil else { throw Refusal(.identifier, "the Response has no ID") }
        let destination = response.attribute("Destination")
        guard destination == expected.acsURL || destination == nil && !isSigned else {
            throw Refusal(
                .destination, "the Destination is \(destination.quoted), expected \(expected.acsURL.quoted)")
        }
        if let issuer = try response.child("Issuer", in: SAML.assertion, .issuer) {
            try checkIssuer(issuer, expected)
        } else if isSigned {
            throw Refusal(.issuer, "the signed Response has no Issuer")
        }
        try checkRequest(response, expected, policy, isRequired: true)
        let issued = try times.required("IssueInstant", of: response)
        try times.checkNotFuture(issued, "the Response's IssueInstant")
        try times.checkNotOver(issued + Self.maximumAge, "the time of the Response")
        try MessageParts.checkStatus(response)
    }

    // MARK: Encryption

    private func decrypt(
        _ signed: SignedResponse, _ verifier: SignatureVerifier, _ expected: Expectations
    ) throws -> XMLElement {
        guard let encrypted = signed.encrypted else { throw Refusal(.structure, "there is no assertion") }
        let decryptor = AssertionDecryptor(keys: expected.decryptionKeys, limit: policy.maximumSize)
        let tree = try decryptor.decrypt(
            encrypted, allowsCBC: signed.isResponseSigned || policy.allowsUnsignedCBC)
        let parts = try MessageParts(ofAssertion: tree)
        try requireAssertion(isSigned: parts.assertionSignature != nil, isCovered: signed.isResponseSigned)
        guard let signature = parts.assertionSignature else { return parts.root }
        return try signedAssertion(parts.root, signature, verifier)
    }
}

/// A response of which only what was signed is left.
private struct SignedResponse {
    /// The signed view if it is signed.
    let response: XMLElement
    let isResponseSigned: Bool
    /// The signed view, its own or the response's; `nil` if it is encrypted.
    let assertion: XMLElement?
    let isAssertionSigned: Bool
    let encrypted: XMLElement?

    /// Verifies every signature that is there.
    init(_ parts: MessageParts, _ verifier: SignatureVerifier) throws {
        var visible = parts
        if let signature = parts.responseSignature {
            visible = try MessageParts(ofResponse: verifier.signedView(of: parts.root, signature: signature))
        }
        response = visible.root
        isResponseSigned = parts.responseSignature != nil
        isAssertionSigned = parts.assertionSignature != nil
        encrypted = visible.encryptedAssertion
        if let signature = parts.assertionSignature, let original = parts.assertion {
            // In the document as it came: prefixes that only values mention are not in the response's view.
            assertion = try signedAssertion(original, signature, verifier)
            guard visible.assertion?.attribute("ID") == assertion?.attribute("ID") else {
                throw Refusal(.structure, "the two signatures are not over the same assertion")
            }
        } else {
            assertion = visible.assertion
        }
    }
}

/// The signed view of an assertion.
private func signedAssertion(
    _ assertion: XMLElement, _ signature: XMLElement, _ verifier: SignatureVerifier
) throws -> XMLElement {
    let view = try verifier.signedView(of: assertion, signature: signature)
    return try MessageParts(ofAssertion: view).root
}

/// Whether an `Issuer` is the provider that we know.
func checkIssuer(_ issuer: XMLElement, _ expected: Expectations) throws {
    let value = try issuer.text(.issuer)
    guard value == expected.issuer else {
        throw Refusal(.issuer, "the Issuer is \(value.quoted), expected \(expected.issuer.quoted)")
    }
    let format = issuer.attribute("Format")
    guard format == nil || format == SAML.Format.entity else {
        throw Refusal(.issuer, "the Issuer is of the format \(format.quoted)")
    }
}

/// Whether something is an answer to our request.
///
/// - Parameter isRequired: whether it must say so if there was a request.
func checkRequest(
    _ element: XMLElement, _ expected: Expectations, _ policy: ValidationPolicy, isRequired: Bool
) throws {
    let request = element.attribute("InResponseTo")
    if let requestID = expected.requestID {
        guard request == requestID || request == nil && !isRequired else {
            throw Refusal(
                .request, "\(element.localName) is an answer to \(request.quoted), not to the request made here")
        }
    } else {
        guard policy.allowsUnsolicited else {
            throw Refusal(
                .request, "nobody asked here; answers without a request are taken only with allowIdpInitiated")
        }
        guard request == nil else {
            throw Refusal(
                .request, "\(element.localName) is an answer to \(request.quoted), which nobody here has asked")
        }
    }
}
