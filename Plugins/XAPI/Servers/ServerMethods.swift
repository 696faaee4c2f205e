import FoundationEssentials
import XOJSON
import XOPluginAPI

/// `server.*`
struct ServerMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [add, remove, getAll, set, enable, disable] }

    private struct Addition: Decodable {
        var label: String?
        var host: String
        var username: String
        var password: String
        var autoConnect: Bool?
        var allowUnauthorized: Bool?
        var httpProxy: String?
        var fingerprint: String?
    }

    private struct Target: Decodable {
        var id: String
    }

    private var add: Method {
        Method(
            "server.add", "Registers a server of a pool and connects to it; returns its id.", permission: .admin,
            parameters: [
                "label": .string.optional,
                "host": .string.described("A name or an address, with :port if it is not 443."),
                "username": .string,
                "password": .string,
                "autoConnect": .boolean.optional.described("Connect at once, in the background; true by default."),
                "allowUnauthorized": .boolean.optional.described("Accept a certificate that nobody vouches for."),
                "httpProxy": .string.optional,
                "fingerprint": .string.optional.described(
                    "SHA-256 of the certificate that the server has, AB:CD:…; only that one is accepted."),
            ]
        ) { [registry] (parameters: Addition, call) in
            var record = ServerRecord(
                id: UUID().uuidString.lowercased(), label: parameters.label, host: parameters.host,
                username: parameters.username, enabled: true, readOnly: false,
                allowUnauthorized: parameters.allowUnauthorized ?? false, fingerprints: [:])
            if let fingerprint = parameters.fingerprint { try record.pin(fingerprint) }
            let secrets = ServerSecrets(password: parameters.password, httpProxy: parameters.httpProxy)
            return try await registry.add(record, secrets, connect: parameters.autoConnect ?? true)
        }
    }

    private var remove: Method {
        Method("server.remove", "Disconnects and forgets a server.", permission: .admin) {
            [registry] (parameters: Target, call) in
            try await registry.remove(parameters.id)
        }
    }

    private var getAll: Method {
        Method(
            "server.getAll", "Lists the registered servers and their status.", permission: .admin, isIdempotent: true
        ) {
            [registry] (parameters: JSON, call) in
            await registry.list()
        }
    }

    private var set: Method {
        Method(
            "server.set",
            "Changes a server. Host, credentials, proxy and certificate check only while it is disconnected.",
            permission: .admin,
            parameters: [
                "id": .string,
                "label": .string.nullable.optional,
                "host": .string.optional,
                "username": .string.optional,
                "password": .string.optional,
                "allowUnauthorized": .boolean.optional,
                "readOnly": .boolean.optional.described("Refuse everything that changes the pool."),
                "httpProxy": .string.nullable.optional,
                "fingerprint": .string.optional.described(
                    "SHA-256 of the certificate that the server has now, AB:CD:…; only that one is accepted."),
            ]
        ) { [registry] (parameters: JSON, call) in
            let update = ServerUpdate(
                label: parameters["label"].map(\.string), host: parameters["host"]?.string,
                username: parameters["username"]?.string, password: parameters["password"]?.string,
                allowUnauthorized: parameters["allowUnauthorized"]?.bool, readOnly: parameters["readOnly"]?.bool,
                httpProxy: parameters["httpProxy"].map(\.string), fingerprint: parameters["fingerprint"]?.string)
            try await registry.update(parameters["id"]?.string ?? "", update)
        }
    }

    private var enable: Method {
        Method("server.enable", "Connects to a server, now and after every start.", permission: .admin) {
            [registry] (parameters: Target, call) in
            try await registry.enable(parameters.id)
        }
    }

    private var disable: Method {
        Method("server.disable", "Disconnects from a server and leaves it so.", permission: .admin) {
            [registry] (parameters: Target, call) in
            try await registry.disable(parameters.id)
        }
    }
}
