/// Names that messages are made of.
enum Names {
    static let `protocol` = "urn:oasis:names:tc:SAML:2.0:protocol"
    static let assertion = "urn:oasis:names:tc:SAML:2.0:assertion"
    static let signature = "http://www.w3.org/2000/09/xmldsig#"
    static let encryption = "http://www.w3.org/2001/04/xmlenc#"
    static let canonical = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    static let success = "urn:oasis:names:tc:SAML:2.0:status:Success"
    static let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    static let persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"

    static let base = "https://xo.example.test"
    static let callback = "https://xo.example.test/signin/saml/callback"
    static let service = "https://xo.example.test/signin/saml/metadata"
    static let provider = "https://idp.example.test/metadata"
}
