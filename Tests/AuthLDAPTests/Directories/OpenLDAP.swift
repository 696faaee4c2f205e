import Foundation
import TestSupport
import XOJSON

/// An OpenLDAP server with the people of `openldap.py`.
struct OpenLDAP: Sendable {
    /// The one that tests use which only ask.
    static let shared = Shared { try await OpenLDAP.start() }

    let server: DirectoryServer
    let port: Int
    let tlsPort: Int
    private let folder: String

    var uri: String { "ldap://127.0.0.1:\(port)" }
    var tlsURI: String { "ldaps://127.0.0.1:\(tlsPort)" }
    /// A file of the folder `tls`.
    func tls(_ name: String) -> String { "\(folder)/tls/\(name)" }

    /// - Parameter environment: see `openldap.sh`.
    static func start(_ environment: [String: String] = [:]) async throws -> OpenLDAP {
        try await OpenLDAP(
            Scratch.folder(), DirectoryServer.freePort(), DirectoryServer.freePort(), environment: environment)
    }

    private init(
        _ folder: String, _ port: Int, _ tlsPort: Int, environment: [String: String]
    ) async throws {
        self.folder = folder
        self.port = port
        self.tlsPort = tlsPort
        server = try await DirectoryServer(
            "openldap.sh", folder, ["\(port)", "\(tlsPort)"], environment: environment)
    }

    /// Starts it again, with the same data at the same ports.
    func restarted(_ environment: [String: String] = [:]) async throws -> OpenLDAP {
        try await OpenLDAP(folder, port, tlsPort, environment: environment)
    }

    /// Changes an entry, as the directory's administrator.
    func modify(_ ldif: String) async throws {
        let outcome = try await Program.run(
            URL(filePath: "/usr/bin/ldapmodify"),
            ["-x", "-H", uri, "-D", "cn=admin,dc=example,dc=test", "-w", "admin-secret"], input: ldif)
        guard outcome.status == 0 else { throw DirectoryProblem(description: outcome.errors) }
    }

    func signal(_ signal: Int32) throws { try server.send(signal, pidFile: "slapd.pid") }

    /// A configuration that works with it.
    func configuration(uri: String? = nil, _ more: JSONObject = [:]) -> JSON {
        var members: JSONObject = [
            "uri": .string(uri ?? self.uri), "base": "ou=people,dc=example,dc=test", "userIdAttribute": "entryUUID",
            "bind": ["dn": "cn=reader,ou=services,dc=example,dc=test", "password": "reader-secret"],
            "certificateAuthorities": [.string(tls("ca.pem"))],
        ]
        members.merge(more, uniquingKeysWith: { $1 })
        return .object(members)
    }

    /// The member `groups` of a configuration.
    static func groups(_ more: JSONObject = [:]) -> JSON {
        var members: JSONObject = ["base": "ou=groups,dc=example,dc=test", "idAttribute": "entryUUID"]
        members.merge(more, uniquingKeysWith: { $1 })
        return .object(members)
    }
}
