import SAMLValidation

/// Asks an identity provider to sign somebody in (SAML Core, §3.4.1).
struct AuthnRequest {
    let id: String
    let issued: Int64
    let destination: String
    let acsURL: String
    let issuer: String
    let nameIDFormat: String?
    let contexts: [String]
    let forcesAuthentication: Bool

    var xml: String {
        let force = forcesAuthentication ? " ForceAuthn=\"true\"" : ""
        return """
            <samlp:AuthnRequest xmlns:samlp="\(SAML.protocol)" xmlns:saml="\(SAML.assertion)" ID="\(id)" Version="2.0" \
            IssueInstant="\(SAMLTime.text(issued))" Destination="\(XMLText.escape(destination))"\(force) \
            ProtocolBinding="\(SAML.postBinding)" AssertionConsumerServiceURL="\(XMLText.escape(acsURL))">\
            <saml:Issuer>\(XMLText.escape(issuer))</saml:Issuer>\
            <samlp:NameIDPolicy\(XMLText.attribute("Format", nameIDFormat)) AllowCreate="true"/>\
            \(requestedContext)</samlp:AuthnRequest>
            """
    }

    private var requestedContext: String {
        guard !contexts.isEmpty else { return "" }
        let classes = contexts.map {
            "<saml:AuthnContextClassRef>\(XMLText.escape($0))</saml:AuthnContextClassRef>"
        }
        return "<samlp:RequestedAuthnContext Comparison=\"exact\">\(classes.joined())</samlp:RequestedAuthnContext>"
    }
}
