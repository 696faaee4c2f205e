import Crypto
import CryptoExtras
import Foundation

/// An enveloped signature, made without any library for XML: what is signed here is written in its canonical form in
/// the first place, so its digest is that of the text.
struct Signing: Sendable {
    var key = Identity.provider.key
    var algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    var digestAlgorithm = "http://www.w3.org/2001/04/xmlenc#sha256"
    var canonicalization = "<ds:CanonicalizationMethod Algorithm=\"\(Names.canonical)\"></ds:CanonicalizationMethod>"
    var transforms = [
        "<ds:Transform Algorithm=\"\(Names.enveloped)\"></ds:Transform>",
        "<ds:Transform Algorithm=\"\(Names.canonical)\"></ds:Transform>",
    ]
    /// Inside of the method's element.
    var methodParameters = ""
    /// ` URI="…"`; `nil`: to what is signed.
    var uri: String?
    var keyInfo =
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>\(Identity.provider.certificateBase64)"
        + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    /// Takes the place of `key`, if the method is HMAC.
    var secret: Data?
    /// Takes the place of `key`, if the method is ECDSA with SHA-256.
    var curveKey: P256.Signing.PrivateKey?
    /// What is digested in place of the text.
    var digested: String?
    /// The last chance to change what is then signed.
    var changeInformation: @Sendable (String) -> String = { $0 }
    /// The last chance to change the whole, unsigned.
    var change: @Sendable (String) -> String = { $0 }

    /// A `ds:Signature` over the text of an element.
    func signature(of text: String, id: String) throws -> String {
        let digest = Self.digest(digested ?? text, digestAlgorithm).base64EncodedString()
        let inner = changeInformation(
            "\(canonicalization)<ds:SignatureMethod Algorithm=\"\(algorithm)\">\(methodParameters)</ds:SignatureMethod>"
                + "<ds:Reference\(uri ?? " URI=\"#\(id)\"")><ds:Transforms>\(transforms.joined())</ds:Transforms>"
                + "<ds:DigestMethod Algorithm=\"\(digestAlgorithm)\"></ds:DigestMethod>"
                + "<ds:DigestValue>\(digest)</ds:DigestValue></ds:Reference>")
        let canonical = "<ds:SignedInfo xmlns:ds=\"\(Names.signature)\">\(inner)</ds:SignedInfo>"
        let value = try sign(Data(canonical.utf8)).base64EncodedString()
        return change(
            "<ds:Signature xmlns:ds=\"\(Names.signature)\"><ds:SignedInfo>\(inner)</ds:SignedInfo>"
                + "<ds:SignatureValue>\(value)</ds:SignatureValue>\(keyInfo)</ds:Signature>")
    }

    private func sign(_ data: Data) throws -> Data {
        if let secret {
            return Data(HMAC<SHA256>.authenticationCode(for: data, using: SymmetricKey(data: secret)))
        }
        if let curveKey { return try curveKey.signature(for: SHA256.hash(data: data)).rawRepresentation }
        let padding = _RSA.Signing.Padding.insecurePKCS1v1_5
        if algorithm.hasSuffix("sha1") {
            return try key.signature(for: Insecure.SHA1.hash(data: data), padding: padding).rawRepresentation
        } else if algorithm.hasSuffix("sha384") {
            return try key.signature(for: SHA384.hash(data: data), padding: padding).rawRepresentation
        } else if algorithm.hasSuffix("sha512") {
            return try key.signature(for: SHA512.hash(data: data), padding: padding).rawRepresentation
        }
        return try key.signature(for: SHA256.hash(data: data), padding: padding).rawRepresentation
    }

    private static func digest(_ text: String, _ algorithm: String) -> Data {
        let data = Data(text.utf8)
        return switch algorithm.split(separator: "#").last {
        case "sha1": Data(Insecure.SHA1.hash(data: data))
        case "md5": Data(Insecure.MD5.hash(data: data))
        case "sha384": Data(SHA384.hash(data: data))
        case "sha512": Data(SHA512.hash(data: data))
        default: Data(SHA256.hash(data: data))
        }
    }
}
