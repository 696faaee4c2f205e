import CXMLSec

/// A document, parsed by the one parser that everything here is read with.
///
/// UTF-8 only, no document type, no entities, no network, no recovery, at most 256 levels. Not to be shared between
/// threads.
public final class XMLTree {
    let document: xmlDocPtr

    /// - Parameter limit: the largest size in bytes.
    /// - Throws: ``Refusal``.
    public init(parsing bytes: [UInt8], limit: Int) throws {
        guard XMLSecurityLibrary.isReady else { throw Refusal(.syntax, "libxmlsec1 cannot be used") }
        XMLSecurityLibrary.silence()
        guard !bytes.isEmpty else { throw Refusal(.syntax, "the document is empty") }
        guard bytes.count <= limit else {
            throw Refusal(.size, "the document has \(bytes.count) bytes, at most \(limit) are taken")
        }
        // Other encodings are another way for two readers to see two documents.
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
            throw Refusal(.syntax, "the document is not UTF-8")
        }
        guard !Self.hasCrowdedTag(bytes) else {
            throw Refusal(.size, "an element has more attributes than any message needs")
        }
        document = try Self.parse(bytes)
        try check()
    }

    /// Whether there are too many quotation marks between two tags' beginnings. The parser compares all attributes of an
    /// element with each other, in the square of their number; `<` cannot stand in an attribute, so none hides.
    private static func hasCrowdedTag(_ bytes: [UInt8]) -> Bool {
        var marks = 0
        for byte in bytes {
            if byte == UInt8(ascii: "<") {
                marks = 0
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                marks += 1
                if marks > 1000 { return true }
            }
        }
        return false
    }

    deinit { xmlFreeDoc(document) }

    /// The outermost element.
    public var root: XMLElement? {
        xmlDocGetRootElement(document).map { XMLElement(tree: self, node: $0) }
    }

    // MARK: Parsing

    private static func parse(_ bytes: [UInt8]) throws -> xmlDocPtr {
        guard let context = xmlNewParserCtxt() else { throw Refusal(.syntax, "no memory for a parser") }
        defer { xmlFreeParserCtxt(context) }
        // The context counts as well-formed after a stop, so the answer is a flag of our own.
        var hasDoctype = false
        let document = withUnsafeMutablePointer(to: &hasDoctype) { flag in
            context.pointee._private = UnsafeMutableRawPointer(flag)
            context.pointee.sax.pointee.internalSubset = refuseDoctype
            context.pointee.sax.pointee.externalSubset = refuseDoctype
            defer { context.pointee._private = nil }
            return bytes.withUnsafeBytes { bytes in
                let options =
                    XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_NOERROR.rawValue
                    | XML_PARSE_NOWARNING.rawValue
                return xmlCtxtReadMemory(
                    context, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), nil, nil,
                    Int32(options))
            }
        }
        do {
            if hasDoctype { throw Refusal(.doctype, "the document has a document type, which no SAML message has") }
            guard let document, context.pointee.wellFormed == 1, context.pointee.nsWellFormed == 1 else {
                throw Refusal(.syntax, "the document is not well-formed XML")
            }
            return document
        } catch {
            if let document { xmlFreeDoc(document) }
            throw error
        }
    }

    private func check() throws {
        guard document.pointee.intSubset == nil, document.pointee.extSubset == nil else {
            throw Refusal(.doctype, "the document has a document type, which no SAML message has")
        }
        if let encoding = document.pointee.encoding.map({ String(cString: $0) }) {
            guard ["utf-8", "us-ascii"].contains(encoding.lowercased()) else {
                throw Refusal(.syntax, "the document is declared as \(encoding.quoted), expected UTF-8")
            }
        }
        guard xmlDocGetRootElement(document) != nil else { throw Refusal(.syntax, "the document has no element") }
    }
}

private let refuseDoctype: internalSubsetSAXFunc = { context, _, _, _ in
    guard let context = context?.assumingMemoryBound(to: xmlParserCtxt.self) else { return }
    context.pointee._private?.assumingMemoryBound(to: Bool.self).pointee = true
    xmlStopParser(context)
}
