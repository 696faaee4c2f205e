import Foundation

extension Forgery {
    /// What a parser can be made to do.
    static let parsing: [Forgery] = [
        doctype("an empty one", "<!DOCTYPE Response>"),
        doctype("an internal entity", "<!DOCTYPE r [<!ENTITY e \"admin\">]>", in: "&e;"),
        doctype(
            "an external entity from a file", "<!DOCTYPE r [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", in: "&e;"),
        doctype(
            "an external entity by http", "<!DOCTYPE r [<!ENTITY e SYSTEM \"\(SilentListener.shared.url)\">]>",
            in: "&e;"),
        doctype(
            "a parameter entity", "<!DOCTYPE r [<!ENTITY % e SYSTEM \"\(SilentListener.shared.url)\"> %e;]>"),
        doctype("an external subset", "<!DOCTYPE r SYSTEM \"\(SilentListener.shared.url)\">"),
        doctype(
            "an attribute that is an ID by default",
            "<!DOCTYPE r [<!ATTLIST saml:Subject ID ID #FIXED \"_x\">]>"),
        doctype("exponential expansion", bomb(10, 10), in: "&e9;"),
        doctype(
            "quadratic expansion",
            "<!DOCTYPE r [<!ENTITY e \"\(String(repeating: "a", count: 50_000))\">]>",
            in: String(repeating: "&e;", count: 1000)),
        Forgery(
            "a document type in UTF-16", "syntax",
            bytes: { draft in
                let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><!DOCTYPE r>" + (try draft.xml())
                return Data([0xFF, 0xFE]) + (text.data(using: .utf16LittleEndian) ?? Data())
            }),
        Forgery("UTF-16 without a mark", "syntax", bytes: { try $0.xml().data(using: .utf16LittleEndian) ?? Data() }),
        Forgery("declared as another encoding", "syntax") {
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + (try $0.xml())
        },
        Forgery("declared as UTF-7", "syntax") { "<?xml version=\"1.0\" encoding=\"UTF-7\"?>" + (try $0.xml()) },
        Forgery("a NUL", "syntax") { try $0.xml().replacing(first: ">alice<", with: ">alice\0<") },
        Forgery(
            "bytes that are not UTF-8", "syntax",
            bytes: { draft in
                Data(try draft.xml().utf8) + Data([0xC3, 0x28])
            }),
        .changed("XInclude", "structure") {
            $0.nameID =
                "<saml:NameID Format=\"\(Names.persistent)\"><xi:include "
                + "xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/hostname\" parse=\"text\">"
                + "</xi:include></saml:NameID>"
        }.expecting("identity"),
        Forgery("not well-formed", "syntax") { try String($0.xml().dropLast(3)) },
        Forgery("two roots", "syntax") { try $0.xml() + $0.xml() },
        Forgery("text behind the end", "syntax") { try $0.xml() + "text" },
        Forgery("an attribute twice", "syntax") {
            try $0.xml().replacing(first: " Version=", with: " Version=\"2.0\" Version=")
        },
        Forgery("an attribute twice by two prefixes", "syntax") {
            try $0.xml().replacing(
                first: " Version=", with: " xmlns:p=\"urn:x\" xmlns:q=\"urn:x\" p:a=\"1\" q:a=\"2\" Version=")
        },
        Forgery("a prefix that is not declared", "syntax") {
            try $0.xml().replacing(
                first: "<samlp:Status>", with: "<nobody:Extensions></nobody:Extensions><samlp:Status>")
        },
        Forgery("a hundred thousand levels", "syntax") { _ in
            String(repeating: "<a>", count: 30_000) + String(repeating: "</a>", count: 30_000)
        },
        Forgery("a hundred thousand levels, where more bytes are taken", "syntax", ["maxBytes": 4_000_000]) { _ in
            String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000)
        },
        // The parser compares each attribute with all before it.
        Forgery("30,000 attributes", "size") { draft in
            let attributes = (0..<30_000).map { " a\($0)=''" }.joined()
            return try draft.xml().replacing(first: "<samlp:Response", with: "<samlp:Response" + attributes)
        },
        Forgery("12 MB", "size") { draft in
            var draft = draft
            draft.extensions = "<samlp:Extensions>\(String(repeating: "x", count: 12_000_000))</samlp:Extensions>"
            return try draft.xml()
        },
        Forgery("nothing", "syntax") { _ in "" },
        Forgery("no XML", "syntax") { _ in "{\"user\": \"admin\"}" },
        Forgery("a processing instruction before the root", "structure") {
            "<?xml-stylesheet href=\"\(SilentListener.shared.url)\"?>" + (try $0.xml())
        },
    ]

    /// Texts that two readers read differently.
    static let texts: [Forgery] = [
        .changed("a processing instruction in the NameID", "structure") {
            $0.nameID = "<saml:NameID Format=\"\(Names.persistent)\">admin<?x?>.evil</saml:NameID>"
        },
        .changed("an element in the NameID", "identity") {
            $0.nameID = "<saml:NameID Format=\"\(Names.persistent)\">admin<b></b>.evil</saml:NameID>"
        },
        .changed("an element in the audience", "audience") {
            $0.conditions = Draft.conditions(audiences: [Names.service + "<b></b>"])
        },
        .changed("a comment in the audience, which is another", "audience") {
            $0.conditions = Draft.conditions(audiences: [Names.service])
            $0.assertionSigning = nil
            $0.responseSigning = nil
            $0.conditions = Draft.conditions(audiences: [Names.service + ".evil"])
            let signature = try Signing().signature(of: $0.assertion(), id: $0.assertionID)
            let whole = $0.assertion(signature: signature)
            $0.changeAssertion = { _ in
                whole.replacing(first: Names.service + ".evil", with: Names.service + "<!---->.evil")
            }
        },
        .changed("a comment in the issuer, which is another", "issuer") {
            $0.issuer = "<saml:Issuer>\(Names.provider).evil</saml:Issuer>"
            let signature = try Signing().signature(of: $0.assertion(), id: $0.assertionID)
            let whole = $0.assertion(signature: signature)
            $0.changeAssertion = { _ in
                whole.replacing(first: Names.provider + ".evil", with: Names.provider + "<!---->.evil")
            }
        },
        .changed("the name's attribute twice", "identity") {
            $0.attributes = Draft.attributes(Draft.attribute("uid", ["admin"]))
        },
        .changed("the name's attribute with two values", "identity") {
            $0.attributes =
                "<saml:AttributeStatement>\(Draft.attribute("uid", ["alice", "admin"]))"
                + "</saml:AttributeStatement>"
        },
        .changed("the name's attribute without a value", "identity") {
            $0.attributes = "<saml:AttributeStatement>\(Draft.attribute("uid", []))</saml:AttributeStatement>"
        },
        .changed("the name's attribute by its friendly name only", "identity") {
            $0.attributes =
                "<saml:AttributeStatement><saml:Attribute FriendlyName=\"uid\" Name=\"urn:oid:1.2\">"
                + "<saml:AttributeValue>alice</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
        },
        .changed("an empty name", "identity") {
            $0.attributes = "<saml:AttributeStatement>\(Draft.attribute("uid", [""]))</saml:AttributeStatement>"
        },
        .changed("an element in the name", "identity") {
            $0.attributes =
                "<saml:AttributeStatement>\(Draft.attribute("uid", ["alice<b></b>"]))"
                + "</saml:AttributeStatement>"
        },
        .changed("a control character in the name", "identity") {
            $0.attributes =
                "<saml:AttributeStatement>\(Draft.attribute("uid", ["alice\u{85}admin"]))"
                + "</saml:AttributeStatement>"
        },
        .changed("a name of 257 bytes", "identity") {
            $0.attributes =
                "<saml:AttributeStatement>"
                + Draft.attribute("uid", [String(repeating: "a", count: 257)]) + "</saml:AttributeStatement>"
        },
        .changed("an empty NameID", "identity") {
            $0.nameID = "<saml:NameID Format=\"\(Names.persistent)\"></saml:NameID>"
        },
        .changed("a transient NameID as the subject", "identity") {
            $0.nameID = $0.nameID.replacingOccurrences(of: "persistent", with: "transient")
        },
        .changed("a transient NameID, asked for by name", "identity", ["subjectFrom": "nameId"]) {
            $0.nameID = $0.nameID.replacingOccurrences(of: "persistent", with: "transient")
        },
        .changed("a NameID that may pass to others, without being told to", "identity") {
            $0.nameID = $0.nameID.replacingOccurrences(
                of: "2.0:nameid-format:persistent", with: "1.1:nameid-format:emailAddress")
        },
        .changed("no NameID", "identity") { $0.nameID = "" },
        .changed("two NameIDs", "subject") { $0.nameID += $0.nameID },
    ]

    private static func doctype(_ name: String, _ declaration: String, in content: String? = nil) -> Forgery {
        Forgery("document type: " + name, "doctype") { draft in
            declaration
                + (try content.map { try draft.xml().replacing(first: ">alice<", with: ">\($0)<") } ?? draft.xml())
        }
    }

    private static func bomb(_ levels: Int, _ width: Int) -> String {
        let entities = (1..<levels).map { level in
            "<!ENTITY e\(level) \"\(String(repeating: "&e\(level - 1);", count: width))\">"
        }
        return "<!DOCTYPE r [<!ENTITY e0 \"lol\">\(entities.joined())]>"
    }

    func expecting(_ reason: String) -> Forgery { Forgery(name, reason, configuration, bytes: make) }
}
