import Foundation
import TestSupport
import XOJSON

/// The plugin as a service provider, and a person who signs in.
struct Service {
    let host: ProviderHost

    static let configuration: JSONObject = [
        "idp": [
            "entityId": .string(Names.provider), "ssoUrl": "https://idp.example.test/sso",
            "sloUrl": "https://idp.example.test/slo",
            "certificates": [.string(Identity.provider.certificate), .string(Identity.next.certificate)],
        ],
        "nameFrom": "uid", "mailFrom": "mail", "groupsFrom": "groups",
        "decryptionKeys": [
            [
                "secretKey": .string(Identity.service.key.pemRepresentation),
                "certificate": .string(Identity.service.certificate),
            ]
        ],
    ]

    /// Runs the plugin; `changes` are to a configuration that makes sense.
    init(_ changes: JSONObject = [:], store: MemoryStore = MemoryStore()) async throws {
        host = try ProviderHost(BuildProducts.plugin("AuthSAML"), store: store)
        try await host.start(.object(Self.configuration.merging(changes) { $1 }))
    }

    /// Runs `body` with the plugin, and stops the plugin.
    static func run<Result>(
        _ changes: JSONObject = [:], store: MemoryStore = MemoryStore(), _ body: (Service) async throws -> Result
    ) async throws -> Result {
        let service = try await Service(changes, store: store)
        do {
            let result = try await body(service)
            try await service.host.stop()
            return result
        } catch {
            try? await service.host.stop()
            throw error
        }
    }

    /// What is kept for the answer, with the request's id in it.
    func begin() async throws -> (location: URLComponents, memory: JSON, request: String) {
        let answer = try await host.ask(
            .begin, ["base": .string(Names.base), "callback": .string(Names.callback), "key": "key-1"])
        guard let location = answer.value["location"]?.string.flatMap(URLComponents.init(string:)),
            let memory = answer.value["memory"], let request = memory["request"]?.string
        else { throw ProviderHost.Failure(description: "begin answers \(answer)") }
        return (location, memory, request)
    }

    func finish(
        _ xml: String, memory: JSON, method: String = "POST", parameters: JSONObject? = nil
    ) async throws -> ProviderHost.Answer {
        try await finish(Data(xml.utf8), memory: memory, method: method, parameters: parameters)
    }

    func finish(
        _ message: Data, memory: JSON, method: String = "POST", parameters: JSONObject? = nil
    ) async throws -> ProviderHost.Answer {
        let standard: JSONObject = [
            "SAMLResponse": [.string(message.base64EncodedString())], "RelayState": ["key-1"],
        ]
        return try await host.ask(
            .finish,
            [
                "base": .string(Names.base), "callback": .string(Names.callback), "method": .string(method),
                "parameters": .object(parameters ?? standard), "memory": memory,
            ])
    }
}
