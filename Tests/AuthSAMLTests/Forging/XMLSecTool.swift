import Foundation
import TestSupport

/// Signs with the `xmlsec1` command: for messages whose canonical form is not the text as it is written.
enum XMLSecTool {
    /// - Parameter template: a document with an empty signature in it.
    static func sign(_ template: String, with identity: Identity = .provider) async throws -> String {
        let folder = try TemporaryFolder()
        let key = try folder.write("key.pem", identity.key.pemRepresentation)
        let document = try folder.write("template.xml", template)
        let outcome = try await Program.run(
            URL(filePath: "/usr/bin/xmlsec1"),
            [
                "--sign", "--privkey-pem", key, "--id-attr:ID", "\(Names.assertion):Assertion", "--id-attr:ID",
                "\(Names.protocol):Response", document,
            ])
        guard outcome.status == 0 else { throw ProviderHost.Failure(description: "xmlsec1: \(outcome.errors)") }
        return outcome.output
    }

    /// An empty signature.
    static func template(_ id: String, prefixes: String? = nil) -> String {
        let list =
            prefixes.map { "<ec:InclusiveNamespaces xmlns:ec=\"\(Names.canonical)\" PrefixList=\"\($0)\"/>" } ?? ""
        return """
            <Signature xmlns="\(Names.signature)">
              <SignedInfo>
                <CanonicalizationMethod Algorithm="\(Names.canonical)"/>
                <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
                <Reference URI="#\(id)">
                  <Transforms>
                    <Transform Algorithm="\(Names.enveloped)"/>
                    <Transform Algorithm="\(Names.canonical)">\(list)</Transform>
                  </Transforms>
                  <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
                  <DigestValue/>
                </Reference>
              </SignedInfo>
              <SignatureValue/>
            </Signature>
            """
    }
}
