import FoundationEssentials
import XOJSON
import XOProtocol

extension HostMethods {
    /// `system.*`: what the server is and can do.
    static func system(_ services: Services) throws -> [MethodDefinition] {
        [
            try method("system.getMethodsInfo", "All methods, with parameters and permissions.", .everybody) { _ in
                .result(.object(JSONObject(uniqueKeysWithValues: services.registry.all.map { ($0.name, $0.info) })))
            },
            try method("system.listMethods", "The names of all methods.", .everybody) { _ in
                .result(.array(services.registry.all.map { .string($0.name) }))
            },
            try method(
                "system.methodSignature", "Parameters and permission of one method.", .everybody,
                ["method": ["type": "string"]]
            ) { call in
                guard let name = call.parameters["method"]?.string, let method = services.registry[name] else {
                    throw MethodError(code: 1, message: "no such object undefined", data: [:])
                }
                var info: JSONObject = ["name": .string(name)]
                info.merge(method.info.object ?? [:], uniquingKeysWith: { first, _ in first })
                return .result([.object(info)])
            },
            try method(
                "system.getServerVersion", "The version of the interface that this server is compatible with.",
                .everybody
            ) { _ in .result(.string(HostVersion.compatibility)) },
            try method("system.getVersion", "The version of the protocol.", .everybody) { _ in .result("0.1") },
            try method("system.getServerTimezone", "The server's time zone.", .signedIn) { _ in
                .result(.string(TimeZone.current.identifier))
            },
        ]
    }
}
