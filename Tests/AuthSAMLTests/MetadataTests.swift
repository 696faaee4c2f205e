import CXOPlugin
import Foundation
import FoundationXML
import TestSupport
import Testing
import XOJSON

/// What we say of ourselves, and what we read of providers.
@Suite struct MetadataTests {
    // MARK: Ours

    @Test func ourMetadataSaysWhatProvidersNeed() async throws {
        let configuration: JSONObject = [
            "logout": "redirect", "nameIdFormat": "persistent",
            "signRequests": [
                "secretKey": .string(Identity.service.key.pemRepresentation),
                "certificate": .string(Identity.service.certificate),
                "nextCertificate": .string(Identity.next.certificate),
            ],
        ]
        try await Service.run(configuration) { service in
            let answer = try await service.host.ask(
                .page,
                [
                    "base": .string(Names.base), "callback": .string(Names.callback), "path": "metadata",
                    "method": "GET", "query": "", "parameters": [:],
                ])
            #expect(answer.value["type"] == "application/samlmetadata+xml")
            let document = try XMLDocument(xmlString: try #require(answer.value["body"]?.string))
            let root = try #require(document.rootElement())
            #expect(root.attribute(forName: "entityID")?.stringValue == Names.service)
            let role = try #require(root.elements(forName: "md:SPSSODescriptor").first)
            #expect(role.attribute(forName: "AuthnRequestsSigned")?.stringValue == "true")
            #expect(role.attribute(forName: "WantAssertionsSigned")?.stringValue == "true")
            let children = (role.children ?? []).compactMap { $0 as? XMLElement }
            #expect(
                children.map(\.localName) == [
                    "KeyDescriptor", "KeyDescriptor", "KeyDescriptor", "SingleLogoutService", "NameIDFormat",
                    "AssertionConsumerService",
                ])
            #expect(
                children.prefix(3).map { $0.attribute(forName: "use")?.stringValue }
                    == ["signing", "signing", "encryption"])
            let certificates = try document.nodes(forXPath: "//*[local-name()='X509Certificate']").map(\.stringValue)
            #expect(
                certificates == [
                    Identity.service.certificateBase64, Identity.next.certificateBase64,
                    Identity.service.certificateBase64,
                ])
            #expect(children.last?.attribute(forName: "Location")?.stringValue == Names.callback)
        }
    }

    // MARK: Theirs

    static func metadata(
        _ certificates: [String], entityID: String = Names.provider, more: String = "", use: String = " use=\"signing\""
    ) -> String {
        let keys = certificates.map {
            "<md:KeyDescriptor\(use)>\(Forgery.keyInfo($0).replacingOccurrences(of: "<ds:KeyInfo>", with: "<ds:KeyInfo xmlns:ds=\"\(Names.signature)\">"))</md:KeyDescriptor>"
        }
        return "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_md\" "
            + "entityID=\"\(entityID)\"\(more)><md:IDPSSODescriptor "
            + "protocolSupportEnumeration=\"\(Names.protocol)\">\(keys.joined())"
            + "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" "
            + "Location=\"https://idp.example.test/post\"></md:SingleSignOnService>"
            + "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" "
            + "Location=\"https://idp.example.test/sso?tenant=1\"></md:SingleSignOnService>"
            + "</md:IDPSSODescriptor></md:EntityDescriptor>"
    }

    static let both = [Identity.provider.certificateBase64, Identity.next.certificateBase64]

    private func signIn(_ service: Service, with identity: Identity = .provider) async throws -> ProviderHost.Answer {
        let begun = try await service.begin()
        #expect(begun.location.string?.hasPrefix("https://idp.example.test/sso?tenant=1&SAMLRequest=") == true)
        var draft = Draft(begun.request)
        draft.assertionSigning?.key = identity.key
        return try await service.finish(draft.xml(), memory: begun.memory)
    }

    private func expectSuccess(_ service: Service, with identity: Identity = .provider) async throws {
        let answer = try await signIn(service, with: identity)
        #expect(answer.status == 0, "\(answer.message)")
    }

    private func expectRefusal(_ service: Service, with identity: Identity) async throws {
        let answer = try await signIn(service, with: identity)
        #expect(answer.message.contains("is refused: signature: "))
    }

    @Test(arguments: [" use=\"signing\"", ""]) func metadataCanBeText(_ use: String) async throws {
        try await Service.run(["idp": ["metadata": .string(Self.metadata(Self.both, use: use))]]) { service in
            try await expectSuccess(service)
            try await expectSuccess(service, with: .next)
            try await expectRefusal(service, with: .stranger)
        }
    }

    @Test func metadataCanBeAFile() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("idp.xml", Self.metadata([Self.both[0]]))
        try await Service.run(["idp": ["metadataFile": .string(file)]]) { service in
            try await expectSuccess(service)
            try await expectRefusal(service, with: .next)
        }
        try folder.write("idp.xml", "broken")
        let service = try await Service(["idp": ["metadataFile": .string(file)]])
        #expect(service.host.log.contains { $0.contains("metadata cannot be read") })
        let answer = try await service.host.ask(
            .begin, ["base": .string(Names.base), "callback": .string(Names.callback), "key": "k"])
        #expect(answer.status == xo_status(XO_UNAVAILABLE))
        try await service.host.stop()
    }

    @Test func oneOfManyIsTakenByItsName() async throws {
        let many =
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">"
            + Self.metadata([Identity.attacker.certificateBase64], entityID: "https://other.example.test")
            .replacingOccurrences(of: "_md", with: "_md2")
            + "<md:EntitiesDescriptor>" + Self.metadata(Self.both) + "</md:EntitiesDescriptor></md:EntitiesDescriptor>"
        let idp: JSON = ["metadata": .string(many), "entityId": .string(Names.provider)]
        try await Service.run(["idp": idp]) { service in
            try await expectSuccess(service)
        }
        await refuses(["idp": ["metadata": .string(many)]], "idp.entityId")
    }

    @Test func signedMetadataMustBeSignedByTheOneCertificate() async throws {
        let plain = Self.metadata(Self.both)
        func signed(_ identity: Identity) throws -> String {
            plain.replacing(
                first: "><md:IDPSSODescriptor",
                with: ">" + (try Signing(key: identity.key).signature(of: plain, id: "_md")) + "<md:IDPSSODescriptor")
        }
        func idp(_ text: String) -> JSONObject {
            ["idp": ["metadata": .string(text), "metadataCertificate": .string(Identity.stranger.certificate)]]
        }
        try await Service.run(idp(signed(.stranger))) { service in
            try await expectSuccess(service)
        }
        await refuses(try idp(signed(.attacker)), "fits none")
        await refuses(idp(plain), "not signed")
    }

    @Test func whatIsNotOrNotAnyMoreMetadataIsRefused() async throws {
        let good = Self.metadata(Self.both)
        for (text, part) in [
            ("<a/>", "EntityDescriptor"), ("not XML", "not well-formed"),
            ("<!DOCTYPE a>" + good, "document type"),
            (good.replacingOccurrences(of: "IDPSSODescriptor", with: "SPSSODescriptor"), "not an identity provider"),
            (good.replacingOccurrences(of: "HTTP-Redirect", with: "HTTP-Artifact"), "redirect binding"),
            (Self.metadata([]), "no certificate"), (Self.metadata(["AAAA"]), "X.509"),
            (Self.metadata(Self.both, use: " use=\"encryption\""), "no certificate"),
            (Self.metadata(Self.both, more: " validUntil=\"2020-01-01T00:00:00Z\""), "validUntil"),
        ] {
            await refuses(["idp": ["metadata": .string(text)]], part)
        }
    }

    @Test func configurationsThatMakeNoSenseAreRefused() async throws {
        let provider = Service.configuration["idp"] ?? [:]
        await refuses(["idp": [:]], "sources")
        await refuses(["idp": ["ssoUrl": "https://x.test"]], "certificates")
        await refuses(["idp": ["metadataUrl": "http://x.test/"]], "https://")
        await refuses(["idp": provider, "logout": "redirect"], "signRequests")
        await refuses(["idp": provider, "requireEncryption": true, "decryptionKeys": []], "decryptionKeys")
        let mixed: JSON = [
            "secretKey": .string(Identity.service.key.pemRepresentation),
            "certificate": .string(Identity.stranger.certificate),
        ]
        await refuses(["idp": provider, "signRequests": mixed], "another key")
        await refuses(["idp": provider, "decryptionKeys": [mixed]], "decryptionKeys[0]")
        await refuses(
            ["idp": provider, "signRequests": ["secretKey": "hush", "certificate": "hush"]], "signRequests.secretKey")
        let short = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
        await refuses(
            ["idp": ["entityId": "e", "ssoUrl": "https://x.test", "certificates": [.string(short)]]],
            "idp.certificates[0]")
    }

    @Test func shortKeysAreRefusedAndOldCertificatesAreTold() async throws {
        func certificate(_ kind: String...) async throws -> JSON {
            let made = try await Program.run(
                URL(filePath: "/usr/bin/openssl"),
                ["req", "-x509", "-nodes", "-subj", "/CN=idp", "-days", "1", "-keyout", "/dev/null"] + kind)
            #expect(made.status == 0, "\(made.errors)")
            return [
                "entityId": "e", "ssoUrl": "https://x.test",
                "certificates": [.string(made.output)],
            ]
        }
        await refuses(["idp": try await certificate("-newkey", "rsa:1024")], "2048 bits or more")
        await refuses(["idp": try await certificate("-newkey", "ed25519")], "idp.certificates[0]")
        try await Service.run(["idp": try await certificate("-newkey", "rsa:2048")]) { service in
            #expect(service.host.log.contains { $0.contains("expires soon") })
        }
    }

    @Test func whoWantsSignedRequestsGetsNoOthers() async throws {
        let metadata = Self.metadata(Self.both).replacing(
            first: "<md:IDPSSODescriptor ", with: "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" ")
        try await Service.run(["idp": ["metadata": .string(metadata)]]) { service in
            let answer = try await service.host.ask(
                .begin, ["base": .string(Names.base), "callback": .string(Names.callback), "key": "k"])
            #expect(answer.status == xo_status(XO_UNAVAILABLE))
            #expect(answer.message.contains("signRequests"))
        }
    }

    /// A running plugin that is given a bad configuration goes on with the one that it has.
    @Test func aBadConfigurationChangesNothing() async throws {
        try await Service.run { service in
            await #expect(throws: ProviderHost.Failure.self) {
                try await service.host.configure(["idp": ["metadata": "broken"]])
            }
            let begun = try await service.begin()
            #expect(try await service.finish(Draft(begun.request).xml(), memory: begun.memory).status == 0)
            let other = Service.configuration.merging(["label": "New", "nameFrom": "mail"]) { $1 }
            try await service.host.configure(.object(other))
            #expect(service.host.offers.last?["label"] == "New")
            let again = try await service.begin()
            let answer = try await service.finish(Draft(again.request).xml(), memory: again.memory)
            #expect(answer.value["name"] == "alice@example.test")
        }
    }

    private func refuses(_ configuration: JSONObject, _ part: String) async {
        await #expect("\(part)") {
            try await Service.run(configuration) { _ in }
        } throws: { error in
            let text = "\(error)"
            return text.contains(part) && !text.contains("hush") && !text.contains("PRIVATE KEY")
        }
    }

    // MARK: From a server

    @Test func metadataIsFetchedAndTheLastGoodCopyIsKept() async throws {
        let server = try await MetadataServer()
        try server.serve(Self.metadata([Self.both[0]]))
        let store = MemoryStore()
        let configuration: JSONObject = [
            "idp": [
                "metadataUrl": .string(server.url), "certificateAuthorities": .string(server.certificate),
            ]
        ]
        try await Service.run(configuration, store: store) { service in
            try await known(service)
            try await expectSuccess(service)
            try await expectRefusal(service, with: .next)
        }
        // A new certificate in unsigned metadata waits for the administrator.
        try server.serve(Self.metadata(Self.both))
        try await Service.run(configuration, store: store) { service in
            try await logged(service, "has new certificates")
            try await expectRefusal(service, with: .next)
        }
        var trusting = configuration
        trusting["idp"] = [
            "metadataUrl": .string(server.url), "certificateAuthorities": .string(server.certificate),
            "acceptNewCertificates": true,
        ]
        try await Service.run(trusting, store: store) { service in
            try await logged(service, "metadata is in use")
            try await expectSuccess(service, with: .next)
        }
        await server.stop()
        try await Service.run(configuration, store: store) { service in
            try await logged(service, "the last good copy is used")
            try await expectSuccess(service, with: .next)
        }
    }

    @Test func aRedirectionToHTTPSIsFollowed() async throws {
        let server = try await MetadataServer()
        try server.serve(Self.metadata(Self.both))
        let idp: JSON = [
            "metadataUrl": .string(server.base + "/moved"), "certificateAuthorities": .string(server.certificate),
        ]
        try await Service.run(["idp": idp]) { service in
            try await known(service)
            try await expectSuccess(service)
        }
        await server.stop()
    }

    @Test(arguments: ["/plain", "/big", "/missing", "/loop", "/broken"])
    func aServerThatMisbehavesIsNotBelieved(_ path: String) async throws {
        let server = try await MetadataServer()
        try server.serve(Self.metadata(Self.both))
        let idp: JSON = [
            "metadataUrl": .string(server.base + path), "certificateAuthorities": .string(server.certificate),
        ]
        try await Service.run(["idp": idp]) { service in
            try await logged(service, "metadata cannot be read")
            let answer = try await service.host.ask(
                .begin, ["base": .string(Names.base), "callback": .string(Names.callback), "key": "k"])
            #expect(answer.status == xo_status(XO_UNAVAILABLE))
        }
        await server.stop()
    }

    @Test func aServerThatNobodyVouchesForIsNotBelieved() async throws {
        let server = try await MetadataServer()
        try server.serve(Self.metadata(Self.both))
        try await Service.run(["idp": ["metadataUrl": .string(server.url)]]) { service in
            try await logged(service, "metadata cannot be read")
        }
        await server.stop()
    }

    private func known(_ service: Service) async throws { try await logged(service, "metadata is in use") }

    private func logged(_ service: Service, _ part: String) async throws {
        _ = try await poll({ service.host.log }, until: { $0.contains { $0.contains(part) } })
    }
}
