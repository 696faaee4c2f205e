import CXMLSec

/// Whether a `ds:Signature` looks exactly as one must that signs the element which it stands in. Checked before anything
/// is computed: a library does what a signature asks for, and signatures can ask for a lot.
struct SignatureShape {
    private let algorithms: SignatureAlgorithms

    init(_ algorithms: SignatureAlgorithms) { self.algorithms = algorithms }

    /// - Parameter parent: what it has to sign: the element that it is a child of.
    func check(_ signature: XMLElement, of parent: XMLElement) throws {
        let parts = try elements(of: signature)
        guard (2...3).contains(parts.count), names(parts).starts(with: ["SignedInfo", "SignatureValue"]),
            parts.count == 2 || parts[2].isNamed("KeyInfo", in: SAML.signature)
        else {
            throw shape(
                "the Signature holds \(names(parts)), expected SignedInfo, SignatureValue and at most a KeyInfo")
        }
        try checkText(parts[1])
        let information = try elements(of: parts[0])
        guard names(information) == ["CanonicalizationMethod", "SignatureMethod", "Reference"] else {
            throw shape(
                "the SignedInfo holds \(names(information)), "
                    + "expected CanonicalizationMethod, SignatureMethod and one Reference")
        }
        try checkCanonicalization(information[0])
        try algorithms.check(signature: information[1].attribute("Algorithm"))
        try checkEmpty(information[1])
        try checkReference(information[2], to: parent)
    }

    private func checkReference(_ reference: XMLElement, to parent: XMLElement) throws {
        guard reference.attributes.allSatisfy({ $0.namespace.isEmpty && ["URI", "Id"].contains($0.localName) }) else {
            throw shape("the Reference has other attributes than URI and Id")
        }
        guard let id = parent.attribute("ID"), reference.attribute("URI") == "#" + id else {
            throw shape(
                "the Reference is to \(reference.attribute("URI").quoted), expected the ID of the element that the "
                    + "signature stands in")
        }
        let parts = try elements(of: reference)
        guard names(parts) == ["Transforms", "DigestMethod", "DigestValue"] else {
            throw shape("the Reference holds \(names(parts)), expected Transforms, DigestMethod and DigestValue")
        }
        let transforms = try elements(of: parts[0])
        guard names(transforms) == ["Transform", "Transform"],
            transforms[0].attribute("Algorithm") == SignatureAlgorithms.envelopedSignature
        else {
            throw shape(
                "the transforms are not exactly enveloped-signature and exclusive canonicalisation without comments")
        }
        try checkEmpty(transforms[0])
        try checkCanonicalization(transforms[1])
        try algorithms.check(digest: parts[1].attribute("Algorithm"))
        try checkEmpty(parts[1])
        try checkText(parts[2])
    }

    /// Exclusive, without comments; it may list prefixes.
    private func checkCanonicalization(_ method: XMLElement) throws {
        guard method.attribute("Algorithm") == SignatureAlgorithms.exclusiveCanonicalization else {
            throw shape(
                "\(method.localName) is \(method.attribute("Algorithm").quoted), "
                    + "expected exclusive canonicalisation without comments")
        }
        let children = try elements(of: method, in: nil)
        guard children.count <= 1,
            children.allSatisfy({
                $0.isNamed("InclusiveNamespaces", in: SignatureAlgorithms.exclusiveCanonicalization)
            })
        else { throw shape("\(method.localName) holds more than one InclusiveNamespaces") }
        for child in children {
            try checkEmpty(child)
            try checkPrefixes(child)
        }
    }

    /// The library looks for each prefix at each element, before the signature is verified: a long list would keep it busy
    /// for hours at anybody's wish.
    private func checkPrefixes(_ element: XMLElement) throws {
        let attributes = element.attributes
        guard attributes.count <= 1, attributes.allSatisfy({ $0.localName == "PrefixList" && $0.namespace.isEmpty })
        else { throw shape("InclusiveNamespaces has other attributes than a PrefixList") }
        let list = attributes.first?.value ?? ""
        guard list.utf8.count <= 1024, list.split(whereSeparator: \.isWhitespace).count <= Self.maximumPrefixes else {
            throw shape("the PrefixList has more than \(Self.maximumPrefixes) names")
        }
    }

    private static let maximumPrefixes = 32

    // MARK: Parts

    private func shape(_ detail: String) -> Refusal { Refusal(.signatureShape, detail) }

    private func names(_ elements: [XMLElement]) -> [String] { elements.prefix(8).map(\.localName) }

    /// The child elements, if there is nothing else beside them but white space, and all are XML Signature's.
    private func elements(of element: XMLElement, in namespace: String? = SAML.signature) throws -> [XMLElement] {
        var found: [XMLElement] = []
        for node in element.nodes {
            switch node.pointee.type {
            case XML_ELEMENT_NODE: found.append(XMLElement(tree: element.tree, node: node))
            case XML_TEXT_NODE where xmlIsBlankNode(node) == 1: break
            default: throw shape("\(element.localName) holds text or a comment")
            }
        }
        if let namespace, found.contains(where: { $0.namespace != namespace }) {
            throw shape("\(element.localName) holds an element of another namespace")
        }
        return found
    }

    private func checkEmpty(_ element: XMLElement) throws {
        guard try elements(of: element, in: nil).isEmpty else { throw shape("\(element.localName) has parameters") }
    }

    /// One piece of text: where a comment divides it, readers differ in what they take.
    private func checkText(_ element: XMLElement) throws {
        let nodes = Array(element.nodes)
        guard nodes.count == 1, nodes[0].pointee.type == XML_TEXT_NODE else {
            throw shape("\(element.localName) holds something else than one text")
        }
    }
}
