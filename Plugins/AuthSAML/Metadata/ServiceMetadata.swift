import FoundationEssentials
import SAMLValidation

/// What identity providers need to know of us (SAML Metadata, §2.4.4).
struct ServiceMetadata {
    let addresses: ServiceAddresses
    let settings: Settings

    static let mediaType = "application/samlmetadata+xml"

    var xml: String {
        let signs = settings.signingKey != nil
        let keys =
            settings.signingCertificates.map { keyDescriptor("signing", $0) }
            + settings.encryptionCertificates.map { keyDescriptor("encryption", $0) }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <md:EntityDescriptor xmlns:md="\(SAML.metadata)" entityID="\(XMLText.escape(addresses.entityID))">
              <md:SPSSODescriptor protocolSupportEnumeration="\(SAML.protocol)" AuthnRequestsSigned="\(signs)" \
            WantAssertionsSigned="true">
            \(keys.joined())\(logoutService)\(nameIDFormat)    <md:AssertionConsumerService index="0" isDefault="true" \
            Binding="\(SAML.postBinding)" Location="\(XMLText.escape(addresses.acs))"/>
              </md:SPSSODescriptor>
            </md:EntityDescriptor>

            """
    }

    private func keyDescriptor(_ use: String, _ certificate: TrustedCertificate) -> String {
        let methods =
            use == "signing"
            ? []
            : [
                "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm",
                "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
            ]
        let list = methods.map { "      <md:EncryptionMethod Algorithm=\"\($0)\"/>\n" }.joined()
        let value = Data(certificate.der).base64EncodedString()
        return """
                <md:KeyDescriptor use="\(use)">
                  <ds:KeyInfo xmlns:ds="\(SAML.signature)"><ds:X509Data><ds:X509Certificate>\(value)\
            </ds:X509Certificate></ds:X509Data></ds:KeyInfo>
            \(list)    </md:KeyDescriptor>

            """
    }

    private var logoutService: String {
        guard settings.configuration.logout == .redirect else { return "" }
        return """
                <md:SingleLogoutService Binding="\(SAML.redirectBinding)" \
            Location="\(XMLText.escape(addresses.logout))"/>

            """
    }

    private var nameIDFormat: String {
        guard let format = settings.configuration.nameIdFormat.uri else { return "" }
        return "    <md:NameIDFormat>\(format)</md:NameIDFormat>\n"
    }
}

extension Configuration.NameIDFormat {
    /// `nil`: whatever the provider thinks best.
    var uri: String? {
        switch self {
        case .unspecified: nil
        case .email: SAML.Format.email
        case .persistent: SAML.Format.persistent
        }
    }
}
