/// What stands under `configuration` in `plugins.json`; ``schema`` describes it, and the host fills in its defaults.
/// ``Settings`` is what becomes of it.
struct Configuration: Decodable, Sendable {
    struct Account: Decodable, Sendable {
        var dn: String
        var password: String
    }

    struct Groups: Decodable, Sendable {
        struct Members: Decodable, Sendable {
            var groupAttribute: String
            var userAttribute: String
        }

        var base: String
        var filter: String
        var idAttribute: String
        var displayNameAttribute: String
        var membersMapping: Members
        var mode: GroupMode
        var nested: Bool?
        var memberOfAttribute: String
        var prefix: String
    }

    /// Seconds.
    struct Times: Decodable, Sendable {
        var connect: Double
        var tls: Double
        var bind: Double
        var search: Double
        var total: Double
    }

    struct Pool: Decodable, Sendable {
        var max: Int
        var idle: Double
        var maxAge: Double
    }

    struct Failover: Decodable, Sendable {
        var order: ServerOrder
        var cooldown: Double
    }

    struct KeyPair: Decodable, Sendable {
        var cert: String
        var key: String
    }

    var label: String
    var uri: String
    var failoverUris: [String]
    var failover: Failover
    var startTls: Bool
    var checkCertificate: Bool
    var certificateAuthorities: [String]
    var clientCertificate: KeyPair?
    var tlsMin: Security.MinimumVersion
    var allowPlainText: Bool
    var bind: Account?
    var base: String
    var searchScope: Scope
    var filter: String
    var onMultiple: OnMultiple
    var userIdAttribute: String
    var nameAttribute: String?
    var mailAttribute: String
    var mailVerified: Bool
    var displayNameAttribute: String
    var attributes: [String]
    var groups: Groups?
    var requireGroups: [String]
    var pageSize: Int
    var timeouts: Times
    var pool: Pool
}

/// Which entries below the base count.
enum Scope: String, Decodable, Sendable {
    case sub, one
}

/// What happens if a name fits several entries.
enum OnMultiple: String, Decodable, Sendable {
    /// Nobody comes in.
    case refuse
    /// The first whose password it is comes in.
    case tryEach
}

/// Where a person's groups are found.
enum GroupMode: String, Decodable, Sendable {
    /// In an attribute of the person, such as `memberOf`.
    case fromUser
    /// In the groups that list the person.
    case fromGroups
    /// The directory follows nested groups itself (Active Directory's matching rule in chain).
    case adChain
    /// We follow them.
    case expandNested
}

/// Which server is asked first.
enum ServerOrder: String, Decodable, Sendable {
    case listed, random
}
