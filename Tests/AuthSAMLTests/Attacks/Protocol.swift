import Foundation

extension Forgery {
    /// Messages that a provider has signed, and that are not for us, not now, or not what was asked for.
    static let protocols: [Forgery] =
        eachSigned("expired conditions", "time") { $0.conditions = Draft.conditions(end: Draft.time(-120)) }
        + eachSigned("conditions that begin later", "time") { $0.conditions = Draft.conditions(start: Draft.time(120)) }
        + eachSigned("an expired confirmation", "time") {
            $0.confirmation = Draft.confirmation($0.request, end: Draft.time(-120))
        }
        + eachSigned("a confirmation without an end", "time") {
            $0.confirmation = Draft.confirmation($0.request, end: nil)
        }
        + eachSigned("a confirmation with a beginning", "confirmation") {
            $0.confirmation = Draft.confirmation($0.request, more: " NotBefore=\"\(Draft.time(-60))\"")
        }
        + eachSigned("an expired session", "time") {
            $0.statement = Draft.statement(more: " SessionNotOnOrAfter=\"\(Draft.time(-120))\"")
        }
        + eachSigned("authentication in the future", "time") { $0.statement = Draft.statement(at: Draft.time(3600)) }
        + eachSigned("issued in the future", "time") { $0.issued = Draft.time(3600) }
        + eachSigned("issued an hour ago", "time") { $0.issued = Draft.time(-3600) }
        + eachSigned("another audience", "audience") {
            $0.conditions = Draft.conditions(audiences: ["https://other.example.test"])
        }
        + eachSigned("no audience", "audience") { $0.conditions = Draft.conditions(audiences: []) }
        + eachSigned("an audience that begins like ours", "audience") {
            $0.conditions = Draft.conditions(audiences: [Names.service + "2"])
        }
        + eachSigned("an audience that ours begins with", "audience") {
            $0.conditions = Draft.conditions(audiences: [Names.base])
        }
        + eachSigned("an audience in other case", "audience") {
            $0.conditions = Draft.conditions(audiences: [Names.service.uppercased()])
        }
        + eachSigned("an audience with a blank", "audience") {
            $0.conditions = Draft.conditions(audiences: [Names.service + " "])
        }
        + eachSigned("a second restriction to others", "audience") {
            $0.conditions = Draft.conditions(more: Draft.restriction(["https://other.example.test"]))
        }
        + eachSigned("no conditions", "conditions") { $0.conditions = "" }
        + eachSigned("two conditions", "conditions") { $0.conditions += $0.conditions }
        + eachSigned("an unknown condition", "conditions") {
            $0.conditions = Draft.conditions(more: "<saml:Condition></saml:Condition>")
        }
        + eachSigned("a condition of another namespace", "conditions") {
            $0.conditions = Draft.conditions(more: "<x:OneTimeUse xmlns:x=\"urn:x\"></x:OneTimeUse>")
        }
        + eachSigned("another recipient", "confirmation") {
            $0.confirmation = Draft.confirmation($0.request, recipient: "https://other.example.test/acs")
        }
        + eachSigned("a recipient that begins like ours", "confirmation") {
            $0.confirmation = Draft.confirmation($0.request, recipient: Names.callback + "/2")
        }
        + eachSigned("no recipient", "confirmation") {
            $0.confirmation = Draft.confirmation($0.request, recipient: nil)
        }
        + eachSigned("another destination", "destination") { $0.destination = "https://other.example.test/acs" }
        + eachSigned("a destination that begins like ours", "destination") { $0.destination = Names.callback + "/2" }
        + eachSigned("another issuer", "issuer") {
            $0.issuer = "<saml:Issuer>https://other.example.test</saml:Issuer>"
        }
        + eachSigned("an issuer that begins like the provider", "issuer") {
            $0.issuer = "<saml:Issuer>\(Names.provider)2</saml:Issuer>"
        }
        + eachSigned("no issuer", "issuer") { $0.issuer = "" }
        + eachSigned("two issuers", "issuer") { $0.issuer += $0.issuer }
        + eachSigned("another issuer of the response", "issuer") {
            $0.responseIssuer = $0.responseIssuer.replacingOccurrences(of: Names.provider, with: "https://other.test")
        }
        + eachSigned("an answer to another request", "request") {
            $0.responseRequest = "_other"
            $0.confirmation = Draft.confirmation("_other")
        }
        + eachSigned("a confirmation for another request", "request") { $0.confirmation = Draft.confirmation("_other") }
        + eachSigned("a response to another request", "request") { $0.responseRequest = "_other" }
        + eachSigned("a response to no request", "request") { $0.responseRequest = nil }
        + eachSigned("a confirmation for no request", "request") { $0.confirmation = Draft.confirmation(nil) }
        + eachSigned("no success", "status") {
            $0.status = $0.status.replacingOccurrences(of: "Success", with: "Responder")
        }
        + eachSigned("success only further in", "status") {
            $0.status =
                "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\">"
                + "<samlp:StatusCode Value=\"\(Names.success)\"></samlp:StatusCode></samlp:StatusCode></samlp:Status>"
        }
        + eachSigned("no status", "status") { $0.status = "" }
        + eachSigned("version 1.1 of the response", "version") { $0.responseVersion = "1.1" }
        + eachSigned("version 1.1 of the assertion", "version") { $0.assertionVersion = "1.1" }
        + eachSigned("sender-vouches", "confirmation") {
            $0.confirmation = Draft.confirmation(
                $0.request, method: "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches")
        }
        + eachSigned("no confirmation", "confirmation") { $0.confirmation = "" }
        + eachSigned("a confirmation without data", "confirmation") {
            $0.confirmation = "<saml:SubjectConfirmation Method=\"\(Names.bearer)\"></saml:SubjectConfirmation>"
        }
        + eachSigned("no AuthnStatement", "authentication") { $0.statement = "" }
        + [
            .changed("a signed response without destination", "destination") {
                $0.responseSigning = Signing()
                $0.destination = nil
            },
            .changed("a signed response without issuer", "issuer") {
                $0.responseSigning = Signing()
                $0.responseIssuer = ""
            },
            Forgery("no assertion", "structure") { try $0.signedResponse("") },
            Forgery("a failure without an assertion", "status") {
                var draft = $0
                draft.status = draft.status.replacingOccurrences(of: "Success", with: "AuthnFailed")
                return try draft.signedResponse("")
            },
            Forgery("no subject", "subject") { draft in
                let assertion = draft.assertion().replacingOccurrences(of: draft.subject, with: "")
                let signature = try Signing().signature(of: assertion, id: draft.assertionID)
                return draft.response(assertion.replacing(first: draft.issuer, with: draft.issuer + signature))
            },
            .changed("authentication too long ago", "authentication", ["maxAuthnAge": 60]) {
                $0.statement = Draft.statement(at: Draft.time(-600))
            },
            .changed(
                "another authentication context than asked for", "authentication",
                ["requestedAuthnContext": ["urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"]]
            ) { _ in },
            .changed("not encrypted, where it must be", "missing-encryption", ["requireEncryption": true]) { _ in },
            .changed("an encrypted NameID", "subject") {
                $0.nameID = "<saml:EncryptedID></saml:EncryptedID>"
            },
        ]
        + [
            "2026", "yesterday", "2026-02-30T00:00:00Z", "2026-11-26T09:30:10", "2026-11-26 09:30:10Z", "1e99", " ",
            "2026-11-26T24:00:00Z", "2026-11-26T09:30:10.Z", "-2026-11-26T09:30:10Z", "٢٠٢٦-11-26T09:30:10Z",
        ].map { (date: String) in
            .changed("the date '\(date)'", "time") { $0.conditions = Draft.conditions(end: date) }
        }
}
