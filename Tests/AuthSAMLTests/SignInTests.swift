import CXOPlugin
import Foundation
import FoundationXML
import Testing
import XOJSON

/// The way of a sign-in: request, answer, and everything that may come once only.
@Suite struct SignInTests {
    private static let denied = xo_status(XO_UNAUTHENTICATED)

    // MARK: Requests

    @Test func aRequestSaysWhatIsWanted() async throws {
        let configuration: JSONObject = [
            "nameIdFormat": "persistent", "forceAuthn": true, "requestedAuthnContext": ["urn:context:a", "urn:b&c"],
            "label": "Company",
        ]
        try await Service.run(configuration) { service in
            #expect(
                service.host.offers == [
                    [
                        "label": "Company", "password": false, "token": false, "unsolicited": false,
                        "redirect": "RelayState",
                    ]
                ])
            let (location, _, id) = try await service.begin()
            #expect(location.host == "idp.example.test" && location.path == "/sso")
            let parameters = Dictionary(
                uniqueKeysWithValues: (location.queryItems ?? []).map { ($0.name, $0.value ?? "") })
            #expect(parameters["RelayState"] == "key-1")
            #expect(parameters.keys.sorted() == ["RelayState", "SAMLRequest"])
            let xml = try Inflate.text(try #require(Data(base64Encoded: parameters["SAMLRequest"] ?? "")))
            let document = try XMLDocument(xmlString: xml)
            let root = try #require(document.rootElement())
            func attribute(_ name: String) -> String? { root.attribute(forName: name)?.stringValue }
            #expect(root.localName == "AuthnRequest" && root.uri == Names.protocol)
            #expect(attribute("ID") == id && id.count == 33 && id.hasPrefix("_"))
            #expect(attribute("Version") == "2.0")
            #expect(attribute("Destination") == "https://idp.example.test/sso")
            #expect(attribute("AssertionConsumerServiceURL") == Names.callback)
            #expect(attribute("ForceAuthn") == "true")
            let issued = try #require(Draft.instant(attribute("IssueInstant") ?? ""))
            #expect(abs(issued - Date().timeIntervalSince1970) < 60)
            let children = (root.children ?? []).compactMap(\.localName)
            #expect(children == ["Issuer", "NameIDPolicy", "RequestedAuthnContext"])
            #expect(root.children?.first?.stringValue == Names.service)
            #expect(root.children?.last?.children?.map(\.stringValue) == ["urn:context:a", "urn:b&c"])
        }
    }

    @Test func requestsAreSignedAsTheyAreSent() async throws {
        let configuration: JSONObject = [
            "signRequests": [
                "secretKey": .string(Identity.service.key.pemRepresentation),
                "certificate": .string(Identity.service.certificate),
            ]
        ]
        try await Service.run(configuration) { service in
            let first = try await service.begin()
            let query = try #require(first.location.percentEncodedQuery)
            #expect(QuerySignature.isGood(query, by: Identity.service))
            #expect(try await service.begin().request != first.request)
        }
    }

    // MARK: Once

    @Test func aMessageIsTakenOnce() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            let draft = Draft(begun.request)
            #expect(try await service.finish(draft.xml(), memory: begun.memory).status == 0)
            let again = try await service.finish(draft.xml(), memory: begun.memory)
            #expect(again.status == Self.denied && again.message.contains("is refused: replay: "))
            // The same assertion in another response.
            var other = draft
            other.responseID += "2"
            #expect(try await service.finish(other.xml(), memory: begun.memory).message.contains("replay: "))
        }
    }

    @Test func aRestartForgetsNothing() async throws {
        let store = MemoryStore()
        let (memory, xml) = try await Service.run(store: store) { service in
            let begun = try await service.begin()
            let xml = try Draft(begun.request).xml()
            #expect(try await service.finish(xml, memory: begun.memory).status == 0)
            return (begun.memory, xml)
        }
        try await Service.run(store: store) { service in
            let answer = try await service.finish(xml, memory: memory)
            #expect(answer.message.contains("is refused: replay: "))
        }
    }

    @Test func ofManyAtOnceOneIsTaken() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            let xml = try Draft(begun.request).xml()
            let statuses = try await withThrowingTaskGroup(of: xo_status.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await service.finish(xml, memory: begun.memory).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 0 } == 1)
            #expect(statuses.count { $0 == Self.denied } == 15)
        }
    }

    @Test func whenNoMoreCanBeRememberedNobodySignsIn() async throws {
        let store = MemoryStore()
        try await Service.run(["rememberedAssertions": 2, "clockSkew": 0], store: store) { service in
            for isFull in [false, false, true] {
                let begun = try await service.begin()
                let answer = try await service.finish(Draft(begun.request).xml(), memory: begun.memory)
                #expect(isFull ? answer.message.contains("rememberedAssertions") : answer.status == 0)
            }
            #expect(store.count("used/") == 2)
        }
        // What has expired makes room, also what an earlier run has left.
        for key in ["used/a", "used/b"] { _ = store.put(key, Array("1000".utf8), .max) }
        try await Service.run(["rememberedAssertions": 4], store: store) { service in
            let begun = try await service.begin()
            #expect(try await service.finish(Draft(begun.request).xml(), memory: begun.memory).status == 0)
            #expect(store.count("used/") == 3)
        }
    }

    @Test func anAnswerToAnotherBrowsersRequestIsRefused() async throws {
        try await Service.run { service in
            let mine = try await service.begin()
            let theirs = try await service.begin()
            let answer = try await service.finish(Draft(theirs.request).xml(), memory: mine.memory)
            #expect(answer.status == Self.denied && answer.message.contains("is refused: request: "))
        }
    }

    // MARK: Without a request

    private static func unsolicited() -> Draft {
        var draft = Draft("")
        draft.responseRequest = nil
        draft.confirmation = Draft.confirmation(nil)
        return draft
    }

    @Test func answersWithoutARequestAreRefused() async throws {
        try await Service.run { service in
            let answer = try await service.finish(Self.unsolicited().xml(), memory: .null)
            #expect(answer.status == Self.denied && answer.message.contains("allowIdpInitiated"))
        }
    }

    @Test func answersWithoutARequestAreTakenWhereAllowed() async throws {
        try await Service.run(["allowIdpInitiated": true]) { service in
            #expect(service.host.offers.last?["unsolicited"] == true)
            let draft = Self.unsolicited()
            #expect(try await service.finish(draft.xml(), memory: .null).status == 0)
            #expect(try await service.finish(draft.xml(), memory: .null).message.contains("replay: "))
            // One to a request that nobody here has made is somebody else's.
            let stolen = try await service.finish(Draft("_elsewhere").xml(), memory: .null)
            #expect(stolen.message.contains("is refused: request: "))
        }
    }

    // MARK: Transport

    @Test(arguments: [
        ("SAMLResponse", ["not base64!"]), ("SAMLResponse", ["YWJj-_=="]), ("SAMLResponse", ["YWJj="]),
        ("SAMLResponse", ["YQ==YQ=="]), ("SAMLResponse", []), ("SAMLResponse", ["YWJj", "YWJj"]),
        ("RelayState", ["a", "b"]),
    ])
    func whatIsNoFormOfOneMessageIsRefused(_ name: String, _ values: [String]) async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            let xml = try Draft(begun.request).xml()
            var parameters: JSONObject = ["SAMLResponse": [.string(Data(xml.utf8).base64EncodedString())]]
            parameters[name] = JSON(values)
            let answer = try await service.finish(xml, memory: begun.memory, parameters: parameters)
            #expect(answer.status == Self.denied && answer.message.contains("is refused: encoding: "))
        }
    }

    @Test func lineEndsInBase64AreTaken() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            let text = Data(try Draft(begun.request).xml().utf8)
                .base64EncodedString(options: [
                    .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
                ])
            let answer = try await service.finish(
                "", memory: begun.memory, parameters: ["SAMLResponse": [.string(text)]])
            #expect(answer.status == 0, "\(answer.message)")
        }
    }

    @Test func aGetIsRefused() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            let answer = try await service.finish(
                Draft(begun.request).xml(), memory: begun.memory, method: "GET")
            #expect(answer.status == Self.denied && answer.message.contains("is refused: encoding: "))
        }
    }

    @Test func aDeflatedMessageIsRefused() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            let deflated = try Inflate.deflated(Draft(begun.request).xml())
            let answer = try await service.finish(deflated, memory: begun.memory)
            #expect(answer.status == Self.denied && answer.message.contains("is refused: syntax: "))
        }
    }

    /// What the message says must not forge lines of a log, nor fill it.
    @Test func quotedTextsAreHarmless() async throws {
        try await Service.run { service in
            let begun = try await service.begin()
            var draft = Draft(begun.request)
            draft.destination = "https://x/\u{202E}" + String(repeating: "x", count: 50_000)
            let answer = try await service.finish(draft.xml(), memory: begun.memory)
            #expect(answer.message.contains("destination: "))
            #expect(answer.message.utf8.count < 1000)
            #expect(!answer.message.contains("\u{202E}"))
        }
    }
}
