import CXMLSec

/// Which algorithms are taken. Ours is the only list: what the library can do besides is switched off. Keyed hashes are in
/// no list, because with them a public key would do as a secret.
struct SignatureAlgorithms {
    let allowsSHA1: Bool

    static let exclusiveCanonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let envelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

    private static let rsaSHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    private static let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1"

    /// Signature methods by identifier (RFC 9231).
    var signatures: [String: xmlSecTransformId?] {
        var all = [
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": xmlSecOpenSSLTransformRsaSha256GetKlass(),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": xmlSecOpenSSLTransformRsaSha384GetKlass(),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": xmlSecOpenSSLTransformRsaSha512GetKlass(),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": xmlSecOpenSSLTransformEcdsaSha256GetKlass(),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": xmlSecOpenSSLTransformEcdsaSha384GetKlass(),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": xmlSecOpenSSLTransformEcdsaSha512GetKlass(),
        ]
        if allowsSHA1 { all[Self.rsaSHA1] = xmlSecOpenSSLTransformRsaSha1GetKlass() }
        return all
    }

    var digests: [String: xmlSecTransformId?] {
        var all = [
            "http://www.w3.org/2001/04/xmlenc#sha256": xmlSecOpenSSLTransformSha256GetKlass(),
            "http://www.w3.org/2001/04/xmldsig-more#sha384": xmlSecOpenSSLTransformSha384GetKlass(),
            "http://www.w3.org/2001/04/xmlenc#sha512": xmlSecOpenSSLTransformSha512GetKlass(),
        ]
        if allowsSHA1 { all[Self.sha1] = xmlSecOpenSSLTransformSha1GetKlass() }
        return all
    }

    func check(signature uri: String?) throws { try check(uri, among: signatures, "signature method") }
    func check(digest uri: String?) throws { try check(uri, among: digests, "digest method") }

    private func check(_ uri: String?, among known: [String: xmlSecTransformId?], _ what: String) throws {
        guard let uri, known[uri] != nil else {
            let hint = [Self.rsaSHA1, Self.sha1].contains(uri) ? "; SHA-1 is taken only with allowSha1" : ""
            throw Refusal(.algorithm, "the \(what) \(uri.quoted) is not taken\(hint)")
        }
    }
}
