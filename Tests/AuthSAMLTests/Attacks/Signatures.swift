import Crypto
import Foundation
import SwiftASN1

extension Forgery {
    /// Signatures that are not there, or are somebody else's.
    static let signatures: [Forgery] = [
        .changed("none", "missing-signature") { $0.assertionSigning = nil },
        Forgery("stripped of a changed message", "missing-signature") { try $0.forged.xml() },
        Forgery("the content changed after signing", "signature") {
            try $0.xml().replacingOccurrences(of: ">alice<", with: ">admin<")
        },
        Forgery("an empty Signature", "signature-shape") {
            $0.response($0.assertion(signature: "<ds:Signature xmlns:ds=\"\(Names.signature)\"></ds:Signature>"))
        },
        information("SignedInfo without Reference") {
            $0.replacingOccurrences(
                of: "<ds:Reference.*</ds:Reference>", with: "", options: .regularExpression)
        },
        .changed("attacker's key with its certificate", "signature") {
            $0.assertionSigning = Signing(
                key: Identity.attacker.key, keyInfo: keyInfo(Identity.attacker.certificateBase64))
        },
        .changed("attacker's key without KeyInfo", "signature") {
            $0.assertionSigning = Signing(key: Identity.attacker.key, keyInfo: "")
        },
        .changed("attacker's key with the genuine certificate in KeyInfo", "signature") {
            $0.assertionSigning = Signing(key: Identity.attacker.key)
        },
        .changed("attacker's key as KeyValue", "signature") {
            let numbers = try Identity.attacker.key.publicKey.getKeyPrimitives()
            $0.assertionSigning = Signing(
                key: Identity.attacker.key,
                keyInfo: "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>\(numbers.modulus.base64EncodedString())"
                    + "</ds:Modulus><ds:Exponent>\(numbers.publicExponent.base64EncodedString())</ds:Exponent>"
                    + "</ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>")
        },
        .changed("a cloned certificate with the same names and number", "signature") {
            let clone = try Identity("Provider", serial: 4711, key: Identity.attacker.key)
            $0.assertionSigning = Signing(key: clone.key, keyInfo: keyInfo(clone.certificateBase64))
        },
        .changed("response good, assertion bad", "signature") {
            $0.responseSigning = Signing()
            $0.assertionSigning = Signing(key: Identity.attacker.key)
        },
        .changed("response bad, assertion good", "signature") {
            $0.responseSigning = Signing(key: Identity.attacker.key)
        },
        .changed("assertion alone, where the response must be", "missing-signature", ["require": "response"]) { _ in },
        .changed("response alone, where the assertion must be", "missing-signature", ["require": "assertion"]) {
            $0.assertionSigning = nil
            $0.responseSigning = Signing()
        },
        .changed("assertion alone, where both must be", "missing-signature", ["require": "both"]) { _ in },
        .changed("response alone, where both must be", "missing-signature", ["require": "both"]) {
            $0.assertionSigning = nil
            $0.responseSigning = Signing()
        },
        Forgery("a signature value with a comment", "signature-shape") {
            try $0.xml().replacing(first: "<ds:SignatureValue>", with: "<ds:SignatureValue><!-- -->")
        },
        Forgery("two SignatureValues", "signature-shape") {
            try $0.xml().replacing(
                first: "<ds:SignatureValue>", with: "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:SignatureValue>")
        },
    ]

    /// Algorithms that are not taken.
    static let algorithms: [Forgery] = [
        .changed("RSA with SHA-1", "algorithm") {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
        },
        .changed("digest with SHA-1", "algorithm") {
            $0.assertionSigning?.digestAlgorithm = "http://www.w3.org/2000/09/xmldsig#sha1"
        },
        .changed("RSA with MD5", "algorithm") {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"
        },
        .changed("digest with MD5", "algorithm") {
            $0.assertionSigning?.digestAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#md5"
        },
        .changed("unknown algorithm", "algorithm") { $0.assertionSigning?.algorithm = "urn:example:rot13" },
        .changed("no algorithm", "algorithm") { draft in
            draft.assertionSigning?.changeInformation = {
                $0.replacingOccurrences(
                    of: "<ds:SignatureMethod Algorithm=\"[^\"]*\"", with: "<ds:SignatureMethod",
                    options: .regularExpression)
            }
        },
        hmac("the certificate in DER", Data(base64Encoded: Identity.provider.certificateBase64)!),
        hmac("the certificate in PEM", Data(Identity.provider.certificate.utf8)),
        hmac("the public key in DER", Identity.provider.key.publicKey.derRepresentation),
        hmac("the public key in PEM", Data(Identity.provider.key.publicKey.pemRepresentation.utf8)),
        hmac("an empty key", Data()),
        .changed("HMAC although SHA-1 is allowed", "algorithm", ["allowSha1": true]) {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
            $0.assertionSigning?.secret = Data()
        },
        .changed("HMACOutputLength of 0", "algorithm") {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
            $0.assertionSigning?.methodParameters = "<ds:HMACOutputLength>0</ds:HMACOutputLength>"
            $0.assertionSigning?.secret = Data()
        },
        .changed("HMACOutputLength with RSA", "signature-shape") {
            $0.assertionSigning?.methodParameters = "<ds:HMACOutputLength>0</ds:HMACOutputLength>"
        },
    ]

    private static func hmac(_ name: String, _ secret: Data) -> Forgery {
        .changed("HMAC keyed with \(name)", "algorithm") {
            $0.assertionSigning?.algorithm = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
            $0.assertionSigning?.secret = secret
        }
    }

    static func keyInfo(_ certificate: String) -> String {
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>\(certificate)</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    }

    /// A signed SignedInfo of another shape.
    static func information(
        _ name: String, _ reason: String = "signature-shape", _ change: @escaping @Sendable (String) -> String
    ) -> Forgery {
        .changed(name, reason) { $0.assertionSigning?.changeInformation = change }
    }
}
