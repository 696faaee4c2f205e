import XOJSON
import XOProtocol

extension HostMethods {
    /// `auth.*`: the providers of identities, and what their people are here. Not part of the network contract.
    static func auth(_ services: Services) throws -> [MethodDefinition] {
        let provider: JSON = ["type": "string", "description": "the id of the plugin's instance"]
        return [
            try method("auth.getProviders", "The plugins that vouch for people.", .atLeast(.admin)) { _ in
                .result(
                    .array(
                        services.providers.all.map { provider in
                            [
                                "id": .string(provider.id), "label": .string(provider.offer.label),
                                "password": .bool(provider.offer.takesPasswords),
                                "token": .bool(provider.offer.takesTokens),
                                "redirect": .bool(provider.offer.redirectKey != nil),
                            ]
                        }))
            },
            try method(
                "auth.preview",
                "Who somebody would be here, and why: a person of the provider, or a sample. Changes nothing.",
                .atLeast(.admin),
                [
                    "provider": provider,
                    "name": ["type": "string", "optional": true, "description": "as it is typed"],
                    "subject": ["type": "string", "optional": true],
                    "voucher": [
                        "type": "object", "optional": true, "additionalProperties": true,
                        "description": "a sample: subject, name, groups …",
                    ],
                ]
            ) { call in
                call.asynchronously { try await preview(call, services) }
            },
            try method(
                "auth.sync",
                "Asks the provider for its people who are users here, and applies what has changed. With dryRun: tells "
                    + "what would be.",
                .atLeast(.admin),
                [
                    "provider": provider, "dryRun": ["type": "boolean", "optional": true],
                    "force": ["type": "boolean", "optional": true],
                ]
            ) { call in
                call.asynchronously {
                    let provider = try services.provider(call.parameters["provider"])
                    return try await Synchronization(services: services, provider: provider).run(
                        isDryRun: call.parameters["dryRun"] == true, isForced: call.parameters["force"] == true)
                }
            },
        ]
    }

    private static func preview(_ call: NativeCall, _ services: Services) async throws -> JSON {
        let provider = try services.provider(call.parameters["provider"])
        let voucher: Voucher
        do {
            if let sample = call.parameters["voucher"] {
                voucher = try Voucher(sample)
            } else {
                let person: JSON
                if let subject = call.parameters["subject"] {
                    person = ["subject": subject]
                } else if let name = call.parameters["name"] {
                    person = ["name": name]
                } else {
                    throw MethodError.invalidParameters("invalid parameters: give `name`, `subject` or `voucher`")
                }
                switch try await provider.lookUp([person]).first {
                case .present(let found): voucher = found
                case .unclear(let reason): throw MethodError.failed("\(provider.id): \(reason)")
                case .gone, nil:
                    throw MethodError.failed("\(provider.id) knows nobody of that name who may sign in")
                }
            }
        } catch let problem as Voucher.Problem {
            throw MethodError.invalidParameters("invalid parameters: \(problem)")
        } catch let refusal as ProviderRefusal {
            throw MethodError.failed("\(provider.id): \(refusal)")
        }
        let mapped = provider.rules.map(voucher)
        let user = try await services.inBackground {
            try services.links.find(provider: provider.id, subject: voucher.subject)
                .flatMap { try services.users.find(id: $0.userID) }
        }
        return [
            "voucher": voucher.json, "mapped": mapped.json,
            "user": user.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null,
        ]
    }
}

extension Services {
    /// The provider that a parameter names.
    func provider(_ id: JSON?) throws -> Providers.Provider {
        guard let id = id?.string, let provider = providers[id] else {
            throw MethodError.noSuchObject(id: id?.string ?? "", type: "provider")
        }
        return provider
    }
}
