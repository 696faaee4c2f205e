import Foundation

/// A response in the making. As it stands it is a good one; each test changes what it is about.
///
/// All texts are in canonical form, so that what is made of them can be signed as text.
struct Draft: Sendable {
    var responseID = "_r" + UUID().uuidString
    var assertionID = "_a" + UUID().uuidString
    var request: String

    var responseVersion = "2.0"
    var destination: String? = Names.callback
    var responseRequest: String?
    var issued = Draft.time(0)
    var responseIssuer = "<saml:Issuer xmlns:saml=\"\(Names.assertion)\">\(Names.provider)</saml:Issuer>"
    var status = "<samlp:Status><samlp:StatusCode Value=\"\(Names.success)\"></samlp:StatusCode></samlp:Status>"
    var extensions = ""

    var assertionVersion = "2.0"
    var issuer = "<saml:Issuer>\(Names.provider)</saml:Issuer>"
    var nameID = "<saml:NameID Format=\"\(Names.persistent)\">alice</saml:NameID>"
    var confirmation: String
    var conditions = Draft.conditions()
    var statement = Draft.statement()
    var attributes = Draft.attributes()
    /// Attributes of the assertion's element beside the usual, in canonical order before them.
    var namespaces = ""

    /// Signs the assertion; `nil`: nobody does.
    var assertionSigning: Signing? = Signing()
    var responseSigning: Signing?
    /// Changes the finished assertion before it is put into the response: where attacks begin.
    var changeAssertion: @Sendable (String) throws -> String = { $0 }

    /// An answer to a request.
    init(_ request: String) {
        self.request = request
        responseRequest = request
        confirmation = Draft.confirmation(request)
    }

    // MARK: Parts

    /// An instant as messages have it, in seconds from now.
    static func time(_ seconds: TimeInterval) -> String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: seconds))
    }

    static func confirmation(
        _ request: String?, method: String = Names.bearer, recipient: String? = Names.callback,
        end: String? = time(300), more: String = ""
    ) -> String {
        let attributes =
            (request.map { " InResponseTo=\"\($0)\"" } ?? "") + more
            + (end.map { " NotOnOrAfter=\"\($0)\"" } ?? "") + (recipient.map { " Recipient=\"\($0)\"" } ?? "")
        return "<saml:SubjectConfirmation Method=\"\(method)\"><saml:SubjectConfirmationData\(attributes)>"
            + "</saml:SubjectConfirmationData></saml:SubjectConfirmation>"
    }

    static func conditions(
        start: String? = time(-60), end: String? = time(300), audiences: [String] = [Names.service], more: String = ""
    ) -> String {
        let attributes = (start.map { " NotBefore=\"\($0)\"" } ?? "") + (end.map { " NotOnOrAfter=\"\($0)\"" } ?? "")
        return "<saml:Conditions\(attributes)>\(restriction(audiences))\(more)</saml:Conditions>"
    }

    static func restriction(_ audiences: [String]) -> String {
        let list = audiences.map { "<saml:Audience>\($0)</saml:Audience>" }.joined()
        return list.isEmpty ? "" : "<saml:AudienceRestriction>\(list)</saml:AudienceRestriction>"
    }

    static func statement(at instant: String = time(-30), more: String = " SessionIndex=\"session-1\"") -> String {
        "<saml:AuthnStatement AuthnInstant=\"\(instant)\"\(more)><saml:AuthnContext><saml:AuthnContextClassRef>"
            + "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            + "</saml:AuthnStatement>"
    }

    static func attributes(_ more: String = "") -> String {
        "<saml:AttributeStatement>" + attribute("uid", ["alice"]) + attribute("mail", ["alice@example.test"])
            + attribute("groups", ["staff", "operators"]) + more + "</saml:AttributeStatement>"
    }

    static func attribute(_ name: String, _ values: [String]) -> String {
        "<saml:Attribute Name=\"\(name)\">"
            + values.map { "<saml:AttributeValue>\($0)</saml:AttributeValue>" }.joined() + "</saml:Attribute>"
    }

    // MARK: The whole

    var subject: String { "<saml:Subject>\(nameID)\(confirmation)</saml:Subject>" }

    /// The assertion with another text in the place of its signature.
    func assertion(signature: String = "") -> String {
        "<saml:Assertion\(namespaces) xmlns:saml=\"\(Names.assertion)\" ID=\"\(assertionID)\" IssueInstant=\"\(issued)\" "
            + "Version=\"\(assertionVersion)\">\(issuer)\(signature)\(subject)\(conditions)\(statement)\(attributes)"
            + "</saml:Assertion>"
    }

    func signedAssertion() throws -> String {
        guard let assertionSigning else { return assertion() }
        return assertion(signature: try assertionSigning.signature(of: assertion(), id: assertionID))
    }

    /// A response around whatever it is given.
    func response(_ content: String, signature: String = "") -> String {
        "<samlp:Response xmlns:samlp=\"\(Names.protocol)\"" + (destination.map { " Destination=\"\($0)\"" } ?? "")
            + " ID=\"\(responseID)\"" + (responseRequest.map { " InResponseTo=\"\($0)\"" } ?? "")
            + " IssueInstant=\"\(issued)\" Version=\"\(responseVersion)\">\(responseIssuer)\(signature)\(extensions)"
            + "\(status)\(content)</samlp:Response>"
    }

    func signedResponse(_ content: String) throws -> String {
        guard let responseSigning else { return response(content) }
        return response(
            content, signature: try responseSigning.signature(of: response(content), id: responseID))
    }

    func xml() throws -> String { try signedResponse(changeAssertion(signedAssertion())) }
}

extension Draft {
    /// Seconds since 1970.
    static func instant(_ text: String) -> TimeInterval? {
        ISO8601DateFormatter().date(from: text)?.timeIntervalSince1970
    }
}
