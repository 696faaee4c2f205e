import SAMLValidation

/// Asks an identity provider to sign somebody out (SAML Core, §3.7.1).
struct LogoutRequest {
    let id: String
    let issued: Int64
    let destination: String
    let issuer: String
    let nameID: NameID
    let sessionIndex: String?

    var xml: String {
        let index = sessionIndex.map { "<samlp:SessionIndex>\(XMLText.escape($0))</samlp:SessionIndex>" } ?? ""
        let attributes =
            XMLText.attribute("Format", nameID.format)
            + XMLText.attribute("NameQualifier", nameID.nameQualifier)
            + XMLText.attribute("SPNameQualifier", nameID.spNameQualifier)
        return """
            <samlp:LogoutRequest xmlns:samlp="\(SAML.protocol)" xmlns:saml="\(SAML.assertion)" ID="\(id)" Version="2.0" \
            IssueInstant="\(SAMLTime.text(issued))" Destination="\(XMLText.escape(destination))">\
            <saml:Issuer>\(XMLText.escape(issuer))</saml:Issuer>\
            <saml:NameID\(attributes)>\(XMLText.escape(nameID.value))</saml:NameID>\(index)</samlp:LogoutRequest>
            """
    }
}

/// Tells an identity provider that somebody is signed out here (SAML Core, §3.7.2).
struct LogoutResponse {
    let id: String
    let issued: Int64
    let destination: String
    let issuer: String
    let inResponseTo: String

    var xml: String {
        """
        <samlp:LogoutResponse xmlns:samlp="\(SAML.protocol)" xmlns:saml="\(SAML.assertion)" ID="\(id)" Version="2.0" \
        IssueInstant="\(SAMLTime.text(issued))" Destination="\(XMLText.escape(destination))" \
        InResponseTo="\(XMLText.escape(inResponseTo))"><saml:Issuer>\(XMLText.escape(issuer))</saml:Issuer>\
        <samlp:Status><samlp:StatusCode Value="\(SAML.success)"/></samlp:Status></samlp:LogoutResponse>
        """
    }
}
