import CXOPlugin
import Foundation
import Testing
import XOJSON

/// Sign-ins through identity providers that others have written.
@Suite(.serialized) struct RealProviderTests {
    private static let mapping: JSONObject = [
        "subjectFrom": "uid", "nameFrom": "uid", "mailFrom": "mail", "displayNameFrom": "displayName",
        "groupsFrom": "groups",
        "signRequests": [
            "secretKey": .string(Identity.service.key.pemRepresentation),
            "certificate": .string(Identity.service.certificate),
        ],
    ]

    /// The plugin, and a provider that has read its metadata and whose metadata it has read.
    private func withProvider(
        _ kind: RealProvider.Kind, _ environment: [String: String] = [:], _ changes: JSONObject = [:],
        _ body: (Service, RealProvider) async throws -> Void
    ) async throws {
        let configuration = Self.mapping.merging(changes) { $1 }
        let metadata = try await Service.run(configuration) { service in
            try await service.host.ask(
                .page,
                [
                    "base": .string(Names.base), "callback": .string(Names.callback), "path": "metadata",
                    "method": "GET", "query": "", "parameters": [:],
                ]
            ).value["body"]?.string ?? ""
        }
        let provider = try await RealProvider(kind, service: metadata, environment)
        do {
            let idp: JSONObject = ["idp": ["metadata": .string(provider.metadata)]]
            try await Service.run(configuration.merging(idp) { $1 }) { service in
                try await body(service, provider)
            }
        } catch {
            await provider.stop()
            throw error
        }
        await provider.stop()
    }

    /// One sign-in with a browser.
    private func signIn(
        _ service: Service, _ provider: RealProvider, _ user: String, _ password: String
    ) async throws -> ProviderHost.Answer {
        let begun = try await service.begin()
        let location = try #require(begun.location.string)
        let end = try await provider.visit(location, as: user, password)
        #expect(end["posts"]?.string == Names.callback, "\(end)")
        let fields = try #require(end["fields"]?.object)
        #expect(fields["RelayState"] == "key-1")
        return try await service.finish("", memory: begun.memory, parameters: fields.mapValues { [$0] })
    }

    // MARK: SimpleSAMLphp

    struct Variant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var environment: [String: String] = [:]
        var changes: JSONObject = [:]
        var refusal: String?
    }

    static let variants = [
        Variant(testDescription: "both signed", changes: ["require": "both"]),
        Variant(
            testDescription: "assertion signed, SHA-512", environment: ["SIGN_RESPONSE": "false", "DIGEST": "sha512"]),
        Variant(testDescription: "response signed", environment: ["SIGN_ASSERTION": "false"]),
        Variant(
            testDescription: "encrypted, requests validated",
            environment: ["ENCRYPT": "true", "VALIDATE_REQUESTS": "true"], changes: ["requireEncryption": true]),
        Variant(
            testDescription: "CBC without a signature around it",
            environment: ["ENCRYPT": "true", "SIGN_RESPONSE": "false"], refusal: "decryption"),
        Variant(testDescription: "a rollover of keys", environment: ["ROLLOVER": "1"]),
        Variant(testDescription: "SHA-1", environment: ["DIGEST": "sha1"], refusal: "algorithm"),
        Variant(
            testDescription: "SHA-1, where it is allowed", environment: ["DIGEST": "sha1"], changes: ["allowSha1": true]
        ),
        Variant(
            testDescription: "nobody signs", environment: ["SIGN_RESPONSE": "false", "SIGN_ASSERTION": "false"],
            refusal: "missing-signature"),
    ]

    @Test(arguments: variants) func simpleSAMLphp(_ variant: Variant) async throws {
        try await withProvider(.simplesamlphp, variant.environment, variant.changes) { service, provider in
            let answer = try await signIn(service, provider, "alice", "alice-pw")
            if let refusal = variant.refusal {
                #expect(answer.message.contains("is refused: \(refusal): "), "\(answer.message)")
                return
            }
            #expect(answer.status == 0, "\(answer.message)")
            #expect(answer.value["subject"]?.string == "\(provider.base)/idp!alice")
            #expect(answer.value["name"] == "alice")
            #expect(answer.value["email"] == "alice@example.test")
            #expect(answer.value["displayName"] == "Alice Éxample")
            #expect(
                answer.value["groups"]
                    == [["id": "operators", "name": "operators"], ["id": "staff", "name": "staff"]])
        }
    }

    @Test func signingOutHereAndThere() async throws {
        try await withProvider(.simplesamlphp, [:], ["logout": "redirect"]) { service, provider in
            let place: JSONObject = ["base": .string(Names.base), "callback": .string(Names.callback)]
            func follow(_ location: String) async throws -> JSON {
                let address = try #require(URLComponents(string: location))
                #expect(location.hasPrefix(Names.base + "/signin/saml/logout?"))
                let query = address.percentEncodedQuery ?? ""
                let parameters = (address.queryItems ?? []).map { ($0.name, JSON.array([.string($0.value ?? "")])) }
                let more: JSONObject = [
                    "path": "logout", "method": "GET", "query": .string(query),
                    "parameters": .object(JSONObject(parameters) { $1 }),
                ]
                return try await service.host.ask(.page, .object(place.merging(more) { $1 })).value
            }

            // Begun here: the provider takes our request, and answers.
            let first = try await signIn(service, provider, "alice", "alice-pw").value
            let names: JSONObject = [
                "subject": first["subject"] ?? .null, "name": "alice", "session": first["session"] ?? .null,
            ]
            let out = try await service.host.ask(.end, .object(place.merging(names) { $1 })).value
            let back = try await provider.visit(try #require(out["location"]?.string))
            let home = try await follow(try #require(back["leads"]?.string, "\(back)"))
            #expect(home["location"]?.string == Names.base + "/")
            #expect(service.host.revoked.isEmpty)
            // It has really forgotten the person: it asks who it is.
            let again = try await provider.visit(try #require(service.begin().location.string))
            #expect(again["shows"] != nil)

            // Begun there: our answer leads back.
            let second = try await signIn(service, provider, "bob", "bob-pw").value
            let started = try await provider.visit(
                provider.base + "/simplesaml/saml2/idp/SingleLogoutService.php?ReturnTo="
                    + QuerySignature.encode("https://elsewhere.example.test/done"))
            let response = try await follow(try #require(started["leads"]?.string, "\(started)"))
            #expect(
                service.host.revoked == [
                    ["subject": second["subject"] ?? .null, "session": second["session"] ?? .null]
                ])
            let done = try await provider.visit(try #require(response["location"]?.string))
            #expect(done["leads"]?.string == "https://elsewhere.example.test/done", "\(done)")
        }
    }

    // MARK: LemonLDAP::NG

    @Test(arguments: ["none", "assertion"]) func lemonLDAP(_ encryption: String) async throws {
        try await withProvider(.lemonldap, ["ENCRYPT": encryption]) { service, provider in
            let answer = try await signIn(service, provider, "dwho", "dwho")
            #expect(answer.status == 0, "\(answer.message)")
            #expect(answer.value["subject"]?.string == "\(provider.base)/saml/metadata!dwho")
            #expect(answer.value["email"] == "dwho@badwolf.org")
            let groups = Set((answer.value["groups"]?.array ?? []).compactMap { $0["name"]?.string })
            #expect(groups.isSuperset(of: ["staff", "timelords"]), "\(answer.value)")
        }
    }
}
