import Crypto
import CryptoExtras
import Foundation

/// Signatures of the redirect binding.
enum QuerySignature {
    static let algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

    static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// Whether the last parameter is a signature over all before it.
    static func isGood(_ query: String, by identity: Identity) -> Bool {
        let parts = query.components(separatedBy: "&Signature=")
        guard parts.count == 2, let text = parts[1].removingPercentEncoding, let bytes = Data(base64Encoded: text),
            parts[0].hasSuffix("&SigAlg=" + (parts[0].components(separatedBy: "&SigAlg=").last ?? "")),
            parts[0].components(separatedBy: "&SigAlg=").last?.removingPercentEncoding == algorithm
        else { return false }
        return identity.key.publicKey.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: bytes), for: SHA256.hash(data: Data(parts[0].utf8)),
            padding: .insecurePKCS1v1_5)
    }

    /// A signed query with a message.
    static func make(
        _ name: String, _ xml: String, relayState: String? = nil, by identity: Identity, algorithm: String = algorithm
    ) throws -> String {
        var query = "\(name)=\(encode(try Inflate.deflated(xml).base64EncodedString()))"
        if let relayState { query += "&RelayState=\(relayState)" }
        query += "&SigAlg=\(encode(algorithm))"
        let signature = try identity.key.signature(
            for: SHA256.hash(data: Data(query.utf8)), padding: .insecurePKCS1v1_5)
        return query + "&Signature=\(encode(signature.rawRepresentation.base64EncodedString()))"
    }
}
