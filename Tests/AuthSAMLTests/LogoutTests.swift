import CXOPlugin
import Foundation
import FoundationXML
import Testing
import XOJSON

/// Signing out here and at the provider together.
@Suite struct LogoutTests {
    private static let configuration: JSONObject = [
        "logout": "redirect",
        "signRequests": [
            "secretKey": .string(Identity.service.key.pemRepresentation),
            "certificate": .string(Identity.service.certificate),
        ],
    ]
    private static let address = Names.base + "/signin/saml/logout"

    /// Signs somebody in and returns the voucher.
    private func signIn(_ service: Service, session: String = "session-1") async throws -> JSON {
        let begun = try await service.begin()
        var draft = Draft(begun.request)
        draft.statement = Draft.statement(more: " SessionIndex=\"\(session)\"")
        let answer = try await service.finish(draft.xml(), memory: begun.memory)
        try #require(answer.status == 0)
        return answer.value
    }

    private func page(_ service: Service, _ query: String, _ name: String, path: String = "logout") async throws
        -> ProviderHost.Answer
    {
        let value = query.components(separatedBy: "&").first { $0.hasPrefix(name + "=") }
        return try await service.host.ask(
            .page,
            [
                "base": .string(Names.base), "callback": .string(Names.callback), "path": .string(path),
                "method": "GET", "query": .string(query),
                "parameters": [name: [.string(value?.removingPercentEncoding ?? "")]],
            ])
    }

    private struct Request {
        var id = "_l" + UUID().uuidString
        var issuer = Names.provider
        var destination = LogoutTests.address
        var issued = Draft.time(0)
        var end: String?
        var nameID = "<saml:NameID Format=\"\(Names.persistent)\">alice</saml:NameID>"
        var sessions = ["session-1"]

        var xml: String {
            "<samlp:LogoutRequest xmlns:samlp=\"\(Names.protocol)\" xmlns:saml=\"\(Names.assertion)\" ID=\"\(id)\" "
                + "Version=\"2.0\" IssueInstant=\"\(issued)\" Destination=\"\(destination)\""
                + (end.map { " NotOnOrAfter=\"\($0)\"" } ?? "") + "><saml:Issuer>\(issuer)</saml:Issuer>\(nameID)"
                + sessions.map { "<samlp:SessionIndex>\($0)</samlp:SessionIndex>" }.joined()
                + "</samlp:LogoutRequest>"
        }
    }

    private static func parameters(_ location: String) -> [String: String] {
        let items = URLComponents(string: location)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    // MARK: Begun here

    @Test func signingOutHereAsksTheProvider() async throws {
        let store = MemoryStore()
        let voucher = try await Service.run(Self.configuration, store: store) { try await signIn($0) }
        // The session is known after a restart, too.
        try await Service.run(Self.configuration, store: store) { service in
            let question: JSON = [
                "base": .string(Names.base), "callback": .string(Names.callback),
                "subject": voucher["subject"] ?? .null, "name": "alice", "session": voucher["session"] ?? .null,
            ]
            let location = try #require(try await service.host.ask(.end, question).value["location"]?.string)
            #expect(location.hasPrefix("https://idp.example.test/slo?"))
            let query = try #require(URLComponents(string: location)?.percentEncodedQuery)
            #expect(QuerySignature.isGood(query, by: Identity.service))
            let message = try #require(Data(base64Encoded: Self.parameters(location)["SAMLRequest"] ?? ""))
            let root = try #require(try XMLDocument(xmlString: Inflate.text(message)).rootElement())
            #expect(root.localName == "LogoutRequest")
            #expect(root.attribute(forName: "Destination")?.stringValue == "https://idp.example.test/slo")
            #expect(root.children?.map(\.stringValue) == [Names.service, "alice", "session-1"])
            // Once: afterwards the session is not known any more.
            #expect(try await service.host.ask(.end, question).value["location"] == nil)
            // The provider's answer leads home.
            let home = try await page(service, "SAMLResponse=x", "SAMLResponse")
            #expect(home.value["location"]?.string == Names.base + "/")
            #expect(service.host.revoked.isEmpty)
        }
    }

    // MARK: Begun there

    @Test func theProviderEndsOneSession() async throws {
        try await Service.run(Self.configuration) { service in
            let first = try await signIn(service)
            _ = try await signIn(service, session: "session-2")
            let request = Request()
            let query = try QuerySignature.make("SAMLRequest", request.xml, relayState: "r%2Fs", by: .provider)
            let answer = try await page(service, query, "SAMLRequest")
            #expect(
                service.host.revoked
                    == [["subject": first["subject"] ?? .null, "session": first["session"] ?? .null]])
            let location = try #require(answer.value["location"]?.string)
            #expect(location.hasPrefix("https://idp.example.test/slo?SAMLResponse="))
            #expect(location.contains("&RelayState=r%2Fs&"))
            #expect(
                QuerySignature.isGood(try #require(URLComponents(string: location)?.percentEncodedQuery), by: .service))
            let message = try #require(Data(base64Encoded: Self.parameters(location)["SAMLResponse"] ?? ""))
            let root = try #require(try XMLDocument(xmlString: Inflate.text(message)).rootElement())
            #expect(root.localName == "LogoutResponse")
            #expect(root.attribute(forName: "InResponseTo")?.stringValue == request.id)
            // The same request once more.
            let again = try await page(service, query, "SAMLRequest")
            #expect(again.message.contains("replay: "))
            #expect(service.host.revoked.count == 1)
        }
    }

    @Test func theProviderEndsAllSessionsOfAPerson() async throws {
        try await Service.run(Self.configuration) { service in
            for session in ["session-1", "session-2"] { _ = try await signIn(service, session: session) }
            let request = Request(sessions: [])
            _ = try await page(
                service, QuerySignature.make("SAMLRequest", request.xml, by: .provider), "SAMLRequest")
            #expect(service.host.revoked.count == 2)
        }
    }

    private static let forged: [(name: String, reason: String, query: @Sendable (Request) throws -> String)] = [
        (
            "unsigned", "missing-signature",
            { "SAMLRequest=" + QuerySignature.encode(try Inflate.deflated($0.xml).base64EncodedString()) }
        ),
        ("signed by somebody else", "signature", { try QuerySignature.make("SAMLRequest", $0.xml, by: .attacker) }),
        (
            "another RelayState than was signed", "signature",
            {
                try QuerySignature.make("SAMLRequest", $0.xml, relayState: "a", by: .provider)
                    .replacingOccurrences(of: "RelayState=a", with: "RelayState=b")
            }
        ),
        (
            "two messages", "encoding",
            { try QuerySignature.make("SAMLRequest", $0.xml, by: .provider) + "&SAMLRequest=AAAA" }
        ),
        (
            "HMAC", "algorithm",
            {
                try QuerySignature.make(
                    "SAMLRequest", $0.xml, by: .provider, algorithm: "http://www.w3.org/2000/09/xmldsig#hmac-sha1")
            }
        ),
        (
            "a bomb", "encoding",
            {
                try QuerySignature.make(
                    "SAMLRequest", $0.xml + String(repeating: " ", count: 900_000), by: .provider)
            }
        ),
        ("old", "time", { try sign($0) { $0.issued = Draft.time(-3600) } }),
        ("expired", "time", { try sign($0) { $0.end = Draft.time(-120) } }),
        ("from the future", "time", { try sign($0) { $0.issued = Draft.time(3600) } }),
        ("to somebody else", "destination", { try sign($0) { $0.destination = "https://other.example.test/slo" } }),
        ("by another provider", "issuer", { try sign($0) { $0.issuer = "https://other.example.test" } }),
        ("about nobody", "subject", { try sign($0) { $0.nameID = "" } }),
        (
            "another message", "structure",
            { _ in
                try QuerySignature.make("SAMLRequest", Draft("_r").xml(), by: .provider)
            }
        ),
    ]

    private static func sign(_ request: Request, _ change: (inout Request) -> Void) throws -> String {
        var request = request
        change(&request)
        return try QuerySignature.make("SAMLRequest", request.xml, by: .provider)
    }

    @Test(arguments: forged.indices) func forgedRequestsEndNothing(_ index: Int) async throws {
        let (name, reason, make) = Self.forged[index]
        try await Service.run(Self.configuration) { service in
            _ = try await signIn(service)
            let answer = try await page(service, make(Request()), "SAMLRequest")
            #expect(answer.status == xo_status(XO_UNAUTHENTICATED), "\(name)")
            #expect(answer.message.contains("is refused: \(reason): "), "\(name): \(answer.message)")
            #expect(service.host.revoked.isEmpty, "\(name)")
        }
    }

    @Test func somebodyElsesSessionStays() async throws {
        try await Service.run(Self.configuration) { service in
            _ = try await signIn(service)
            var request = Request()
            request.nameID = request.nameID.replacingOccurrences(of: "alice", with: "bob")
            _ = try await page(
                service, QuerySignature.make("SAMLRequest", request.xml, by: .provider), "SAMLRequest")
            #expect(service.host.revoked.isEmpty)
        }
    }

    @Test func withoutLogoutThereIsNoSuchPage() async throws {
        try await Service.run { service in
            let answer = try await page(
                service, QuerySignature.make("SAMLRequest", Request().xml, by: .provider), "SAMLRequest")
            #expect(answer.status == xo_status(XO_NOT_FOUND))
        }
    }
}
