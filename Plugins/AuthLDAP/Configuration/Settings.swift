import XOPluginAPI

/// The configuration, checked: nothing in it can turn out wrong later but by what the directory says.
struct Settings: Sendable {
    let label: String
    let servers: [ServerAddress]
    let order: ServerOrder
    let cooldown: Duration
    let security: Security
    let account: ServiceAccount
    let timeouts: Timeouts
    let pool: (maximum: Int, idle: Duration, maximumAge: Duration)
    let people: PeopleSettings
    let groups: GroupSettings?
    let requiredGroups: [DistinguishedName]
    let pageSize: Int

    /// What an administrator should know although it is permitted.
    let warnings: [String]

    init(_ configuration: Configuration, dataDirectory: String) throws(ConfigurationError) {
        Library.prepare()
        label = configuration.label
        var servers = [try ServerAddress(configuration.uri, key: "uri")]
        for (index, uri) in configuration.failoverUris.enumerated() {
            let server = try ServerAddress(uri, key: "failoverUris[\(index)]")
            guard !servers.contains(server) else {
                throw ConfigurationError("failoverUris[\(index)]: \(server.uri) is there twice")
            }
            servers.append(server)
        }
        self.servers = servers
        order = configuration.failover.order
        cooldown = .seconds(configuration.failover.cooldown)
        security = try Settings.security(configuration, dataDirectory)
        account = try ServiceAccount(configuration)
        timeouts = Timeouts(configuration.timeouts)
        pool = (
            configuration.pool.max, .seconds(configuration.pool.idle), .seconds(configuration.pool.maxAge)
        )
        people = try PeopleSettings(configuration)
        groups = try configuration.groups.map { groups throws(ConfigurationError) in try GroupSettings(groups) }
        requiredGroups = try Settings.requiredGroups(configuration)
        pageSize = configuration.pageSize
        warnings = try Settings.warnings(configuration, servers)
    }

    private static func security(
        _ configuration: Configuration, _ folder: String
    ) throws(ConfigurationError) -> Security {
        var sources: [TrustFile.Source] = []
        for (index, entry) in configuration.certificateAuthorities.enumerated() {
            if entry.contains("-----BEGIN") {
                sources.append(.text(entry))
            } else {
                sources.append(.file(try path(entry, key: "certificateAuthorities[\(index)]")))
            }
        }
        let authorities = TrustFile(sources, folder: folder)
        if !sources.isEmpty { try authorities.check() }
        var own: (String, String)?
        if let pair = configuration.clientCertificate {
            own = (
                try readable(pair.cert, key: "clientCertificate.cert"),
                try readable(pair.key, key: "clientCertificate.key")
            )
        }
        return Security(
            startTLS: configuration.startTls, checksCertificate: configuration.checkCertificate,
            authorities: authorities, minimumVersion: configuration.tlsMin, clientCertificate: own)
    }

    private static func path(_ text: String, key: String) throws(ConfigurationError) -> String {
        guard text.hasPrefix("/"), !text.contains("\0") else {
            throw ConfigurationError("\(key): found \(Printable.text(text)), expected an absolute path")
        }
        return text
    }

    private static func readable(_ text: String, key: String) throws(ConfigurationError) -> String {
        let path = try path(text, key: key)
        guard File.read(path)?.contains("-----BEGIN") == true else {
            throw ConfigurationError("\(key): \(path) is no PEM file that can be read")
        }
        return path
    }

    private static func requiredGroups(
        _ configuration: Configuration
    ) throws(ConfigurationError) -> [DistinguishedName] {
        var required: [DistinguishedName] = []
        for (index, text) in configuration.requireGroups.enumerated() {
            required.append(try name(text, key: "requireGroups[\(index)]"))
        }
        guard required.isEmpty || configuration.groups != nil else {
            throw ConfigurationError("requireGroups: needs groups, which says where groups are found")
        }
        return required
    }

    static func name(_ text: String, key: String) throws(ConfigurationError) -> DistinguishedName {
        guard let name = DistinguishedName(text) else {
            throw ConfigurationError(
                "\(key): found \(Printable.text(text)), expected the name of an entry, such as ou=people,dc=example,dc=org"
            )
        }
        return name
    }

    private static func warnings(
        _ configuration: Configuration, _ servers: [ServerAddress]
    ) throws(ConfigurationError) -> [String] {
        var warnings: [String] = []
        let isPlain = servers.filter { !$0.isTLS && !configuration.startTls && !$0.isLoopback }
        if let first = isPlain.first {
            guard configuration.allowPlainText else {
                throw ConfigurationError(
                    "uri: \(first.uri) would send passwords in clear text; use ldaps://, or startTls, or permit it with "
                        + "allowPlainText")
            }
            warnings.append("passwords are sent to \(first.uri) in clear text")
        }
        guard !configuration.startTls || servers.contains(where: { !$0.isTLS }) else {
            throw ConfigurationError("startTls: is for ldap://; with ldaps:// there is TLS already")
        }
        if !configuration.checkCertificate {
            warnings.append("certificates are not checked: anybody on the way can read passwords")
        }
        let id = configuration.userIdAttribute.lowercased()
        if ["uid", "cn", "dn", "mail", "samaccountname", "userprincipalname", "displayname"].contains(id) {
            warnings.append(
                "userIdAttribute \(configuration.userIdAttribute) can change or pass to another person, who would then be "
                    + "taken for the first; use entryUUID, nsUniqueId or objectGUID")
        }
        return warnings
    }
}

/// How long single steps may take.
struct Timeouts: Sendable {
    let connect: Duration
    let tls: Duration
    let bind: Duration
    let search: Duration
    let total: Duration

    init(_ times: Configuration.Times) {
        connect = .seconds(times.connect)
        tls = .seconds(times.tls)
        bind = .seconds(times.bind)
        search = .seconds(times.search)
        total = .seconds(times.total)
    }
}

/// As whom the service searches.
enum ServiceAccount: Sendable {
    case anonymous
    case certificate
    case password(name: String, password: Secret)

    fileprivate init(_ configuration: Configuration) throws(ConfigurationError) {
        if let account = configuration.bind {
            guard !account.dn.contains("\0"), !account.password.contains("\0") else {
                throw ConfigurationError("bind: a NUL character has no place in it")
            }
            var password = account.password
            self = .password(name: account.dn, password: password.withUTF8 { Secret(UnsafeRawBufferPointer($0)) })
        } else {
            self = configuration.clientCertificate == nil ? .anonymous : .certificate
        }
    }
}

/// Where people are, and what is read of them.
struct PeopleSettings: Sendable {
    let base: String
    let scope: DirectoryHandle.Search.Scope
    let filter: Filter
    let onMultiple: OnMultiple
    let idAttribute: String
    let nameAttribute: String
    let mailAttribute: String
    let isMailVerified: Bool
    let displayNameAttribute: String
    let more: [String]

    fileprivate init(_ configuration: Configuration) throws(ConfigurationError) {
        _ = try Settings.name(configuration.base, key: "base")
        base = configuration.base
        scope = configuration.searchScope == .one ? .children : .subtree
        do {
            filter = try Filter(parsing: configuration.filter, takesName: true)
        } catch {
            throw ConfigurationError("filter: \(error)")
        }
        onMultiple = configuration.onMultiple
        idAttribute = try attribute(configuration.userIdAttribute, key: "userIdAttribute")
        guard let name = configuration.nameAttribute ?? filter.nameAttributes.first else {
            throw ConfigurationError("nameAttribute: cannot be told from the filter; name it")
        }
        nameAttribute = try attribute(name, key: "nameAttribute")
        mailAttribute = try attribute(configuration.mailAttribute, key: "mailAttribute")
        isMailVerified = configuration.mailVerified
        displayNameAttribute = try attribute(configuration.displayNameAttribute, key: "displayNameAttribute")
        var more: [String] = []
        for (index, name) in configuration.attributes.enumerated() {
            more.append(try attribute(name, key: "attributes[\(index)]"))
        }
        self.more = more
    }
}

/// Where groups are, and how members are found.
struct GroupSettings: Sendable {
    let base: String
    /// Without a place for a name.
    let filter: String
    let idAttribute: String
    let nameAttribute: String
    let memberAttribute: String
    let userAttribute: String
    let memberOfAttribute: String
    let mode: GroupMode
    /// Whether nested groups are followed from here.
    let expands: Bool
    let prefix: String

    fileprivate init(_ groups: Configuration.Groups) throws(ConfigurationError) {
        _ = try Settings.name(groups.base, key: "groups.base")
        base = groups.base
        do {
            filter = try Filter(parsing: groups.filter, takesName: false).forAnybody
        } catch {
            throw ConfigurationError("groups.filter: \(error)")
        }
        idAttribute = try attribute(groups.idAttribute, key: "groups.idAttribute")
        nameAttribute = try attribute(groups.displayNameAttribute, key: "groups.displayNameAttribute")
        memberAttribute = try attribute(
            groups.membersMapping.groupAttribute, key: "groups.membersMapping.groupAttribute")
        userAttribute = try attribute(groups.membersMapping.userAttribute, key: "groups.membersMapping.userAttribute")
        memberOfAttribute = try attribute(groups.memberOfAttribute, key: "groups.memberOfAttribute")
        mode = groups.mode
        let isNested = mode == .adChain || mode == .expandNested
        guard groups.nested != false || !isNested else {
            throw ConfigurationError("groups.nested: is false, but mode \(mode.rawValue) follows nested groups")
        }
        expands = mode == .expandNested || (groups.nested == true && mode != .adChain)
        prefix = groups.prefix
    }
}

private func attribute(_ text: String, key: String) throws(ConfigurationError) -> String {
    guard AttributeName.isValid(text) else {
        throw ConfigurationError(
            "\(key): found \(Printable.text(text)), expected the name of an attribute, such as entryUUID, without options"
        )
    }
    return text
}
