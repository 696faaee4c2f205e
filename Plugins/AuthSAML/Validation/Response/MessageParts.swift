/// Where in a response its parts are: an assertion, plain or encrypted, and signatures. Anything beside them that could
/// be taken for them is refused, wherever it stands.
struct MessageParts {
    let root: XMLElement
    let assertion: XMLElement?
    let encryptedAssertion: XMLElement?
    let responseSignature: XMLElement?
    let assertionSignature: XMLElement?

    /// The parts of a document whose root is a `Response`.
    init(ofResponse tree: XMLTree) throws {
        let survey = try Survey(tree)
        guard let root = tree.root, root.isNamed("Response", in: SAML.protocol) else {
            throw Refusal(.structure, "the document is \((tree.root?.localName).quoted), expected a Response")
        }
        self.root = root
        let assertions = root.children("Assertion", in: SAML.assertion)
        let encrypted = root.children("EncryptedAssertion", in: SAML.assertion)
        guard assertions.count + encrypted.count == 1, survey.assertions == assertions,
            survey.encryptedAssertions == encrypted
        else {
            try Self.checkStatus(root)
            throw Refusal(
                .structure,
                "there are \(survey.assertions.count) assertions and \(survey.encryptedAssertions.count) encrypted ones, "
                    + "expected exactly one of both, as a child of the Response")
        }
        assertion = assertions.first
        encryptedAssertion = encrypted.first
        (responseSignature, assertionSignature) = try Self.signatures(survey, root, assertions.first)
    }

    /// The parts of a document whose root is an `Assertion`.
    init(ofAssertion tree: XMLTree) throws {
        let survey = try Survey(tree)
        guard let root = tree.root, root.isNamed("Assertion", in: SAML.assertion) else {
            throw Refusal(.structure, "the document is \((tree.root?.localName).quoted), expected an Assertion")
        }
        guard survey.assertions == [root], survey.encryptedAssertions.isEmpty else {
            throw Refusal(.structure, "there is an assertion inside of the assertion")
        }
        self.root = root
        assertion = root
        encryptedAssertion = nil
        (responseSignature, assertionSignature) = try Self.signatures(survey, nil, root)
    }

    private static func signatures(
        _ survey: Survey, _ root: XMLElement?, _ assertion: XMLElement?
    ) throws -> (response: XMLElement?, assertion: XMLElement?) {
        let ofRoot = survey.signatures.filter { root != nil && $0.parent == root }
        let ofAssertion = survey.signatures.filter { assertion != nil && $0.parent == assertion }
        guard ofRoot.count <= 1, ofAssertion.count <= 1, ofRoot.count + ofAssertion.count == survey.signatures.count
        else {
            throw Refusal(
                .structure,
                "there are \(survey.signatures.count) signatures, expected at most one that is a child of the Response "
                    + "and one of the Assertion")
        }
        return (ofRoot.first, ofAssertion.first)
    }

    /// Whether the provider says that it has signed somebody in.
    static func checkStatus(_ response: XMLElement) throws {
        guard
            let code = try response.child("Status", in: SAML.protocol, .status)?
                .child("StatusCode", in: SAML.protocol, .status)
        else { throw Refusal(.status, "the Response has no Status with a StatusCode") }
        guard code.attribute("Value") == SAML.success else {
            let nested = try code.child("StatusCode", in: SAML.protocol, .status)?.attribute("Value")
            throw Refusal(
                .status, "the provider answers \(code.attribute("Value").quoted), in particular \(nested.quoted)")
        }
    }
}
