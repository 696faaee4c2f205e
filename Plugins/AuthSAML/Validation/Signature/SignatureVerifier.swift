import CXMLSec

/// Verifies an enveloped signature, and gives back what was signed.
struct SignatureVerifier {
    let certificates: [TrustedCertificate]
    let algorithms: SignatureAlgorithms
    let limit: Int

    init(certificates: [TrustedCertificate], allowsSHA1: Bool, limit: Int) {
        self.certificates = certificates
        algorithms = SignatureAlgorithms(allowsSHA1: allowsSHA1)
        self.limit = limit
    }

    /// Verifies the signature that is a child of `element`.
    ///
    /// - Returns: the signed view: a document of its own, parsed from the very bytes whose digest was signed. Nothing may
    ///   be read from anywhere else.
    /// - Throws: ``Refusal``.
    func signedView(of element: XMLElement, signature: XMLElement) throws -> XMLTree {
        guard signature.parent == element else {
            throw Refusal(.structure, "the signature does not stand in what it signs")
        }
        try SignatureShape(algorithms).check(signature, of: element)
        let id = try register(element)
        for certificate in certificates {
            guard let bytes = verify(signature, with: certificate) else { continue }
            let view = try XMLTree(parsing: bytes, limit: limit)
            guard let root = view.root, root.isNamed(element.localName, in: element.namespace),
                root.attribute("ID") == id
            else { throw Refusal(.signature, "what is signed is not the element that the signature stands in") }
            return view
        }
        throw Refusal(
            .signature,
            "the signature of the \(element.localName) fits none of the provider's \(certificates.count) certificates")
    }

    /// Makes the one element known by its identifier; nothing else can be found by one.
    private func register(_ element: XMLElement) throws -> String {
        guard let id = element.attribute("ID"), Self.isIdentifier(id) else {
            throw Refusal(.identifier, "the ID \(element.attribute("ID").quoted) is no identifier")
        }
        let attribute = xmlHasNsProp(element.node, "ID", nil)
        guard let attribute else { throw Refusal(.identifier, "\(element.localName.quoted) has no ID") }
        if xmlGetID(element.tree.document, id) == nil { _ = xmlAddID(nil, element.tree.document, id, attribute) }
        guard xmlGetID(element.tree.document, id) == attribute else {
            throw Refusal(.identifier, "the ID \(id.quoted) stands for something else")
        }
        return id
    }

    /// `xs:ID` in ASCII: no character of it means anything in an XPointer.
    private static func isIdentifier(_ text: String) -> Bool {
        func isFirst(_ byte: UInt8) -> Bool { byte == 0x5F || (0x41...0x5A).contains(byte & 0xDF) }
        guard let first = text.utf8.first, text.utf8.count <= 256, isFirst(first) else { return false }
        return text.utf8.allSatisfy { isFirst($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
    }

    /// The bytes whose digest was signed; `nil` if the signature is not by this key.
    private func verify(_ signature: XMLElement, with certificate: TrustedCertificate) -> [UInt8]? {
        // Without a keys manager, KeyInfo is never looked at.
        guard let context = xmlSecDSigCtxCreate(nil) else { return nil }
        defer { xmlSecDSigCtxDestroy(context) }
        context.pointee.signKey = xmlSecKeyDuplicate(certificate.key)
        context.pointee.enabledReferenceUris = xmlSecTransformUriType(xmlSecTransformUriTypeSameDocument)
        context.pointee.flags |= UInt32(XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES)
        guard context.pointee.signKey != nil, restrict(context) else { return nil }
        guard xmlSecDSigCtxVerify(context, signature.node) == 0, context.pointee.status == xmlSecDSigStatusSucceeded
        else { return nil }
        return withUnsafeMutablePointer(to: &context.pointee.signedInfoReferences) { references -> [UInt8]? in
            guard xmlSecPtrListGetSize(references) == 1,
                let reference = xmlSecPtrListGetItem(references, 0)?.assumingMemoryBound(
                    to: xmlSecDSigReferenceCtx.self),
                reference.pointee.status == xmlSecDSigStatusSucceeded,
                let buffer = xmlSecDSigReferenceCtxGetPreDigestBuffer(reference)
            else { return nil }
            return Self.bytes(buffer)
        }
    }

    private func restrict(_ context: xmlSecDSigCtxPtr) -> Bool {
        let canonicalization = xmlSecTransformExclC14NGetKlass()
        let references = [xmlSecTransformEnvelopedGetKlass(), canonicalization] + algorithms.digests.values
        let signatures = [canonicalization] + algorithms.signatures.values
        return references.allSatisfy { xmlSecDSigCtxEnableReferenceTransform(context, $0) == 0 }
            && signatures.allSatisfy { xmlSecDSigCtxEnableSignatureTransform(context, $0) == 0 }
    }

    /// `nil` if there are none: the digest of nothing is not worth anything.
    static func bytes(_ buffer: xmlSecBufferPtr) -> [UInt8]? {
        guard let start = xmlSecBufferGetData(buffer) else { return nil }
        let bytes = Array(UnsafeBufferPointer(start: start, count: Int(xmlSecBufferGetSize(buffer))))
        return bytes.isEmpty ? nil : bytes
    }
}
