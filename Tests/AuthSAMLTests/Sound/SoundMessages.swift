import Crypto
import Foundation
import SwiftASN1
import Testing
import X509
import XOJSON

/// A message that must be taken, and who it is about.
struct SoundMessage: Sendable, CustomTestStringConvertible {
    let name: String
    var person = "alice"
    var configuration: JSONObject = [:]
    let make: @Sendable (Draft) async throws -> String

    var testDescription: String { name }

    init(
        _ name: String, _ configuration: JSONObject = [:], person: String = "alice",
        _ make: @escaping @Sendable (Draft) async throws -> String
    ) {
        self.name = name
        self.person = person
        self.configuration = configuration
        self.make = make
    }

    static func changed(
        _ name: String, _ configuration: JSONObject = [:], person: String = "alice",
        _ change: @escaping @Sendable (inout Draft) throws -> Void
    ) -> SoundMessage {
        SoundMessage(name, configuration, person: person) { draft in
            var draft = draft
            try change(&draft)
            return try draft.xml()
        }
    }

    static let all: [SoundMessage] = signed + written + encrypted

    // MARK: Signatures

    private static let signed: [SoundMessage] = [
        .changed("assertion signed") { _ in },
        .changed("response signed") {
            $0.assertionSigning = nil
            $0.responseSigning = Signing()
        },
        .changed("both signed") { $0.responseSigning = Signing() },
        .changed("both signed, where both must be", ["require": "both"]) { $0.responseSigning = Signing() },
        .changed("both signed, where the response must be", ["require": "response"]) { $0.responseSigning = Signing() },
        .changed("assertion signed, where it must be", ["require": "assertion"]) { _ in },
        .changed("signed with the second certificate's key") { $0.assertionSigning?.key = Identity.next.key },
        .changed("no KeyInfo") { $0.assertionSigning?.keyInfo = "" },
        .changed("somebody else's KeyInfo") {
            $0.assertionSigning?.keyInfo = Forgery.keyInfo(Identity.stranger.certificateBase64)
        },
        .changed("SHA-384") {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
            $0.assertionSigning?.digestAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#sha384"
        },
        .changed("SHA-512") {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
            $0.assertionSigning?.digestAlgorithm = "http://www.w3.org/2001/04/xmlenc#sha512"
        },
        .changed("SHA-1, where it is allowed", ["allowSha1": true]) {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
            $0.assertionSigning?.digestAlgorithm = "http://www.w3.org/2000/09/xmldsig#sha1"
        },
        .changed("ECDSA", ["idp": curveProvider]) {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
            $0.assertionSigning?.curveKey = curveKey
        },
    ]

    private static let curveKey = P256.Signing.PrivateKey()

    private static var curveProvider: JSON {
        let name = try? DistinguishedName { CommonName("Curve") }
        let certificate = try? name.map {
            try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(1), publicKey: .init(curveKey.publicKey),
                notValidBefore: Date(timeIntervalSinceNow: -60), notValidAfter: Date(timeIntervalSinceNow: 3600),
                issuer: $0, subject: $0, signatureAlgorithm: .ecdsaWithSHA256, extensions: Certificate.Extensions(),
                issuerPrivateKey: .init(curveKey)
            ).serializeAsPEM().pemString
        }
        return [
            "entityId": .string(Names.provider), "ssoUrl": "https://idp.example.test/sso",
            "certificates": [.string(certificate ?? "")],
        ]
    }

    // MARK: Ways of writing

    private static let written: [SoundMessage] = [
        SoundMessage("values with types, whose prefixes are listed") { draft in
            var draft = draft
            draft.assertionSigning = nil
            draft.attributes = draft.attributes.replacingOccurrences(
                of: "<saml:AttributeValue>", with: "<saml:AttributeValue xsi:type=\"xs:string\">")
            let signature = XMLSecTool.template(draft.assertionID, prefixes: "xs xsi")
            return try await XMLSecTool.sign(declared(draft.response(draft.assertion(signature: signature))))
        },
        SoundMessage("the same, and the response is signed over it", ["require": "both"]) { draft in
            var draft = draft
            draft.assertionSigning = nil
            draft.attributes = draft.attributes.replacingOccurrences(
                of: "<saml:AttributeValue>", with: "<saml:AttributeValue xsi:type=\"xs:string\">")
            let signature = XMLSecTool.template(draft.assertionID, prefixes: "xs xsi")
            let inner = try await XMLSecTool.sign(
                declared(draft.response(draft.assertion(signature: signature))))
            let issuer = draft.responseIssuer
            return try await XMLSecTool.sign(
                inner.replacing(first: issuer, with: issuer + XMLSecTool.template(draft.responseID, prefixes: "xsi")))
        },
        SoundMessage("default namespaces") { draft in
            var draft = draft
            draft.assertionSigning = nil
            let signature = XMLSecTool.template(draft.assertionID)
            let text = draft.response(draft.assertion(signature: signature))
                .replacingOccurrences(of: "saml:", with: "").replacingOccurrences(of: "xmlns:saml=", with: "xmlns=")
                .replacingOccurrences(of: "samlp:", with: "").replacingOccurrences(of: "xmlns:samlp=", with: "xmlns=")
            return try await XMLSecTool.sign(text)
        },
        SoundMessage("pretty-printed") { draft in
            var draft = draft
            draft.assertionSigning = nil
            let signature = XMLSecTool.template(draft.assertionID)
            let text = draft.response(draft.assertion(signature: signature))
            return try await XMLSecTool.sign(
                text.replacingOccurrences(of: "><", with: ">\n    <").replacingOccurrences(
                    of: "<ds:DigestValue>\n    </", with: "<ds:DigestValue></"))
        },
        SoundMessage("an XML declaration and a comment before it") {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made by hand -->\n" + (try $0.xml())
        },
        .changed("CDATA in the name") { draft in
            let signed = try draft.signedAssertion()
            draft.changeAssertion = { _ in
                signed.replacing(
                    first: ">alice</saml:AttributeValue>", with: "><![CDATA[alice]]></saml:AttributeValue>")
            }
        },
        .changed("a comment in the name, which is read in full", person: "alice@x.evil") { draft in
            draft.attributes = draft.attributes.replacing(first: ">alice<", with: ">alice@x.evil<")
            let signed = try draft.signedAssertion()
            draft.changeAssertion = { _ in signed.replacing(first: ">alice@x.evil<", with: ">alice@x<!---->.evil<") }
        },
        .changed("letters beyond ASCII", person: "Ålice Éxample 愛") {
            $0.attributes = $0.attributes.replacing(first: ">alice<", with: ">Ålice Éxample 愛<")
        },
        .changed("fractions of seconds") {
            let time = Draft.time(0).replacingOccurrences(of: "Z", with: ".1234567Z")
            $0.issued = time
            $0.statement = Draft.statement(at: time)
        },
        .changed("a time with an offset") {
            $0.statement = Draft.statement(at: Draft.time(3600 - 30).replacingOccurrences(of: "Z", with: "+01:00"))
        },
        .changed("clocks that differ by 20 seconds") {
            $0.issued = Draft.time(20)
            $0.conditions = Draft.conditions(start: Draft.time(20), end: Draft.time(320))
            $0.statement = Draft.statement(at: Draft.time(20))
        },
        .changed("clocks that differ by 20 seconds the other way") {
            $0.conditions = Draft.conditions(end: Draft.time(-20))
            $0.confirmation = Draft.confirmation($0.request, end: Draft.time(-20))
        },
        .changed("two audiences in one restriction") {
            $0.conditions = Draft.conditions(audiences: ["https://other.example.test", Names.service])
        },
        .changed("a second confirmation of another method") {
            $0.confirmation =
                Draft.confirmation(nil, method: "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches")
                + $0.confirmation
        },
        .changed("a second confirmation for somebody else") {
            $0.confirmation = Draft.confirmation("_other") + $0.confirmation
        },
        .changed("OneTimeUse and ProxyRestriction") {
            $0.conditions = Draft.conditions(
                more: "<saml:OneTimeUse></saml:OneTimeUse><saml:ProxyRestriction></saml:ProxyRestriction>")
        },
        .changed(
            "the authentication context that was asked for",
            [
                "requestedAuthnContext": ["urn:oasis:names:tc:SAML:2.0:ac:classes:Password"], "maxAuthnAge": 300,
            ]
        ) { _ in },
        .changed("no issuer and no destination of an unsigned response") {
            $0.responseIssuer = ""
            $0.destination = nil
        },
    ]

    private static func declared(_ response: String) -> String {
        response.replacing(
            first: "<samlp:Response ",
            with: "<samlp:Response xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
                + "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ")
    }

    // MARK: Encryption

    private static let encrypted: [SoundMessage] = [
        SoundMessage("encrypted with GCM") { $0.response(try Encrypting().element($0.signedAssertion())) },
        SoundMessage("encrypted, where it must be", ["requireEncryption": true, "require": "assertion"]) {
            $0.response(try Encrypting().element($0.signedAssertion()))
        },
        SoundMessage("encrypted with the key beside the data") {
            $0.response(try Encrypting(isKeyApart: true).element($0.signedAssertion()))
        },
        SoundMessage("encrypted with CBC inside of a signed response") {
            var draft = $0
            draft.responseSigning = Signing()
            return try draft.signedResponse(Encrypting(mode: .cbc).element($0.assertion()))
        },
        SoundMessage("encrypted with CBC, where it is allowed", ["allowCbc": true]) {
            $0.response(try Encrypting(mode: .cbc).element($0.signedAssertion()))
        },
        SoundMessage("encrypted, both signed", ["require": "both"]) {
            var draft = $0
            draft.responseSigning = Signing()
            return try draft.signedResponse(Encrypting().element($0.signedAssertion()))
        },
        SoundMessage("encrypted to the second key", ["decryptionKeys": bothKeys]) {
            $0.response(try Encrypting().element($0.signedAssertion()))
        },
    ]

    private static let bothKeys: JSON = .array(
        [Identity.stranger, Identity.service].map {
            ["secretKey": .string($0.key.pemRepresentation), "certificate": .string($0.certificate)]
        })
}
