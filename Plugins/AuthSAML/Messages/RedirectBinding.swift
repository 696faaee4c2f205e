import Crypto
import CryptoExtras
import FoundationEssentials
import SAMLValidation

/// Messages in the query of an address (SAML Bindings, §3.4).
enum RedirectBinding {
    enum Kind: String {
        case request = "SAMLRequest"
        case response = "SAMLResponse"
    }

    /// A message that has come, and whose signature is good.
    struct Received {
        let xml: [UInt8]
        /// As it came, still encoded.
        let relayState: String?
    }

    private static let rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

    /// The address with which a browser carries a message.
    ///
    /// - Parameters:
    ///   - relayState: already encoded.
    ///   - key: signs it.
    static func address(
        _ destination: String, _ kind: Kind, _ xml: String, relayState: String?, key: _RSA.Signing.PrivateKey?
    ) throws -> String {
        guard let deflated = RawDeflate.compress(Array(xml.utf8)) else {
            throw Refusal(.encoding, "the message cannot be compressed")
        }
        var query = "\(kind.rawValue)=\(encode(Data(deflated).base64EncodedString()))"
        if let relayState { query += "&RelayState=\(relayState)" }
        if let key {
            query += "&SigAlg=\(encode(rsaSHA256))"
            let signature = try key.signature(
                for: SHA256.hash(data: Data(query.utf8)), padding: .insecurePKCS1v1_5)
            query += "&Signature=\(encode(signature.rawRepresentation.base64EncodedString()))"
        }
        return destination + (destination.contains("?") ? "&" : "?") + query
    }

    /// Reads a message that must be signed by one of the certificates.
    ///
    /// - Parameters:
    ///   - query: as it came: the signature is over its very characters.
    ///   - limit: bytes of the message.
    /// - Throws: ``Refusal``.
    static func receive(
        _ kind: Kind, query: String, certificates: [TrustedCertificate], limit: Int
    ) throws -> Received {
        var parameters: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"].contains(name) else { continue }
            guard parameters.updateValue(parts.count == 2 ? String(parts[1]) : "", forKey: name) == nil else {
                throw Refusal(.encoding, "the parameter \(name) is there twice")
            }
        }
        guard let message = parameters[kind.rawValue], let algorithm = parameters["SigAlg"],
            let signature = parameters["Signature"]
        else { throw Refusal(.missingSignature, "the message is not signed") }
        let relayState = parameters["RelayState"]
        let signed = [kind.rawValue: message, "RelayState": relayState, "SigAlg": algorithm]
        let text = [kind.rawValue, "RelayState", "SigAlg"].compactMap { name in
            (signed[name] ?? nil).map { "\(name)=\($0)" }
        }.joined(separator: "&")
        try verify(
            text, algorithm: try decode(algorithm), signature: Base64.decode(try decode(signature)), certificates)
        guard let xml = RawDeflate.decompress(try Base64.decode(try decode(message)), limit: limit) else {
            throw Refusal(.encoding, "the message is not deflated, or has more than \(limit) bytes")
        }
        return Received(xml: xml, relayState: relayState)
    }

    private static func verify(
        _ text: String, algorithm: String, signature: [UInt8], _ certificates: [TrustedCertificate]
    ) throws {
        let data = Data(text.utf8)
        let isGood = try certificates.contains { certificate in
            switch algorithm {
            case rsaSHA256: try check(signature, SHA256.hash(data: data), certificate)
            case "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384":
                try check(signature, SHA384.hash(data: data), certificate)
            case "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512":
                try check(signature, SHA512.hash(data: data), certificate)
            default: throw Refusal(.algorithm, "the signature method \(algorithm.quoted) is not taken here")
            }
        }
        guard isGood else { throw Refusal(.signature, "the signature fits none of the provider's certificates") }
    }

    private static func check(
        _ signature: [UInt8], _ digest: some Digest, _ certificate: TrustedCertificate
    ) throws -> Bool {
        guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: certificate.publicKey) else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: .insecurePKCS1v1_5)
    }

    // MARK: Percent-encoding (RFC 3986)

    static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
    }

    private static func decode(_ text: String) throws -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else {
                throw Refusal(.encoding, "a parameter is not percent-encoded")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(.encoding, "a parameter is not UTF-8")
        }
        return decoded
    }
}
