import Foundation
import TestSupport
import XOJSON

/// An Active Directory domain controller (Samba) with the people of `samba-ad.py`.
struct SambaAD: Sendable {
    static let shared = Shared { try await SambaAD() }

    /// Its ports are fixed, so it has an address of its own.
    private static let address = "127.0.0.77"

    private let server: DirectoryServer
    private let folder: String

    private init() async throws {
        folder = try Scratch.folder()
        server = try await DirectoryServer("samba-ad.sh", folder, [SambaAD.address])
    }

    /// A configuration that works with it.
    func configuration(_ more: JSONObject = [:]) -> JSON {
        var members: JSONObject = [
            "uri": .string(SambaAD.tlsURI), "base": "DC=ad,DC=example,DC=test",
            "certificateAuthorities": [.string(authority)],
            "bind": ["dn": "reader@ad.example.test", "password": "reader-pw"],
            "filter":
                "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={{name}})(userPrincipalName={{name}})))",
            "userIdAttribute": "objectGUID",
        ]
        members.merge(more, uniquingKeysWith: { $1 })
        return .object(members)
    }

    static let groups: JSON = [
        "base": "DC=ad,DC=example,DC=test", "filter": "(objectClass=group)", "idAttribute": "objectGUID",
        "displayNameAttribute": "sAMAccountName",
    ]

    /// The certificate that vouches for it.
    var authority: String { "\(folder)/tls/ca.pem" }

    static let tlsURI = "ldaps://\(address)"
    static let uri = "ldap://\(address)"
}
