import CXMLSec

/// An element of a document.
public struct XMLElement: Equatable {
    public let tree: XMLTree
    let node: xmlNodePtr

    public static func == (left: XMLElement, right: XMLElement) -> Bool { left.node == right.node }

    /// Without its prefix.
    public var localName: String { String(cString: node.pointee.name) }
    /// Empty if it has none.
    public var namespace: String { node.pointee.ns?.pointee.href.map { String(cString: $0) } ?? "" }

    public func isNamed(_ name: String, in namespace: String) -> Bool {
        localName == name && self.namespace == namespace
    }

    public var parent: XMLElement? {
        guard let parent = node.pointee.parent, parent.pointee.type == XML_ELEMENT_NODE else { return nil }
        return XMLElement(tree: tree, node: parent)
    }

    // MARK: Below it

    /// Its child nodes of all kinds.
    var nodes: some Sequence<xmlNodePtr> {
        sequence(first: node.pointee.children) { $0?.pointee.next }.lazy.compactMap { $0 }
    }

    public var children: [XMLElement] {
        nodes.filter { $0.pointee.type == XML_ELEMENT_NODE }.map { XMLElement(tree: tree, node: $0) }
    }

    public func children(_ name: String, in namespace: String) -> [XMLElement] {
        children.filter { $0.isNamed(name, in: namespace) }
    }

    /// The only child of that name.
    ///
    /// - Returns: `nil` if there is none.
    /// - Throws: ``Refusal`` if there are several.
    public func child(_ name: String, in namespace: String, _ reason: Refusal.Reason = .structure) throws -> XMLElement?
    {
        let found = children(name, in: namespace)
        guard found.count <= 1 else {
            throw Refusal(reason, "\(localName.quoted) has \(found.count) elements '\(name)', expected one")
        }
        return found.first
    }

    /// All its text: pieces that comments divide belong together. Nothing is trimmed.
    ///
    /// - Throws: ``Refusal`` if there is anything but text in it, so that nobody reads a part for the whole.
    public func text(_ reason: Refusal.Reason = .structure) throws -> String {
        var bytes: [UInt8] = []
        for node in nodes {
            switch node.pointee.type {
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                if let content = node.pointee.content { bytes += String(cString: content).utf8 }
            case XML_COMMENT_NODE: break
            default: throw Refusal(reason, "\(localName.quoted) holds more than text")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Attributes

    struct Attribute {
        let localName: String
        /// Empty if it has none.
        let namespace: String
        let value: String
        let hasOnlyText: Bool
    }

    var attributes: [Attribute] {
        sequence(first: node.pointee.properties) { $0?.pointee.next }.compactMap { $0 }.map { attribute in
            let parts = Array(sequence(first: attribute.pointee.children) { $0?.pointee.next }.compactMap { $0 })
            return Attribute(
                localName: String(cString: attribute.pointee.name),
                namespace: attribute.pointee.ns?.pointee.href.map { String(cString: $0) } ?? "",
                value: parts.compactMap { $0.pointee.content.map { String(cString: $0) } }.joined(),
                hasOnlyText: parts.allSatisfy { $0.pointee.type == XML_TEXT_NODE })
        }
    }

    /// The value of an attribute without a namespace.
    public func attribute(_ name: String) -> String? {
        attributes.first { $0.localName == name && $0.namespace.isEmpty }?.value
    }

    /// What namespaces it declares.
    var declaredNamespaces: [String] {
        sequence(first: node.pointee.nsDef) { $0?.pointee.next }.compactMap { $0 }.map {
            $0.pointee.href.map { String(cString: $0) } ?? ""
        }
    }
}
