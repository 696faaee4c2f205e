import Foundation

extension Forgery {
    /// XML signature wrapping: what is signed and what is read are two things.
    static let wrapping: [Forgery] = [
        Forgery("1: original response inside the signature of the forged one", "structure") { draft in
            var original = draft
            original.assertionSigning = nil
            let content = original.assertion()
            let signature = try Signing().signature(of: original.response(content), id: original.responseID)
            var forged = draft.forged
            forged.responseID = "_evil"
            return forged.response(
                forged.assertion(), signature: signature.appendingInside(original.response(content)))
        },
        Forgery("2: original response beside its detached signature", "structure") { draft in
            var original = draft
            original.assertionSigning = nil
            let content = original.assertion()
            let signature = try Signing().signature(of: original.response(content), id: original.responseID)
            var forged = draft.forged
            forged.responseID = "_evil"
            return forged.response(forged.assertion(), signature: signature + original.response(content))
        },
        Forgery("3: forged assertion before the signed one", "structure") {
            $0.response($0.forged.assertion() + (try $0.signedAssertion()))
        },
        Forgery("forged assertion after the signed one", "structure") {
            $0.response(try $0.signedAssertion() + $0.forged.assertion())
        },
        Forgery("4: signed assertion as a child of the forged one", "structure") {
            $0.response($0.forged.assertion().appendingInside(try $0.signedAssertion()))
        },
        Forgery("5: altered in place, copy of the original appended", "structure") {
            $0.response($0.forged.assertion(signature: try $0.genuineSignature()) + $0.assertion())
        },
        Forgery("6: altered in place, original inside the signature", "structure") {
            $0.response($0.forged.assertion(signature: try $0.genuineSignature().appendingInside($0.assertion())))
        },
        Forgery("7: forged assertion in Extensions", "structure") {
            var draft = $0
            draft.extensions = "<samlp:Extensions>\($0.forged.assertion())</samlp:Extensions>"
            return try draft.xml()
        },
        Forgery("8: original in an Object of the forged one's signature", "structure") {
            $0.response(
                $0.forged.assertion(
                    signature: try $0.genuineSignature().appendingInside("<ds:Object>\($0.assertion())</ds:Object>")))
        },
        Forgery("forged assertion inside the signature of the untouched one", "structure") {
            $0.response(
                $0.assertion(signature: try $0.genuineSignature().appendingInside($0.forged.assertion())))
        },
        Forgery("forged assertion inside the KeyInfo of the untouched one", "structure") {
            $0.response(
                $0.assertion(
                    signature: try $0.genuineSignature().replacing(
                        first: "</ds:KeyInfo>", with: $0.forged.assertion() + "</ds:KeyInfo>")))
        },
        Forgery("forged assertion in an Object of the untouched one's signature", "structure") {
            $0.response(
                $0.assertion(
                    signature: try $0.genuineSignature().appendingInside(
                        "<ds:Object>\($0.forged.assertion())</ds:Object>")))
        },
        Forgery("original hidden in Extensions", "structure") {
            var draft = $0.forged
            draft.extensions = "<samlp:Extensions>\(try $0.signedAssertion())</samlp:Extensions>"
            return try draft.xml()
        },
        Forgery("original hidden in StatusDetail", "structure") {
            var draft = $0.forged
            draft.status = draft.status.appendingInside(
                "<samlp:StatusDetail>\(try $0.signedAssertion())</samlp:StatusDetail>")
            return try draft.xml()
        },
        Forgery("original hidden in Advice", "structure") {
            var draft = $0.forged
            draft.attributes += "<saml:Advice>\(try $0.signedAssertion())</saml:Advice>"
            return try draft.xml()
        },
        Forgery("signature as a child of another element", "structure") {
            $0.response(
                $0.assertion().replacing(first: "<saml:Subject>", with: "<saml:Subject>" + (try $0.genuineSignature())))
        },
        Forgery("assertion's signature as a child of the response", "signature-shape") {
            $0.response($0.assertion(), signature: try $0.genuineSignature())
        },
        Forgery("two properly signed assertions", "structure") {
            var other = $0
            other.assertionID += "2"
            return $0.response(try $0.signedAssertion() + other.signedAssertion())
        },
        Forgery("complete signed response nested in a forged one", "structure") {
            var original = $0
            original.responseSigning = Signing()
            var forged = $0.forged
            forged.responseID = "_evil"
            forged.extensions = "<samlp:Extensions>\(try original.xml())</samlp:Extensions>"
            return try forged.xml()
        },
        Forgery("signed error response as the signed part", "structure") {
            var error = $0
            error.status = error.status.replacingOccurrences(of: "Success", with: "Responder")
            error.responseSigning = Signing()
            var forged = $0.forged
            forged.responseID = "_evil"
            forged.extensions = "<samlp:Extensions>\(try error.signedResponse(""))</samlp:Extensions>"
            return try forged.xml()
        },
        Forgery("signed metadata as the signed part", "structure") {
            let metadata =
                "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_md\" "
                + "entityID=\"\(Names.provider)\"></md:EntityDescriptor>"
            let signature = try Signing().signature(of: metadata, id: "_md")
            var forged = $0.forged
            forged.extensions = "<samlp:Extensions>\(metadata.appendingInside(signature))</samlp:Extensions>"
            return try forged.xml()
        },
        Forgery("signature over metadata moved to the assertion", "signature-shape") {
            let metadata =
                "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_md\" "
                + "entityID=\"\(Names.provider)\"></md:EntityDescriptor>"
            let signature = try Signing().signature(of: metadata, id: "_md")
            return $0.response($0.forged.assertion(signature: signature))
        },
        Forgery("second assertion, signed by the attacker", "structure") {
            var forged = $0.forged
            forged.assertionSigning = Signing(key: Identity.attacker.key)
            return $0.response(try $0.signedAssertion() + forged.signedAssertion())
        },
        Forgery("two signatures in the assertion", "structure") {
            $0.response($0.assertion(signature: try $0.genuineSignature() + $0.genuineSignature()))
        },
        Forgery("two signatures in the response", "structure") {
            var draft = $0
            draft.assertionSigning = nil
            let content = draft.assertion()
            let signature = try Signing().signature(of: draft.response(content), id: draft.responseID)
            return draft.response(content, signature: signature + signature)
        },
        Forgery("look-alike namespace of the signature", "namespace") {
            $0.response(
                $0.assertion(
                    signature: try $0.genuineSignature().replacingOccurrences(
                        of: "xmlns:ds=\"\(Names.signature)\"", with: "xmlns:ds=\"http://www.w3.org/2000/09/XMLDSig#\""))
            )
        },
        Forgery("look-alike namespace of the forged assertion", "namespace") {
            let forged = $0.forged.assertion().replacingOccurrences(
                of: "SAML:2.0:assertion", with: "SAML:2.0:Assertion")
            return $0.response(forged + (try $0.signedAssertion()))
        },
        Forgery("assertion of SAML 1.1 beside it", "namespace") {
            let forged = $0.forged.assertion().replacingOccurrences(
                of: "SAML:2.0:assertion", with: "SAML:1.0:assertion")
            return $0.response(forged + (try $0.signedAssertion()))
        },
        Forgery("the assertion alone, without a response", "structure") { try $0.signedAssertion() },
        Forgery("an ArtifactResponse around it", "structure") {
            "<samlp:ArtifactResponse xmlns:samlp=\"\(Names.protocol)\">\(try $0.xml())</samlp:ArtifactResponse>"
        },
        Forgery("a SOAP envelope around it", "structure") {
            "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">\(try $0.xml())</e:Envelope>"
        },
        Forgery("a LogoutResponse in its place", "structure") {
            try $0.xml().replacingOccurrences(of: "samlp:Response", with: "samlp:LogoutResponse")
        },
    ]

    /// Identifiers that are there twice, or that another reader would see.
    static let identifiers: [Forgery] = [
        Forgery("the same ID twice, forged first", "identifier") {
            var forged = $0.forged
            forged.assertionID = $0.assertionID
            return $0.response(forged.assertion() + (try $0.signedAssertion()))
        },
        Forgery("the same ID twice, forged last", "identifier") {
            var forged = $0.forged
            forged.assertionID = $0.assertionID
            return $0.response(try $0.signedAssertion() + forged.assertion())
        },
        .changed("ID of the response is that of the assertion", "identifier") { $0.responseID = $0.assertionID },
        .changed("no ID of the response", "identifier") { $0.responseID = "REMOVE" }.editing {
            $0.replacingOccurrences(of: " ID=\"REMOVE\"", with: "")
        },
        Forgery("no ID of the assertion", "signature-shape") {
            try $0.xml().replacingOccurrences(of: " ID=\"\($0.assertionID)\"", with: "")
        },
        polluted("Id", "Id"), polluted("id", "id"), polluted("AssertionID", "AssertionID"),
        Forgery("xml:id carries the signed value", "identifier") {
            $0.response(
                $0.forged.assertion(signature: try $0.genuineSignature()).replacing(
                    first: " ID=", with: " xml:id=\"\($0.assertionID)\" ID="))
        },
        Forgery("samlp:ID carries the signed value", "identifier") {
            $0.response(
                $0.forged.assertion(signature: try $0.genuineSignature()).replacing(
                    first: " ID=", with: " samlp:ID=\"\($0.assertionID)\" ID="))
        },
        Forgery("the reference differs in case", "signature-shape") {
            var draft = $0
            draft.assertionSigning?.uri = " URI=\"#\($0.assertionID.uppercased())\""
            return try draft.xml()
        },
        .changed("an ID that is an expression", "identifier") { $0.assertionID = "a')|id('b" },
    ]

    private static func polluted(_ name: String, _ attribute: String) -> Forgery {
        Forgery("\(name) carries the signed value", "signature-shape") {
            $0.response(
                $0.forged.assertion(signature: try $0.genuineSignature()).replacing(
                    first: " ID=", with: " \(attribute)=\"\($0.assertionID)\" ID="))
        }
    }

    /// The same, with the finished text changed.
    func editing(_ edit: @escaping @Sendable (String) -> String) -> Forgery {
        Forgery(name, reason, configuration, bytes: { Data(edit(String(decoding: try make($0), as: UTF8.self)).utf8) })
    }
}
