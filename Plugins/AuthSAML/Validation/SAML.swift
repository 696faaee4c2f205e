/// Names that the standards have given.
public enum SAML {
    public static let `protocol` = "urn:oasis:names:tc:SAML:2.0:protocol"
    public static let assertion = "urn:oasis:names:tc:SAML:2.0:assertion"
    public static let metadata = "urn:oasis:names:tc:SAML:2.0:metadata"
    public static let signature = "http://www.w3.org/2000/09/xmldsig#"
    public static let encryption = "http://www.w3.org/2001/04/xmlenc#"
    public static let encryption11 = "http://www.w3.org/2009/xmlenc11#"

    public static let success = "urn:oasis:names:tc:SAML:2.0:status:Success"
    public static let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    public static let redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    public static let postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

    /// Formats of a `NameID`.
    public enum Format {
        public static let entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
        public static let persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
        public static let transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
        public static let email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
        public static let unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    }
}
