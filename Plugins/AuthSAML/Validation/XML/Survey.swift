import CXMLSec

/// What is anywhere in a document: looked at once, as a whole, before any part of it is believed.
struct Survey {
    private(set) var assertions: [XMLElement] = []
    private(set) var encryptedAssertions: [XMLElement] = []
    private(set) var signatures: [XMLElement] = []
    private var identifiers: Set<String> = []

    /// - Throws: ``Refusal`` for whatever lets two readers see two documents: entities, processing instructions, relative
    ///   namespaces, identifiers that are there twice or in disguise.
    init(_ tree: XMLTree) throws {
        for node in sequence(first: tree.document.pointee.children, next: { $0?.pointee.next }) {
            guard let node else { continue }
            guard node.pointee.type == XML_ELEMENT_NODE || node.pointee.type == XML_COMMENT_NODE else {
                throw Refusal(.structure, "there is something beside the document's element and comments")
            }
        }
        // No recursion: the depth is the sender's choice.
        var waiting = tree.root.map { [$0] } ?? []
        while let element = waiting.popLast() {
            try look(at: element)
            for node in element.nodes {
                switch node.pointee.type {
                case XML_ELEMENT_NODE: waiting.append(XMLElement(tree: tree, node: node))
                case XML_TEXT_NODE, XML_CDATA_SECTION_NODE, XML_COMMENT_NODE: break
                default:
                    throw Refusal(
                        .structure, "\(element.localName.quoted) holds an entity or a processing instruction")
                }
            }
        }
    }

    private mutating func look(at element: XMLElement) throws {
        for namespace in element.declaredNamespaces where !namespace.isEmpty && !Self.isAbsolute(namespace) {
            // Canonicalisation fails on these, and in some libraries yields nothing, whose digest everybody knows.
            throw Refusal(.namespace, "the namespace \(namespace.quoted) is relative")
        }
        for attribute in element.attributes { try look(at: attribute, of: element) }
        switch element.localName {
        case "Assertion":
            guard element.namespace == SAML.assertion else {
                throw Refusal(.namespace, "there is an Assertion of the namespace \(element.namespace.quoted)")
            }
            assertions.append(element)
        case "EncryptedAssertion": encryptedAssertions.append(element)
        case "Signature":
            guard element.namespace == SAML.signature else {
                throw Refusal(.namespace, "there is a Signature of the namespace \(element.namespace.quoted)")
            }
            signatures.append(element)
        default: break
        }
    }

    private mutating func look(at attribute: XMLElement.Attribute, of element: XMLElement) throws {
        guard attribute.hasOnlyText else {
            throw Refusal(.structure, "an attribute of \(element.localName.quoted) holds an entity")
        }
        guard ["id", "assertionid"].contains(attribute.localName.lowercased()) else { return }
        guard attribute.namespace.isEmpty else {
            throw Refusal(.identifier, "\(element.localName.quoted) has an identifier in a namespace")
        }
        guard identifiers.insert(attribute.value).inserted else {
            throw Refusal(.identifier, "the identifier \(attribute.value.quoted) is there twice")
        }
    }

    /// Whether it begins with a scheme (RFC 3986).
    private static func isAbsolute(_ uri: String) -> Bool {
        guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = uri.utf8[..<colon]
        return scheme.first.map(isLetter) == true
            && scheme.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
}
